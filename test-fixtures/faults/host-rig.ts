import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Violation } from '#host/store/testing/oracle.ts';
import { temporaryFolder } from '#host/store/testing/toy-store.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Script } from '../model-server/script.ts';
import { type ModelServer, startModelServer } from '../model-server/server.ts';
import { type Child, startChild } from './children.ts';
import { HostLedger } from './host-ledger.ts';
import type { HostCommand, HostLine, HostView } from './host-lines.ts';

/** Prompts that the model has answers for. */
export const mostTasks = 10;
const settledMs = 50;

/** A home, a workspace and a storage that hosts follow one another on, the model, and what the parent knows. */
export interface Rig extends AsyncDisposable {
  readonly server: ModelServer;
  readonly options: { readonly home: string; readonly workspace: string; readonly storage: string };
  readonly sessionID: SessionID;
  readonly ledger: HostLedger;
  /** Requests that were looked at. */
  seen: number;
  prompts: number;
  /** Requests that had come when the host that runs was started. */
  atStart: number;
  /** A permission was given to the host that was killed last: the next one takes that turn up by itself. */
  hasReplied: boolean;
}

export async function openRig(name: string): Promise<Rig> {
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
    atStart: 0,
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

/** Requests for turns that came since the last look. Those for titles and summaries offer no tools. */
export function newRequests(rig: Rig): number {
  const requests = rig.server.requests.slice(rig.seen).filter(({ hasTools }) => hasTools);
  rig.seen = rig.server.requests.length;
  return requests.length;
}

export async function look({ sessionID }: Rig, child: Child<HostLine>): Promise<HostView> {
  const isView = (line: HostLine): line is HostView => line.type === 'view';
  const count = child.lines.filter(isView).length + 1;
  tell(child, { type: 'look', sessionID });
  await child.said(isView, count);
  const view = child.lines.filter(isView)[count - 1];
  if (view === undefined) throw new Violation('the host ended before it could be looked at');
  return view;
}

export async function inHost(
  rig: Rig,
  where: string,
  use: (child: Child<HostLine>) => Promise<void>,
): Promise<void> {
  // What the one before it sent has come by now.
  await delay(settledMs);
  rig.atStart = rig.server.requests.length;
  await using child = startChild<HostLine>({ program: 'host-child.ts', options: rig.options });
  await child.said(({ type }) => type === 'opened');
  try {
    await use(child);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Violation(`${where}: ${error.message}`);
  }
}

export function tell(child: Child<HostLine>, command: HostCommand): void {
  child.tell(command);
}

/** A read, an edit that is asked for, and an answer; each stands at a gate in its middle. */
const script: Script = {
  model: 'scripted',
  turns: Array.from({ length: mostTasks }, (_, index) => turnsOfTask(index + 1)).flat(),
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
