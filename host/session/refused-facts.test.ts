import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PermissionRequest } from '#shared/permission.ts';
import type { Step } from '../../test-fixtures/model-server/script.ts';
import type { Ports } from '../ports/ports.ts';
import { answer, lastTurn, toolsOf } from '../testing/read-view.ts';
import { openTestHost, type TestHost } from '../testing/test-host.ts';
import { openSessionStore } from './testing/open-store.ts';

// What a run leaves behind whose facts the store did not take, as on a full disk, and what comes of it later.

const allowed = { permission: { bash: 'allow' } };
const asking = { permission: { bash: 'ask' } };
const shell = (command: string) => ({ tool: 'shell', input: { command } });

const scriptOf = (...reply: readonly Step[]) => ({
  model: 'scripted',
  turns: [{ when: { user: 'work', step: 0 }, reply }, { reply: [{ text: 'Done.' }] }],
});

/** While it is broken, no fact that tells a time is taken by the store: neither what happened, nor that it failed. */
function breakableClock() {
  let broken = false;
  return {
    ports: (all: Ports): Ports => ({
      ...all,
      clock: { ...all.clock, now: () => (broken ? Number.NaN : all.clock.now()) },
    }),
    break: () => {
      broken = true;
    },
    mend: () => {
      broken = false;
    },
  };
}

const started = (rig: TestHost) =>
  rig.event(
    'message.part.updated',
    ({ properties: { part } }) => part.type === 'tool' && part.state.status === 'running',
  );

test.for(['Continue', 'a prompt'])(
  'a command whose end could not be recorded is not run again by %s (RT-12)',
  async (way) => {
    const clock = breakableClock();
    const script = scriptOf(shell('echo ran >> ran.txt; sleep 0.1'));
    await using rig = await openTestHost({ script, userConfig: allowed, ports: clock.ports });
    const { sessionID } = await rig.prompt('work');
    await started(rig);
    clock.break();
    expect(await rig.host.sessions.awaitIdle(sessionID)).toMatchObject({ type: 'failed' });
    clock.mend();
    if (way === 'a prompt') await rig.prompt('something else', { sessionID });
    else rig.host.sessions.goOn(sessionID);
    await rig.host.sessions.awaitIdle(sessionID);
    expect(await rig.text('ran.txt')).toBe('ran\n');
    const view = await rig.view(sessionID);
    expect(toolsOf(view)[0]?.state).toMatchObject({ status: 'error', failure: 'interrupted' });
    expect(answer(view)).toBe('Done.');
    expect(view.messages.every(({ info }) => info.role === 'user' || info.time.completed)).toBe(true);
  },
);

test('a stream that broke off unrecorded is closed as interrupted before the next turn (RT-12)', async () => {
  const clock = breakableClock();
  const script = scriptOf({ text: 'Before. ' }, { gate: 'middle' }, { text: 'After.' });
  await using rig = await openTestHost({ script, userConfig: allowed, ports: clock.ports });
  const { sessionID } = await rig.prompt('work');
  await rig.event('message.part.delta');
  clock.break();
  rig.server.open('middle');
  expect(await rig.host.sessions.awaitIdle(sessionID)).toMatchObject({ type: 'failed' });
  clock.mend();
  const view = await rig.run('something else', { sessionID });
  const cut = view.messages[1]?.info;
  expect(cut).toMatchObject({
    error: { data: { code: 'interrupted' } },
    time: { completed: expect.any(Number) },
  });
  expect(lastTurn(view).finish).toBe('stop');
});

test('a call whose beginning was refused is not run by a later prompt, though it was allowed (RT-12)', async () => {
  const clock = breakableClock();
  const script = scriptOf(shell('echo ran >> ran.txt'));
  await using rig = await openTestHost({ script, userConfig: asking, ports: clock.ports });
  const { sessionID } = await rig.prompt('work');
  const { id } = await rig.asked();
  await rig.reopen();
  clock.break();
  await rig.host.sessions.reply(id, { type: 'once' });
  expect(await rig.host.sessions.awaitIdle(sessionID)).toMatchObject({ type: 'failed' });
  clock.mend();
  const view = await rig.run('something else', { sessionID });
  await expect(rig.text('ran.txt')).rejects.toThrow('ENOENT');
  expect(toolsOf(view)[0]?.state).toMatchObject({ status: 'error', failure: 'interrupted' });
  expect(lastTurn(view).finish).toBe('stop');
});

test('an allowed call that had not begun is taken up after a restart, while one beside it still waits (RT-12)', async () => {
  const script = scriptOf(shell('echo one >> one.txt'), shell('echo two >> two.txt'));
  await using rig = await openTestHost({ script, userConfig: asking });
  const { sessionID } = await rig.prompt('work');
  const first = await rig.asked();
  const { id } = first;
  const other = await rig.event('permission.asked', ({ properties }) => properties.request.id !== id);
  await rig.host[Symbol.asyncDispose]();
  await answerDirectly(join(rig.workspace, '../storage/store'), first);
  await rig.reopen();
  await rig.event('message.part.updated', ({ properties: { part } }) => {
    return part.type === 'tool' && part.callID === first.tool.callID && part.state.status === 'completed';
  });
  const waiting = await rig.view(sessionID);
  expect(waiting.permissions.map((request) => request.id)).toEqual([other.properties.request.id]);
  await rig.host.sessions.reply(other.properties.request.id, { type: 'once' });
  await rig.host.sessions.awaitIdle(sessionID);
  expect([...(await Promise.all(['one.txt', 'two.txt'].map(rig.text)))]).toEqual(['one\n', 'two\n']);
  expect(lastTurn(await rig.view(sessionID)).finish).toBe('stop');
});

/** The process ended right after the answer was durable. */
async function answerDirectly(directory: string, request: PermissionRequest): Promise<void> {
  await using store = await openSessionStore(directory);
  await store.commit([{ type: 'permission.replied', request, reply: { type: 'once' } }]);
}
