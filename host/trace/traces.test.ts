import { mkdir, mkdtemp, readdir, realpath, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { nodeFiles } from '../node/files.ts';
import { renderTrace } from './render-trace.ts';
import { createTraceFiles } from './trace-files.ts';
import { createTraces, type Traces } from './traces.ts';

const sessionID = 'ses_1' as SessionID;
let folder: string;
let clock: { time: number; now(): number; monotonic(): number; after(): Disposable };
let faults: unknown[];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-trace-')));
  await mkdir(folder, { recursive: true });
  faults = [];
  clock = {
    time: 1000,
    now: () => clock.time,
    monotonic: () => clock.time,
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function tracesIn(most?: { readonly files: number; readonly bytes: number }): Traces {
  const directory = join(folder, 'traces');
  const files = createTraceFiles({ directory, files: nodeFiles, ...(most ? { most } : {}) });
  const log = {
    error: (_text: string, error: unknown) => void faults.push(error),
    info: () => undefined,
    debug: () => undefined,
    warn: () => undefined,
    trace: () => undefined,
  };
  return createTraces({ clock, log, files });
}

function turnOf(id: string, session = sessionID) {
  return {
    sessionID: session,
    id: id as MessageID,
    agent: 'build',
    providerID: 'test',
    modelID: 'one',
  } as const;
}

/** A turn with a request, two pieces of text and a tool call, over in 100 ms. */
function runTurn(traces: Traces, id: string, session = sessionID): void {
  const tracer = traces.turn(turnOf(id, session));
  tracer.sent({
    url: 'https://x.test',
    headers: { a: 'b' },
    body: { messages: [{ role: 'user', content: id }] },
  });
  clock.time += 50;
  tracer.piece('text', 3);
  clock.time += 10;
  tracer.piece('text', 4);
  const call = tracer.call('call_1', 'read');
  clock.time += 40;
  call.end('completed');
  tracer.end({ tokens: 7 });
}

test('a turn is traced with its request, its pieces counted and its calls timed (RT-15)', async () => {
  const traces = tracesIn();
  runTurn(traces, 'msg_1');
  const trace = await traces.find(sessionID, 'msg_1' as MessageID);
  expect(trace?.request?.body).toEqual({ messages: [{ role: 'user', content: 'msg_1' }] });
  expect(trace?.entries).toEqual([
    { at: 0, name: 'request.sent', facts: {} },
    { at: 50, lasted: 10, name: 'text', facts: { pieces: 2, characters: 7 } },
    { at: 60, lasted: 40, name: 'tool read', facts: { callID: 'call_1', outcome: 'completed' } },
    { at: 100, name: 'turn.ended', facts: { tokens: 7 } },
  ]);
  expect(faults).toEqual([]);
});

test('a running turn is shown as far as it is, and one that was never kept is not there', async () => {
  const traces = tracesIn();
  traces.turn(turnOf('msg_1')).mark('promoted');
  expect((await traces.find(sessionID, 'msg_1' as MessageID))?.entries).toHaveLength(1);
  expect(await traces.find(sessionID, 'msg_2' as MessageID)).toBeUndefined();
});

test('only the newest traces are kept, and those of a forgotten session are removed from the disk', async () => {
  const traces = tracesIn({ files: 2, bytes: 1e6 });
  const other = 'ses_2' as SessionID;
  for (const id of ['msg_1', 'msg_2']) runTurn(traces, id);
  await traces.find(sessionID, 'msg_2' as MessageID);
  runTurn(traces, 'msg_3', other);
  await traces.find(other, 'msg_3' as MessageID);
  expect(await readdir(join(folder, 'traces'))).toHaveLength(2);
  await traces.forget(other);
  expect((await readdir(join(folder, 'traces'))).filter((name) => name.startsWith(other))).toEqual([]);
  expect(await traces.find(other, 'msg_3' as MessageID)).toBeUndefined();
});

test('a turn that waited for an answer and was taken up again is one trace (RT-15)', async () => {
  const traces = tracesIn();
  const drain = traces.drain(sessionID);
  traces.turn(turnOf('msg_1')).sent({ url: 'u', headers: {}, body: { model: 'one' } });
  drain.end('interrupted');
  clock.time += 500;
  traces.turn(turnOf('msg_1')).call('call_1', 'edit').end('completed');
  traces.turn(turnOf('msg_1')).end({});
  const trace = await traces.find(sessionID, 'msg_1' as MessageID);
  expect(trace?.request?.body).toEqual({ model: 'one' });
  expect(trace?.entries.map(({ at, name }) => `${at} ${name}`)).toEqual([
    '0 request.sent',
    '0 turn.ended',
    '500 tool edit',
    '500 turn.ended',
  ]);
});

test('a trace that a crash cut off is not there, and is written anew', async () => {
  const traces = tracesIn();
  runTurn(traces, 'msg_1-a');
  expect(await traces.find(sessionID, 'msg_1-a' as MessageID)).toBeDefined();
  const [name = ''] = await readdir(join(folder, 'traces'));
  await truncate(join(folder, 'traces', name), 40);
  expect(await traces.find(sessionID, 'msg_1-a' as MessageID)).toBeUndefined();
  runTurn(traces, 'msg_1-a');
  expect(await traces.find(sessionID, 'msg_1-a' as MessageID)).toBeDefined();
  expect(faults).toEqual([]);
});

test('an id that would leave the folder names no file, and the turn goes on', async () => {
  const traces = tracesIn();
  runTurn(traces, 'msg_/../../x');
  await traces.forget(sessionID);
  expect(await traces.find(sessionID, 'msg_/../../x' as MessageID)).toBeUndefined();
  expect(faults).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

test('a trace reads as Markdown whose fences no message can close', async () => {
  const traces = tracesIn();
  const tracer = traces.turn(turnOf('msg_1'));
  tracer.sent({
    url: 'u',
    headers: {},
    body: { messages: [{ role: 'user', content: '```\n# injected\n````' }] },
  });
  tracer.end({});
  const trace = await traces.find(sessionID, 'msg_1' as MessageID);
  const text = trace ? renderTrace(trace) : '';
  expect(text).toContain('`````text\n```\n# injected\n````\n`````');
  const many = { ...trace, request: { url: '', headers: {}, body: { input: '` '.repeat(200_000) } } };
  expect(() => renderTrace(many as NonNullable<typeof trace>)).not.toThrow();
  expect(text).toMatch(/\| 0\.0 ms \| +\| request\.sent \|/);
});
