import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastTurn, statesOf, toolsOf } from '../testing/read-view.ts';
import { openTestHost } from '../testing/test-host.ts';

// What each answer to a permission request does, at once, later, and over a restart.

const rename = 'rename greet to welcome';

test('an edit that the project asks for waits for the user, and is done once allowed (TL-09)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  const request = await rig.asked();
  expect(request).toMatchObject({
    permission: 'edit',
    patterns: ['greet.ts'],
    agent: 'build',
    subject: { type: 'edit', additions: 1, deletions: 1 },
    origin: { layer: 'project' },
  });
  expect(await rig.text('greet.ts')).toContain('function greet(');
  await rig.host.sessions.reply(request.id, { type: 'once' });
  const second = await rig.event('permission.asked', (event) => event.properties.request.id !== request.id);
  await rig.host.sessions.reply(second.properties.request.id, { type: 'once' });
  await rig.host.sessions.awaitIdle(sessionID);
  expect(await rig.text('greet.ts')).toContain('function welcome(');
  expect(lastTurn(await rig.view(sessionID)).finish).toBe('stop');
});

test('a saved answer holds for the same file and agent, over a restart, and not for another file (TL-09)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  const request = await rig.asked();
  await rig.host.sessions.reply(request.id, { type: 'always' });
  const second = await rig.event('permission.asked', (event) => event.properties.request.id !== request.id);
  expect(second.properties.request.patterns).toEqual(['main.ts']);
  await rig.host.sessions.reply(second.properties.request.id, { type: 'always' });
  await rig.host.sessions.awaitIdle(sessionID);
  await rig.reopen();
  expect(await rig.host.savedRules()).toMatchObject([
    { agent: 'build', rule: { permission: 'edit', pattern: 'greet.ts', action: 'allow' } },
    { agent: 'build', rule: { permission: 'edit', pattern: 'main.ts', action: 'allow' } },
  ]);
  await writeFile(join(rig.workspace, 'greet.ts'), (await rig.text('greet.ts')).replace('welcome', 'greet'));
  await writeFile(join(rig.workspace, 'main.ts'), (await rig.text('main.ts')).replaceAll('welcome', 'greet'));
  await rig.run(rename);
  expect(await rig.text('greet.ts')).toContain('function welcome(');
});

test('a bare rejection stops the agent, one with a word goes on (TL-09)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  await rig.host.sessions.reply((await rig.asked()).id, { type: 'reject' });
  await rig.host.sessions.awaitIdle(sessionID);
  const stopped = await rig.view(sessionID);
  expect(lastTurn(stopped).finish).toBe('rejected');
  expect(toolsOf(stopped).at(-1)?.state).toMatchObject({ status: 'error', failure: 'rejected' });
  expect(await rig.text('greet.ts')).toContain('function greet(');

  const before = rig.events.length;
  await rig.prompt(rename, { sessionID });
  const again = await rig.event('permission.asked', (event) => rig.events.indexOf(event) >= before);
  await rig.host.sessions.reply(again.properties.request.id, {
    type: 'reject',
    message: 'Use another name.',
  });
  await rig.host.sessions.awaitIdle(sessionID);
  const went = await rig.view(sessionID);
  expect(lastTurn(went).finish).toBe('stop');
  expect(rig.server.requests.at(-1)?.text).toContain('Use another name.');
});

test('never allow saves a deny that the next edit meets without asking (TL-09)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  await rig.host.sessions.reply((await rig.asked()).id, { type: 'never' });
  await rig.host.sessions.awaitIdle(sessionID);
  expect(await rig.host.savedRules()).toMatchObject([{ rule: { pattern: 'greet.ts', action: 'deny' } }]);
  const asked = rig.events.filter(({ type }) => type === 'permission.asked').length;
  const view = await rig.run(rename);
  expect(rig.events.filter(({ type }) => type === 'permission.asked')).toHaveLength(asked);
  expect(toolsOf(view).some(({ state }) => state.status === 'error' && state.failure === 'denied')).toBe(
    true,
  );
});

test('a question stays open over a restart, and answering it goes on without asking the model again', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  const request = await rig.asked();
  const requests = rig.server.requests.length;
  await rig.reopen();
  const waiting = await rig.view(sessionID);
  expect(waiting.permissions.map(({ id }) => id)).toEqual([request.id]);
  expect(lastTurn(waiting).time.completed).toBeUndefined();
  expect(rig.server.requests).toHaveLength(requests);
  await rig.host.sessions.reply(request.id, { type: 'once' });
  await rig.host.sessions.awaitIdle(sessionID);
  expect(await rig.text('greet.ts')).toContain('function welcome(');
  const view = await rig.view(sessionID);
  expect(statesOf(view)[2]).toBe('edit completed');
  // What was read before the restart counts no more: the model has to read main.ts again (decision 9).
  expect(toolsOf(view)[3]?.state).toMatchObject({ status: 'error', error: expect.stringContaining('read') });
  expect(lastTurn(view).finish).toBe('stop');
});

test('an answer holds for one call of one turn, whatever ids the provider repeats (TL-09)', async () => {
  await using rig = await openTestHost({ script: repeatedCalls });
  const { sessionID } = await rig.prompt('run it twice');
  const first = await rig.asked();
  await rig.host.sessions.reply(first.id, { type: 'once' });
  const second = await rig.event('permission.asked', (event) => event.properties.request.id !== first.id);
  expect(second.properties.request.tool.callID).toBe(first.tool.callID);
  await rig.host.sessions.reply(second.properties.request.id, { type: 'reject' });
  await rig.host.sessions.awaitIdle(sessionID);
  expect(statesOf(await rig.view(sessionID))).toEqual(['shell completed', 'shell error']);
});

test('of two answers to one request, one counts and the other is refused (TL-09)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  await rig.prompt(rename);
  const { id } = await rig.asked();
  const both = await Promise.allSettled([
    rig.host.sessions.reply(id, { type: 'reject' }),
    rig.host.sessions.reply(id, { type: 'once' }),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('an answer given right before the end of the process is acted on after the restart (RT-12)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  const { id } = await rig.asked();
  void rig.host.sessions.reply(id, { type: 'once' });
  await rig.event('permission.replied');
  await rig.reopen();
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(toolsOf(view).every(({ state }) => state.status === 'completed' || state.status === 'error')).toBe(
    true,
  );
  expect(lastTurn(view).time.completed).toBeDefined();
});

/** Each turn's call has the same id, as some servers have it. */
const repeatedCalls = {
  model: 'scripted',
  turns: [
    {
      when: { user: 'run it twice', step: 0 },
      reply: [{ tool: 'shell', input: { command: 'echo hi' }, id: 'call_0' }],
    },
    {
      when: { user: 'run it twice', step: 1 },
      reply: [{ tool: 'shell', input: { command: 'echo hi' }, id: 'call_0' }],
    },
    { reply: [{ text: 'Done.' }] },
  ],
};

test('a tool that the agent may not use is refused before it looks at a file (TL-09)', async () => {
  const input = { filePath: 'greet.ts', oldString: 'not there', newString: 'x' };
  const script = {
    model: 'scripted',
    turns: [
      { when: { user: 'peek', step: 0 }, reply: [{ tool: 'edit', input }] },
      { reply: [{ text: 'Done.' }] },
    ],
  };
  await using rig = await openTestHost({ script });
  const view = await rig.run('peek', { agent: 'plan' });
  expect(toolsOf(view)[0]?.state).toMatchObject({ status: 'error', failure: 'denied' });
});
