import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Violation } from '#host/store/testing/oracle.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Script } from '../model-server/script.ts';
import { type ModelServer, startModelServer } from '../model-server/server.ts';
import { type Child, startChild } from './children.ts';
import { HostLedger, wantsContinue } from './host-ledger.ts';
import type { HostCommand, HostLine, HostView } from './host-lines.ts';
import { type HostPoint, hostPoints } from './host-points.ts';
import { portion, type Scenario, Tally } from './scenario.ts';

const rounds = 20;
const killsPerHome = 10;
const unaskedMs = 100;

/**
 * Figure 19: a real host is killed at each moment of a prompt's life. The parent is the oracle: it prompts, it is the
 * model, and it looks at what the next host finds.
 */
export const hostKills: Scenario = {
  name: 'Figure 19, host kills',
  async run(options) {
    const tally = new Tally();
    const kills = portion(hostPoints.length * rounds, options, 6);
    const reached = new Set<string>();
    // Points are spread over a short run; a full one has each of them many times.
    const stride = Math.max(1, Math.floor(hostPoints.length / kills));
    for (let first = 0; first < kills; first += killsPerHome) {
      await tally.try(`kills ${first + 1} and on, seed ${options.seed}`, async () => {
        await using rig = await openRig(`${first}`);
        for (let kill = first; kill < Math.min(kills, first + killsPerHome); kill++) {
          const point = hostPoints[(kill * stride + options.seed) % hostPoints.length];
          if (point !== undefined) await killOnce(rig, point, { tally, reached });
        }
        await inHost(rig, 'the last one', (child) => settle(rig, child));
      });
    }
    tally.count('points reached', reached.size);
    tally.count('points there are', hostPoints.length);
    return tally.outcome();
  },
};

interface Rig extends AsyncDisposable {
  readonly server: ModelServer;
  readonly options: { readonly home: string; readonly workspace: string; readonly storage: string };
  readonly sessionID: SessionID;
  readonly ledger: HostLedger;
  /** Requests that were looked at. */
  seen: number;
  prompts: number;
  /** A permission was given to the host that was killed last: the next one takes that turn up by itself. */
  hasReplied: boolean;
}

async function openRig(name: string): Promise<Rig> {
  const folder = temporaryFolder();
  const server = await startModelServer({ scripts: script, pace: 1 });
  const home = join(folder.path, 'home');
  const workspace = join(folder.path, 'workspace');
  mkdirSync(join(home, '.config', 'opencode'), { recursive: true });
  cpSync(join(import.meta.dirname, '../workspaces/sample'), workspace, { recursive: true });
  writeFileSync(join(workspace, 'opencode.json'), JSON.stringify({ permission: { edit: 'ask' } }));
  writeFileSync(join(home, '.config', 'opencode', 'opencode.json'), JSON.stringify(configOf(server.url)));
  return {
    server,
    options: { home, workspace, storage: join(folder.path, 'storage') },
    sessionID: `ses_faults${name}` as SessionID,
    ledger: new HostLedger(),
    seen: 0,
    prompts: 0,
    hasReplied: false,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function configOf(baseURL: string): object {
  const models = { scripted: { name: 'Scripted', limit: { context: 128_000, output: 8_192 } } };
  const options = { baseURL, apiKey: 'key' };
  return {
    model: 'scripted/scripted',
    provider: { scripted: { name: 'Scripted', npm: '@ai-sdk/openai-compatible', options, models } },
  };
}

interface Report {
  readonly tally: Tally;
  readonly reached: Set<string>;
}

async function killOnce(rig: Rig, point: HostPoint, { tally, reached }: Report): Promise<void> {
  await inHost(rig, point.name, async (child) => {
    await settle(rig, child);
    if (point.type === 'store') {
      tell(child, { type: 'arm', at: point.at });
      await child.said(({ type }) => type === 'armed');
    }
    if (point.type === 'store' && point.during === 'compaction') await compact(rig, child, point);
    else await prompt(rig, child, point);
    tally.count('kills');
  });
}

/** Follows the prompt, with an answer to each permission, up to the point. @returns whether it came there. */
async function dieAt(rig: Rig, child: Child<HostLine>, point: HostPoint): Promise<boolean> {
  const start = child.lines.length;
  const nth = rig.server.requests.length;
  const task = rig.prompts;
  const here =
    point.type === 'request'
      ? rig.server.waitForRequest(nth + point.nth)
      : point.type === 'stream'
        ? rig.server.reached(`answer ${point.nth} of task ${task}`)
        : point.type === 'line'
          ? child.said(point.fits, child.lines.filter(point.fits).length + 1)
          : child.ended;
  // In the other cases nobody holds the answers up.
  for (const each of [1, 2, 3]) {
    if (point.type !== 'stream' || each !== point.nth) rig.server.open(`answer ${each} of task ${task}`);
  }
  rig.hasReplied = false;
  const over = idleAfter(rig, child, { start, asked: point.type === 'line' ? 'never' : 'reply' });
  const first = await Promise.race([here.then(() => 'here' as const), over]);
  await child.kill();
  return first === 'here';
}

/** Resolves when nothing runs any more; permissions that are asked for on the way are given. */
async function idleAfter(
  rig: Rig,
  child: Child<HostLine>,
  { start, asked = 'reply' }: { readonly start: number; readonly asked?: 'reply' | 'never' },
): Promise<'idle'> {
  const answered = new Set<string>();
  for (let seen = start; ; ) {
    const news = child.lines.slice(seen);
    seen = child.lines.length;
    for (const line of news) {
      if (line.type === 'failed' && line.code !== 'store.failed')
        throw new Violation(`${line.code}: ${line.message}`);
      if (line.type === 'idle') return 'idle';
      if (line.type !== 'asked' || asked === 'never' || answered.has(line.id)) continue;
      answered.add(line.id);
      rig.hasReplied = true;
      tell(child, { type: 'reply', id: line.id });
    }
    const count = seen + 1;
    const ended = await Promise.race([
      child.said(() => true, count).then(() => false),
      child.ended.then(() => true),
    ]);
    if (ended) await new Promise<never>(() => undefined);
  }
}

/** Nothing leaves the process before what it rests on is durable. */
function checkOrder(
  rig: Rig,
  point: HostPoint,
  found: { readonly isReached: boolean; readonly messageID: MessageID; readonly requests: number },
): void {
  if (!found.isReached || point.type !== 'store' || point.at.when === 'synced') return;
  const [fact = '', nth = '1'] = point.fact.split(' ');
  if (fact === 'session.input.admitted' && rig.ledger.isAcknowledged(found.messageID))
    throw new Violation('the prompt was acknowledged before it was durable');
  if (fact.startsWith('session.input.') && found.requests > 0)
    throw new Violation('the model was asked before the acknowledgement');
  if (fact === 'session.turn.started' && found.requests >= Number(nth))
    throw new Violation(`request ${nth} came before its turn was durable`);
  const isTouched = existsSync(join(rig.options.workspace, `task-${rig.prompts}.txt`));
  if (/^(?:permission\.replied|session\.tool\.started)$/.test(fact) && isTouched)
    throw new Violation('the tool had its effect before its intent was durable');
}

/** What the killed host left: it is looked at, and then the user goes on until everything is answered. */
async function settle(rig: Rig, child: Child<HostLine>): Promise<void> {
  const { ledger, sessionID } = rig;
  const opened = await look(rig, child);
  ledger.checkOpened(opened, newRequests(rig));
  if (!rig.hasReplied) {
    // Long enough for a request that nobody asked for.
    await delay(unaskedMs);
    if (newRequests(rig) > 0) throw new Violation('the model is asked, and nobody went on');
  }
  const start = child.lines.length;
  for (let task = 1; task <= rig.prompts; task++)
    for (const each of [1, 2, 3]) rig.server.open(`answer ${each} of task ${task}`);
  for (const id of opened.asked) tell(child, { type: 'reply', id });
  const isWaiting = opened.asked.length > 0 || opened.isBusy;
  if (isWaiting) await idleAfter(rig, child, { start });
  const settled = isWaiting ? await look(rig, child) : opened;
  if (wantsContinue(settled)) {
    const again = child.lines.length;
    tell(child, { type: 'go-on', sessionID });
    await idleAfter(rig, child, { start: again });
  }
  const done = await look(rig, child);
  ledger.checkDone(done, newRequests(rig));
}

/** Requests for turns that came since the last look. */
function newRequests(rig: Rig): number {
  const requests = rig.server.requests.slice(rig.seen).filter(({ hasTools }) => hasTools);
  rig.seen = rig.server.requests.length;
  return requests.length;
}

async function look({ sessionID }: Rig, child: Child<HostLine>): Promise<HostView> {
  const isView = (line: HostLine): line is HostView => line.type === 'view';
  const count = child.lines.filter(isView).length + 1;
  tell(child, { type: 'look', sessionID });
  await child.said(isView, count);
  const view = child.lines.filter(isView)[count - 1];
  if (view === undefined) throw new Violation('the host ended before it could be looked at');
  return view;
}

async function inHost(
  rig: Rig,
  where: string,
  use: (child: Child<HostLine>) => Promise<void>,
): Promise<void> {
  await using child = startChild<HostLine>({ program: 'host-child.ts', options: rig.options });
  await child.said(({ type }) => type === 'opened');
  try {
    await use(child);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Violation(`${where}: ${error.message}`);
  }
}

function tell(child: Child<HostLine>, command: HostCommand): void {
  child.tell(command);
}

/** A read, an edit that is asked for, and an answer; each stands at a gate in its middle. */
const script: Script = {
  model: 'scripted',
  turns: Array.from({ length: killsPerHome }, (_, index) => turnsOfTask(index + 1)).flat(),
};

function turnsOfTask(task: number): Script['turns'] {
  const user = `task ${task},`;
  const gate = (answer: number) => ({ gate: `answer ${answer} of task ${task}` });
  const write = { filePath: `task-${task}.txt`, content: `The file of task ${task}.\n` };
  return [
    {
      when: { user, step: 0 },
      reply: [
        { text: 'I look at what is there.', chunks: 3 },
        gate(1),
        { tool: 'read', input: { filePath: 'greet.ts' } },
      ],
    },
    {
      when: { user, step: 1 },
      reply: [{ text: 'Now the file.', chunks: 2 }, gate(2), { tool: 'write', input: write }],
    },
    { when: { user, step: 2 }, reply: [{ text: 'It is', chunks: 2 }, gate(3), { text: ' done.' }] },
    // After an interruption.
    { when: { user }, reply: [{ text: 'It went on to its end.' }] },
  ];
}
