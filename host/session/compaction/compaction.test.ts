import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionView } from '#shared/fold.ts';
import type { MessageID } from '#shared/ids.ts';
import type { AssistantMessage } from '#shared/message.ts';
import { answer, bodyOf, lastTurn, toolsOf } from '../../testing/read-view.ts';
import { foldedFrom, openTestHost, type TestHost } from '../../testing/test-host.ts';

// Compaction on a real store and a model over real HTTP. The scripted model counts its tokens as the script says.

const read = { tool: 'read', input: { filePath: 'greet.ts' } };
const change = { filePath: 'greet.ts', oldString: 'function greet(', newString: 'function hail(' };
const edit = { tool: 'edit', input: change };
const full = { usage: { input: 125_000, output: 100 } };
const little = { usage: { input: 3_000, output: 10 } };
const summaryRequest = { tools: false, user: 'write the summary' };

interface Turns {
  /** Instead of a summary. */
  readonly summary?: readonly object[];
  readonly more?: readonly object[];
}

function scriptWith({ summary = [{ text: 'SUMMARY of it all' }], more = [] }: Turns = {}) {
  const turns = [
    ...more,
    { when: summaryRequest, reply: summary },
    { when: { user: 'fill it', step: 0 }, reply: [read, full] },
    { when: { user: 'fill it', step: 1 }, reply: [{ text: 'Filled.' }, little] },
    { reply: [{ text: 'Answer.' }, little] },
  ];
  return { model: 'scripted', turns } as NonNullable<Parameters<typeof openTestHost>[0]>['script'] & object;
}

const summaries = ({ messages }: SessionView): AssistantMessage[] =>
  messages.flatMap(({ info }) => (info.role === 'assistant' && info.summary ? [info] : []));

const folds = ({ server }: TestHost) => server.requests.filter(({ hasTools }) => !hasTools);

/** Roles and texts of the last request, the system message aside. */
const lastSent = ({ server }: TestHost) =>
  bodyOf(server.requests.at(-1))
    .messages?.slice(1)
    .map(({ role, content }) => [role, content]);

test('a full context is folded at the next boundary, and the run goes on with summary and newest prompt (RT-07)', async () => {
  await using rig = await openTestHost({ script: scriptWith() });
  const { session } = await rig.run('an older prompt');
  const view = await rig.run('fill it', { sessionID: session.id });
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, true, false, true]);
  expect(lastSent(rig)).toMatchObject([
    ['user', expect.stringContaining('folded')],
    ['assistant', 'SUMMARY of it all'],
    ['user', 'fill it'],
    ['assistant', null],
    ['tool', expect.stringContaining('greet')],
  ]);
  expect(answer(view)).toBe('Filled.');
  const [summary] = summaries(view);
  expect(summary).toMatchObject({ agent: 'compaction', summary: true, finish: 'stop' });
  const shown = view.messages.find(({ info }) => info.id === summary?.id);
  expect(shown?.parts).toMatchObject([
    { type: 'compaction', reason: 'threshold' },
    { type: 'text', text: 'SUMMARY of it all' },
  ]);
  expect(rig.events.filter(({ type }) => type === 'session.compacted')).toMatchObject([
    { properties: { messageID: summary?.id } },
  ]);
  expect(foldedFrom(view, rig.events).messages).toEqual(view.messages);
});

test('what a summary took is kept on its turn and counted into the session (RT-20)', async () => {
  const usage = { usage: { input: 90_000, output: 400 } };
  await using rig = await openTestHost({ script: scriptWith({ summary: [{ text: 'SUMMARY' }, usage] }) });
  const { session } = await rig.run('an older prompt');
  const view = await rig.run('fill it', { sessionID: session.id });
  expect(summaries(view)[0]?.tokens).toMatchObject({ input: 90_000, output: 400 });
  expect(view.session.tokens).toMatchObject({ input: 3_000 + 125_000 + 90_000 + 3_000, output: 520 });
});

test('the writer of the summary sees the conversation as a text, and is offered no tool (TL-01)', async () => {
  const more = [{ when: { user: 'look around', step: 0 }, reply: [read, little] }];
  await using rig = await openTestHost({ script: scriptWith({ more }) });
  const { session } = await rig.run('look around');
  await rig.run('fill it', { sessionID: session.id });
  const [request] = folds(rig);
  expect(bodyOf(request).messages?.map(({ role }) => role)).toEqual(['system', 'user']);
  for (const words of [
    'look around',
    'called read',
    'result:',
    'Answer.',
    'fill it',
    '## Goal',
    '## Next step',
  ])
    expect(request?.user).toContain(words);
});

test('a fold ends the epoch: the next baseline has what was told in between, and nothing else tells it (RT-07)', async () => {
  await using rig = await openTestHost({ script: scriptWith() });
  const { session } = await rig.run('an older prompt');
  await writeFile(join(rig.workspace, 'AGENTS.md'), 'Always whistle.');
  await rig.run('another', { sessionID: session.id });
  expect(bodyOf(rig.server.requests.at(-1)).messages?.[0]?.content).not.toContain('Always whistle.');
  await rig.run('fill it', { sessionID: session.id });
  const { messages = [] } = bodyOf(rig.server.requests.at(-1));
  expect(messages[0]?.content).toContain('Always whistle.');
  expect(JSON.stringify(messages.slice(1))).not.toContain('Always whistle.');
  await rig.run('once more', { sessionID: session.id });
  expect(bodyOf(rig.server.requests.at(-1)).messages?.[0]).toEqual(messages[0]);
});

test('after a fold a file has to be read again before it is edited (TL-16)', async () => {
  const more = [
    { when: { user: 'fill it', step: 1 }, reply: [edit] },
    { when: { user: 'fill it', step: 2 }, reply: [read] },
    { when: { user: 'fill it', step: 3 }, reply: [edit] },
  ];
  await using rig = await openTestHost({ script: scriptWith({ more }) });
  const { session } = await rig.run('an older prompt');
  const view = await rig.run('fill it', { sessionID: session.id });
  const [, first, , second] = toolsOf(view);
  expect(first?.state).toMatchObject({ status: 'error', error: expect.stringContaining('read') });
  expect(second?.state.status).toBe('completed');
});

test('a request that is too long is folded once and run again, with the prompt word for word (RT-04)', async () => {
  const script = { ...scriptWith(), contextTokens: 7_500 };
  await using rig = await openTestHost({ script, limit: {} });
  const old = `old ${'filler '.repeat(1_700)}`;
  const { session } = await rig.run(old);
  const prompt = `new ${'words '.repeat(2_700)}end`;
  const view = await rig.run(prompt, { sessionID: session.id });
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, true, false, true]);
  expect(folds(rig)[0]?.user).toContain('filler filler');
  expect(lastSent(rig)?.slice(1)).toEqual([
    ['assistant', 'SUMMARY of it all'],
    ['user', prompt],
  ]);
  expect(answer(view)).toBe('Answer.');
  expect(view.messages.filter(({ info }) => info.role === 'user')).toHaveLength(2);
  const turns = view.messages.flatMap(({ info }) => (info.role === 'assistant' ? [info] : []));
  expect(turns.map(({ finish, summary, error }) => [finish, summary, error?.name])).toEqual([
    ['stop', undefined, undefined],
    ['overflow', undefined, undefined],
    ['stop', true, undefined],
    ['stop', undefined, undefined],
  ]);
});

test('a prompt that is too long even after the fold ends in that error, and is whole in history', async () => {
  const script = { ...scriptWith(), contextTokens: 7_500 };
  await using rig = await openTestHost({ script });
  const { session } = await rig.run('an older prompt');
  const prompt = `giant ${'words '.repeat(6_000)}end`;
  const view = await rig.run(prompt, { sessionID: session.id });
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, true, false, true]);
  expect(lastTurn(view).error?.data.code).toBe('overflow');
  expect(JSON.stringify(view.messages)).toContain(JSON.stringify(prompt));
});

test('a second overflow of a turn is terminal, also where there would be something left to fold', async () => {
  const error = { message: 'Too long.', type: 'invalid_request_error', code: 'context_length_exceeded' };
  const more = [
    { when: { user: 'get stuck', step: 0 }, reply: [read, little] },
    { when: { user: 'get stuck' }, reply: [{ error: { status: 400, body: { error } } }] },
  ];
  await using rig = await openTestHost({ script: scriptWith({ more }) });
  const { session } = await rig.run(`an older prompt ${'words '.repeat(2_000)}`);
  const view = await rig.run('get stuck', { sessionID: session.id });
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, true, true, false, true]);
  expect(lastTurn(view).error?.data.code).toBe('overflow');
  expect(toolsOf(view).map(({ state }) => state.status)).toEqual(['completed']);
});

test('a first prompt that is too long has nothing to fold: its error stands at once', async () => {
  const script = { ...scriptWith(), contextTokens: 7_500 };
  await using rig = await openTestHost({ script });
  const view = await rig.run(`giant ${'words '.repeat(6_000)}`);
  expect(rig.server.requests).toHaveLength(1);
  expect(lastTurn(view)).toMatchObject({ error: { name: 'ContextOverflowError' } });
});

test('a fold that fails leaves history as it was, and is not tried again before a new prompt', async () => {
  const script = scriptWith({
    summary: [{ error: { status: 500 } }],
    more: [{ when: { user: 'fill it', before: 3 }, reply: [read, full] }],
  });
  await using rig = await openTestHost({ script });
  const { session } = await rig.run('an older prompt');
  const view = await rig.run('fill it', { sessionID: session.id });
  expect(folds(rig)).toHaveLength(1);
  expect(lastSent(rig)?.[0]).toEqual(['user', 'an older prompt']);
  expect(summaries(view)).toMatchObject([{ error: { data: { code: 'server' } } }]);
  expect(lastTurn(view).error).toBeUndefined();
  rig.host.sessions.goOn(session.id);
  await rig.host.sessions.awaitIdle(session.id);
  expect(folds(rig)).toHaveLength(1);
  await rig.run('fill it', { sessionID: session.id });
  expect(folds(rig)).toHaveLength(2);
});

test('where the fold after an overflow fails, the overflow stands on the turn and history is as it was', async () => {
  const script = { ...scriptWith({ summary: [{ text: '  ' }] }), contextTokens: 7_500 };
  await using rig = await openTestHost({ script });
  const { session } = await rig.run('an older prompt');
  const view = await rig.run(`giant ${'words '.repeat(6_000)}`, { sessionID: session.id });
  expect(rig.server.requests).toHaveLength(3);
  const turns = view.messages.flatMap(({ info }) => (info.role === 'assistant' ? [info] : []));
  expect(turns.map(({ summary, error }) => [summary, error?.data.code])).toEqual([
    [undefined, undefined],
    [undefined, 'overflow'],
    [true, 'compaction-empty'],
  ]);
  expect(rig.events.some(({ type }) => type === 'session.compacted')).toBe(false);
});

test('a fold that does not help is not repeated turn after turn', async () => {
  const script = scriptWith({ more: [{ when: { user: 'fill it' }, reply: [read, full] }] });
  const config = { agent: { short: { steps: 6 } } };
  await using rig = await openTestHost({ script, config });
  const { session } = await rig.run('an older prompt');
  await rig.run('fill it', { sessionID: session.id, agent: 'short' });
  const order = rig.server.requests.slice(1).map(({ hasTools }) => hasTools);
  expect(order.join()).not.toContain('false,true,false');
});

test('asked for, an idle session is folded and does nothing else (RT-11)', async () => {
  await using rig = await openTestHost({ script: scriptWith() });
  const { session } = await rig.run('an older prompt');
  await rig.prompt('not yet', { sessionID: session.id, resume: false });
  await rig.host.sessions.compact(session.id);
  expect(await rig.host.sessions.awaitIdle(session.id)).toEqual({ type: 'done' });
  const view = await rig.view(session.id);
  expect(view.inbox.map(({ text }) => text)).toEqual(['not yet']);
  expect(view.messages.at(-1)?.parts[0]).toMatchObject({ type: 'compaction', reason: 'manual' });
  rig.host.sessions.goOn(session.id);
  await rig.host.sessions.awaitIdle(session.id);
  // The summary stands for the answer: a prompt that was answered is not given again.
  expect(lastSent(rig)).toEqual([
    ['user', expect.stringMatching(/^an older prompt\n\n.*folded/s)],
    ['assistant', 'SUMMARY of it all'],
    ['user', 'not yet'],
  ]);
});

test('a call that the writer of the summary makes up is dropped, and starts nothing', async () => {
  await using rig = await openTestHost({
    script: scriptWith({ summary: [{ text: 'SUMMARY of it all' }, read] }),
  });
  const { session } = await rig.run('an older prompt');
  await rig.host.sessions.compact(session.id);
  await rig.host.sessions.awaitIdle(session.id);
  expect(toolsOf(await rig.view(session.id))).toEqual([]);
  await rig.run('next', { sessionID: session.id, delivery: 'queue' });
  expect(rig.server.requests).toHaveLength(3);
  expect(lastSent(rig)?.at(-1)).toEqual(['user', 'next']);
});

test('asked for during a run, history is folded at its next boundary, and the run goes on', async () => {
  await using rig = await openTestHost({
    script: scriptWith({ more: [{ when: { user: 'work', step: 0 }, reply: [{ gate: 'work' }, read] }] }),
  });
  const { session } = await rig.run('an older prompt');
  await rig.prompt('work', { sessionID: session.id });
  await rig.server.reached('work');
  await rig.host.sessions.compact(session.id);
  expect(folds(rig)).toHaveLength(0);
  rig.server.open('work');
  await rig.host.sessions.awaitIdle(session.id);
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, true, false, true]);
  expect(answer(await rig.view(session.id))).toBe('Answer.');
});

test('what cannot be folded is refused in words, and nothing is sent (QA-01)', async () => {
  await using rig = await openTestHost({ script: scriptWith() });
  const { sessions } = rig.host;
  await expect(sessions.compact('ses_nobody' as never)).rejects.toMatchObject({ code: 'session.unknown' });
  const { sessionID } = await rig.prompt('later', { resume: false });
  await expect(sessions.compact(sessionID)).rejects.toMatchObject({ code: 'compaction.nothing' });
  expect(rig.server.requests).toHaveLength(0);
  const { session } = await rig.run('an older prompt');
  await sessions.compact(session.id);
  await sessions.awaitIdle(session.id);
  await expect(sessions.compact(session.id)).rejects.toMatchObject({ code: 'compaction.nothing' });
});

test('a second fold takes up the summary of the first', async () => {
  await using rig = await openTestHost({ script: scriptWith() });
  const { session } = await rig.run('an older prompt');
  await rig.run('fill it', { sessionID: session.id });
  await rig.run('fill it', { sessionID: session.id });
  const [, second] = folds(rig);
  expect(second?.user).toContain('[summary of what was before]\nSUMMARY of it all');
  expect(second?.user).not.toContain('an older prompt');
  const sent = lastSent(rig)?.filter(([role]) => role === 'assistant');
  expect(sent?.filter(([, content]) => content === 'SUMMARY of it all')).toHaveLength(1);
});

test('a fold that is taken back with its prompt leaves the one before it in place (RT-21)', async () => {
  await using rig = await openTestHost({ script: scriptWith() });
  const { session } = await rig.run('an older prompt');
  const { sessions } = rig.host;
  await sessions.compact(session.id);
  await sessions.awaitIdle(session.id);
  await rig.run('in between', { sessionID: session.id });
  const view = await rig.run('fill it', { sessionID: session.id });
  expect(summaries(view)).toHaveLength(2);
  const filled = view.messages.findLast(({ info }) => info.role === 'user' && info.synthetic !== true);
  await sessions.revert(session.id, filled?.info.id as MessageID);
  await expect(sessions.compact(session.id)).rejects.toMatchObject({ code: 'compaction.reverted' });
  await rig.run('another way', { sessionID: session.id });
  expect(lastSent(rig)).toEqual([
    ['user', expect.stringMatching(/^an older prompt\n\n.*folded/s)],
    ['assistant', 'SUMMARY of it all'],
    ['user', 'in between'],
    ['assistant', 'Answer.'],
    ['user', 'another way'],
  ]);
});

test('while a call waits for an answer history is not folded, and the answer still finds its turn', async () => {
  const config = { permission: { edit: 'ask' } };
  const more = [
    { when: { user: 'change it', step: 0 }, reply: [read] },
    { when: { user: 'change it', step: 1 }, reply: [edit] },
  ];
  await using rig = await openTestHost({ script: scriptWith({ more }), config });
  const { session } = await rig.run('an older prompt');
  await rig.prompt('change it', { sessionID: session.id });
  const request = await rig.asked();
  await rig.reopen();
  const { sessions } = rig.host;
  await expect(sessions.compact(session.id)).rejects.toMatchObject({ code: 'compaction.waiting' });
  await sessions.reply(request.id, { type: 'reject' });
  await sessions.awaitIdle(session.id);
  expect(toolsOf(await rig.view(session.id)).at(-1)?.state).toMatchObject({ failure: 'rejected' });
  expect(folds(rig)).toHaveLength(0);
});

test('with auto off nothing is folded unasked, and reserved says when it is', async () => {
  const config = { compaction: { auto: false } };
  await using off = await openTestHost({ script: scriptWith(), config });
  const { session } = await off.run('an older prompt');
  await off.run('fill it', { sessionID: session.id });
  expect(folds(off)).toHaveLength(0);
  await using more = await openTestHost({
    script: scriptWith(),
    config: { compaction: { reserved: 2_000 } },
  });
  const { session: other } = await more.run('an older prompt');
  await more.run('fill it', { sessionID: other.id });
  expect(folds(more)).toHaveLength(0);
});

test('a model without a known limit is folded on overflow alone', async () => {
  await using rig = await openTestHost({ script: scriptWith(), limit: {} });
  const { session } = await rig.run('an older prompt');
  await rig.run('fill it', { sessionID: session.id });
  expect(folds(rig)).toHaveLength(0);
});

test('the agent compaction may have a model and words of its own (TL-01)', async () => {
  const config = { agent: { compaction: { prompt: 'Sum it up.', model: 'scripted/nobody' } } };
  await using rig = await openTestHost({ script: scriptWith(), config });
  const { session } = await rig.run('an older prompt');
  const view = await rig.run('fill it', { sessionID: session.id });
  expect(folds(rig)).toHaveLength(0);
  expect(summaries(view)).toMatchObject([{ modelID: 'nobody', error: { data: { code: 'model-unknown' } } }]);
  expect(answer(view)).toBe('Filled.');
});
