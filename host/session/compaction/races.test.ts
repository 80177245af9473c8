import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionView } from '#shared/fold.ts';
import type { SessionID } from '#shared/ids.ts';
import { answer, bodyOf, lastTurn } from '../../testing/read-view.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';

// What happens while a summary is being written: its stream stands at the gate `fold`.

const read = { tool: 'read', input: { filePath: 'greet.ts' } };
const full = { usage: { input: 125_000, output: 100 } };
const little = { usage: { input: 3_000, output: 10 } };
const script = {
  model: 'scripted',
  contextTokens: 12_000,
  turns: [
    {
      when: { tools: false, user: 'write the summary' },
      reply: [{ text: 'SUMMARY ' }, { gate: 'fold' }, { text: 'of it all' }],
    },
    { when: { user: 'fill it', step: 0 }, reply: [read, full] },
    { when: { user: 'fill it', step: 1 }, reply: [{ text: 'Filled.' }, little] },
    { reply: [{ text: 'Answer.' }, little] },
  ],
};

/** A session whose context has been filled, and whose summary is being written. */
async function folding(): Promise<
  { rig: TestHost; sessionID: SessionID; before: SessionView } & AsyncDisposable
> {
  const rig = await openTestHost({ script });
  const before = await rig.run('an older prompt');
  const sessionID = before.session.id;
  await rig.prompt('fill it', { sessionID });
  await rig.event('message.part.delta', ({ properties }) => properties.delta.includes('SUMMARY'));
  return { rig, sessionID, before, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

const promptsOf = ({ messages }: SessionView) =>
  messages.flatMap(({ info, parts }) =>
    info.role === 'user' ? parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
  );

const summaryOf = ({ messages }: SessionView) =>
  messages.find(({ info }) => info.role === 'assistant' && info.summary === true);

const lastSent = ({ server }: TestHost) => bodyOf(server.requests.at(-1)).messages?.slice(1) ?? [];

test('a prompt that comes while history is folded is promoted after it, once (RT-02)', async () => {
  await using folds = await folding();
  const { rig, sessionID } = folds;
  await rig.prompt('meanwhile', { sessionID });
  expect((await rig.view(sessionID)).inbox.map(({ text }) => text)).toEqual(['meanwhile']);
  rig.server.open('fold');
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(promptsOf(view)).toEqual(['an older prompt', 'fill it', 'meanwhile']);
  const promoted = rig.events.filter(({ type }) => type === 'session.input.promoted');
  expect(promoted).toHaveLength(3);
  const compacted = rig.events.findIndex(({ type }) => type === 'session.compacted');
  expect(rig.events.findLastIndex(({ type }) => type === 'session.input.promoted')).toBeGreaterThan(
    compacted,
  );
  expect(JSON.stringify(lastSent(rig))).toContain('meanwhile');
});

test('Stop while history is folded leaves it as it was, and the next prompt goes on with all of it (RT-09)', async () => {
  await using folds = await folding();
  const { rig, sessionID } = folds;
  await rig.host.sessions.interrupt(sessionID);
  const view = await rig.view(sessionID);
  expect(summaryOf(view)).toMatchObject({
    info: { error: { data: { code: 'interrupted' } }, time: { completed: expect.any(Number) } },
    parts: [{ type: 'compaction' }, { type: 'text', text: 'SUMMARY ', time: { end: expect.any(Number) } }],
  });
  expect(rig.events.some(({ type }) => type === 'session.compacted')).toBe(false);
  expect(rig.server.requests).toHaveLength(3);
  rig.server.open('fold');
  await rig.run('go on', { sessionID });
  const [, , , next] = rig.server.requests;
  // A new prompt: the context is still full, so that it is tried again, and with all there was.
  expect(next?.hasTools).toBe(false);
  expect(next?.user).toContain('an older prompt');
});

test('closing while history is folded ends the summary as interrupted, and history is whole (RT-12)', async () => {
  await using folds = await folding();
  const { rig, sessionID } = folds;
  await rig.reopen();
  const view = await rig.view(sessionID);
  expect(summaryOf(view)?.info).toMatchObject({ error: { data: { code: 'interrupted' } } });
  expect(view.status).toEqual({ type: 'idle' });
  rig.host.sessions.goOn(sessionID);
  await rig.host.sessions.awaitIdle(sessionID);
  expect(lastSent(rig).map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'tool']);
  expect(answer(await rig.view(sessionID))).toBe('Filled.');
});

test('a crash while history is folded closes the summary as interrupted, and nothing is repeated (RT-12)', async () => {
  await using folds = await folding();
  const { rig, sessionID } = folds;
  // The journal has what was acknowledged; the open text was checkpointed, or had not yet been.
  await rig.view(sessionID);
  await using crashed = await crashedCopy(rig);
  const view = await crashed.view(sessionID);
  expect(summaryOf(view)?.info).toMatchObject({
    error: { data: { code: 'interrupted' } },
    time: { completed: expect.any(Number) },
  });
  expect(promptsOf(view)).toEqual(['an older prompt', 'fill it']);
  expect(crashed.server.requests).toHaveLength(0);
  crashed.host.sessions.goOn(sessionID);
  await crashed.host.sessions.awaitIdle(sessionID);
  expect(lastSent(crashed).map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'user',
    'assistant',
    'tool',
  ]);
});

test('a switch of the agent while history is folded holds for the next turn, not for the summary (RT-22)', async () => {
  await using folds = await folding();
  const { rig, sessionID } = folds;
  const model = { providerID: 'scripted', modelID: 'scripted' };
  await rig.host.sessions.switchTo(sessionID, { agent: 'plan', model });
  rig.server.open('fold');
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(summaryOf(view)?.info).toMatchObject({ agent: 'compaction', finish: 'stop' });
  expect(lastTurn(view)).toMatchObject({ agent: 'plan', finish: 'stop' });
  const tools = bodyOf(rig.server.requests.at(-1)).tools?.map((tool) => tool.function.name);
  expect(tools).not.toContain('edit');
});

test('Stop while history is folded after an overflow ends the refused turn, too, and loses no prompt', async () => {
  await using rig = await openTestHost({ script });
  const { session } = await rig.run('an older prompt');
  const { id: sessionID } = session;
  const prompt = `giant ${'words '.repeat(9_000)}`;
  await rig.prompt(prompt, { sessionID });
  await rig.server.reached('fold');
  await rig.host.sessions.interrupt(sessionID);
  const view = await rig.view(sessionID);
  const turns = view.messages.flatMap(({ info }) => (info.role === 'assistant' ? [info] : []));
  expect(turns.map(({ error, time }) => [error?.data.code, time.completed === undefined])).toEqual([
    [undefined, false],
    ['interrupted', false],
    ['interrupted', false],
  ]);
  expect(promptsOf(view)).toEqual(['an older prompt', prompt]);
});

test('two wishes to fold at one time make one summary, and never beside a turn (RT-11)', async () => {
  await using rig = await openTestHost({ script });
  const { session } = await rig.run('an older prompt');
  await Promise.all([rig.host.sessions.compact(session.id), rig.host.sessions.compact(session.id)]);
  await rig.server.reached('fold');
  await rig.prompt('meanwhile', { sessionID: session.id });
  expect(rig.server.requests).toHaveLength(2);
  rig.server.open('fold');
  await rig.host.sessions.awaitIdle(session.id);
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, false, true]);
  expect((await rig.view(session.id)).inbox).toEqual([]);
});

/** A host on what a killed process would have left: the files as they are now, without their owner. */
async function crashedCopy(rig: TestHost): Promise<TestHost> {
  const storage = join(rig.workspace, '..', 'storage');
  const copy = await openTestHost({ script, prepare: (folder) => copyWithoutOwner(storage, folder) });
  copy.server.open('fold');
  return copy;
}

async function copyWithoutOwner(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  const store = join(to, 'store');
  const owned = (await readdir(store)).filter((name) => name.startsWith('LOCK'));
  await Promise.all(owned.map((name) => rm(join(store, name))));
}
