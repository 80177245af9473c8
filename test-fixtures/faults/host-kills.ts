import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Violation } from '#host/store/testing/oracle.ts';
import type { MessageID } from '#shared/ids.ts';
import type { Child } from './children.ts';
import { wantsContinue } from './host-ledger.ts';
import type { HostLine } from './host-lines.ts';
import { type HostPoint, hostPoints } from './host-points.ts';
import { inHost, look, mostTasks, newRequests, openRig, type Rig, tell } from './host-rig.ts';
import { portion, type Scenario, Tally } from './scenario.ts';

const rounds = 20;
const killsPerHome = mostTasks;
/** The store's thread is gone with the process; or there is nothing yet that could be folded. */
const mayFail = new Set(['store.failed', 'compaction.nothing', 'session.unknown']);

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
    const isFold = point.type === 'store' && point.during === 'compaction';
    const isReached = isFold ? await dieFolding(rig, child) : await diePrompted(rig, child, point);
    tally.count('kills');
    if (isReached) reached.add(point.name);
    tally.count(`killed in a ${isFold ? 'compaction' : 'prompt'}`, Number(isReached));
  });
}

async function dieFolding(rig: Rig, child: Child<HostLine>): Promise<boolean> {
  const start = child.lines.length;
  tell(child, { type: 'compact', sessionID: rig.sessionID });
  const over = idleAfter(rig, child, { start });
  const first = await Promise.race([child.ended.then(() => 'here' as const), over]);
  await child.kill();
  return first === 'here';
}

async function diePrompted(rig: Rig, child: Child<HostLine>, point: HostPoint): Promise<boolean> {
  rig.prompts += 1;
  const messageID = `msg_faults${rig.prompts}` as MessageID;
  rig.ledger.prompt(messageID);
  const before = rig.server.requests.length;
  const text = `task ${rig.prompts}, if you please`;
  tell(child, { type: 'prompt', sessionID: rig.sessionID, messageID, text });
  const isReached = await dieAt(rig, child, point);
  if (child.lines.some((line) => line.type === 'admitted')) rig.ledger.acknowledge(messageID);
  const requests = rig.server.requests.slice(before).filter(({ hasTools }) => hasTools).length;
  if (isReached) checkOrder(rig, point, { messageID, requests });
  return isReached;
}

/** Follows the prompt, with an answer to each permission, up to the point. @returns whether it came there. */
async function dieAt(rig: Rig, child: Child<HostLine>, point: HostPoint): Promise<boolean> {
  const start = child.lines.length;
  const here = arrival(rig, child, point);
  // In the other cases nobody holds the answers up.
  openGates(rig, rig.prompts, point.type === 'stream' ? point.nth : undefined);
  rig.hasReplied = false;
  const over = idleAfter(rig, child, { start, asked: point.type === 'line' ? 'never' : 'reply' });
  const first = await Promise.race([here.then(() => 'here' as const), over]);
  await child.kill();
  return first === 'here';
}

function arrival(rig: Rig, child: Child<HostLine>, point: HostPoint): Promise<unknown> {
  switch (point.type) {
    case 'request':
      return rig.server.waitForRequest(rig.server.requests.length + point.nth);
    case 'stream':
      return rig.server.reached(`answer ${point.nth} of task ${rig.prompts}`);
    case 'line':
      return child.said(point.fits, child.lines.filter(point.fits).length + 1);
    case 'store':
      return child.ended;
  }
}

function openGates({ server }: Rig, task: number, but?: number): void {
  for (const answer of [1, 2, 3]) if (answer !== but) server.open(`answer ${answer} of task ${task}`);
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
      if (line.type === 'failed' && !mayFail.has(line.code))
        throw new Violation(`${line.code}: ${line.message}`);
      if (line.type === 'idle' || line.type === 'failed') return 'idle';
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
  found: { readonly messageID: MessageID; readonly requests: number },
): void {
  if (point.type !== 'store' || point.at.when === 'synced') return;
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
  const isAsked = opened.isBusy || rig.server.requests.length > rig.atStart;
  if (isAsked && !rig.hasReplied) throw new Violation('it goes on by itself, and nobody told it to');
  ledger.checkOpened(opened, newRequests(rig));
  const start = child.lines.length;
  for (let task = 1; task <= rig.prompts; task++) openGates(rig, task);
  for (const id of opened.asked) tell(child, { type: 'reply', id });
  const isWaiting = opened.asked.length > 0 || opened.isBusy;
  if (isWaiting) await idleAfter(rig, child, { start });
  const settled = isWaiting ? await look(rig, child) : opened;
  if (wantsContinue(settled)) {
    const again = child.lines.length;
    tell(child, { type: 'go-on', sessionID });
    await idleAfter(rig, child, { start: again });
  }
  rig.hasReplied = false;
  const done = await look(rig, child);
  ledger.checkDone(done, newRequests(rig));
}
