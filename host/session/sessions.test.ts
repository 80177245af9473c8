import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ViewEvent } from '#shared/events.ts';
import { fold } from '#shared/fold.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { answer, bodyOf, lastTurn, statesOf } from '../testing/read-view.ts';
import { foldedFrom, openTestHost, scripted } from '../testing/test-host.ts';

const rename = 'rename greet to welcome';

test('a prompt drives reads and edits to a final answer, and the files are changed', async () => {
  await using rig = await openTestHost();
  const view = await rig.run(rename);
  expect(await rig.text('greet.ts')).toContain('export function welcome(');
  expect(await rig.text('main.ts')).toContain('welcome(');
  expect(statesOf(view)).toEqual(['read completed', 'read completed', 'edit completed', 'edit completed']);
  expect(lastTurn(view)).toMatchObject({ finish: 'stop', agent: 'build', providerID: 'scripted' });
  expect(answer(view)).not.toBe('');
  expect(view.session.tokens.input).toBeGreaterThan(0);
  expect(view.inbox).toEqual([]);
  expect(view.status).toEqual({ type: 'idle' });
});

test('a prompt is durable and shown before the model is asked (RT-01)', async () => {
  await using rig = await openTestHost();
  const prompt = await rig.prompt(rename, { resume: false });
  expect(rig.events.map(({ type }) => type)).toEqual(['session.created', 'session.input.admitted']);
  expect(rig.server.requests).toEqual([]);
  await rig.reopen();
  const view = await rig.view(prompt.sessionID);
  expect(view.inbox).toEqual([prompt]);
  expect(view.messages).toEqual([]);
});

test('an admitted prompt enters history once, and waits for a wake when resume is false (RT-02, RT-16)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('say something', { resume: false });
  rig.host.sessions.goOn(sessionID);
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(view.messages.filter(({ info }) => info.role === 'user')).toHaveLength(1);
  expect(view.inbox).toEqual([]);
});

test('an exact retry of a message id is the same prompt, another prompt with it conflicts (RT-17)', async () => {
  await using rig = await openTestHost();
  const messageID = 'msg_retry' as MessageID;
  const sessionID = 'ses_mine' as SessionID;
  const same = { messageID, sessionID, resume: false };
  const [first, second] = await Promise.all([rig.prompt('one', same), rig.prompt('one', same)]);
  expect(second).toEqual(first);
  expect((await rig.view(sessionID)).inbox).toHaveLength(1);
  await expect(rig.prompt('two', same)).rejects.toMatchObject({ code: 'prompt.conflict' });
  await expect(rig.prompt('  ', {})).rejects.toMatchObject({ code: 'prompt.empty' });
});

test('what a surface folds from the events equals what the store has', async () => {
  await using rig = await openTestHost();
  const view = await rig.run(rename);
  const folded = foldedFrom(view, rig.events);
  expect(folded.messages).toEqual(view.messages);
  expect(folded.permissions).toEqual([]);
});

test('a turn is one request to the model, and each carries the history so far (RT-04)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run(rename);
  const turns = view.messages.filter(({ info }) => info.role === 'assistant');
  expect(rig.server.requests.length).toBe(turns.length);
  const sizes = rig.server.requests.map((request) => bodyOf(request).messages?.length ?? 0);
  for (const [index, size] of sizes.entries()) expect(size).toBeGreaterThan(sizes[index - 1] ?? 1);
});

test('the baseline is the same bytes in every turn and after a restart (RT-03)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('read twenty times');
  await rig.reopen();
  await rig.run('say something', { sessionID: view.session.id });
  const baselines = rig.server.requests.map((request) => JSON.stringify(bodyOf(request).messages?.[0]));
  expect(new Set(baselines).size).toBe(1);
  expect(baselines.length).toBeGreaterThan(20);
});

test('changed instructions are told once, at the next boundary, behind an unchanged baseline (RT-08)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('say something');
  await writeFile(join(rig.workspace, 'AGENTS.md'), 'Always whistle.');
  await rig.run('say more', { sessionID: view.session.id });
  const after = await rig.run('and more', { sessionID: view.session.id });
  const told = after.messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'context'));
  expect(told).toMatchObject([
    { sources: ['instructions'], text: expect.stringContaining('Always whistle.') },
  ]);
  const last = rig.server.requests.at(-1)?.text ?? '';
  expect(last.split('Always whistle.')).toHaveLength(2);
});

test('an interruption keeps what arrived, closes the turn, and the session goes on (RT-09, RT-12)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('hang in the stream');
  await rig.event('message.part.delta');
  await rig.host.sessions.interrupt(sessionID);
  const view = await rig.view(sessionID);
  expect(lastTurn(view)).toMatchObject({
    error: { data: { code: 'interrupted' } },
    time: { completed: expect.any(Number) },
  });
  expect(answer(view).length).toBeGreaterThan(0);
  const next = await rig.run('say something', { sessionID });
  expect(lastTurn(next).finish).toBe('stop');
});

test('closing the host ends a running turn as interrupted, and the text so far is there after (RT-12)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('hang in the stream');
  await rig.event('message.part.delta');
  await rig.reopen();
  const view = await rig.view(sessionID);
  expect(lastTurn(view)).toMatchObject({ error: { data: { code: 'interrupted' } } });
  expect(answer(view).length).toBeGreaterThan(0);
  expect(view.status).toEqual({ type: 'idle' });
});

test('a prompt during a run steers it at the next boundary, a queued one waits for its end (RT-10)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  const request = await rig.asked();
  await rig.prompt('later', { sessionID, delivery: 'queue' });
  await rig.prompt('say something', { sessionID, delivery: 'steer' });
  expect((await rig.view(sessionID)).inbox.map(({ text }) => text)).toEqual(['later', 'say something']);
  await rig.host.sessions.reply(request.id, { type: 'once' });
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  const prompts = view.messages.flatMap(({ info, parts }) =>
    info.role === 'user' ? parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
  );
  expect(prompts).toEqual([rename, 'say something', 'later']);
});

test.for([
  ['fail with 401', 'auth'],
  ['fail with 404', 'model-not-found'],
  ['fail with 429', 'rate-limit'],
  ['fail with 500', 'server'],
  ['cut in the stream', 'stream-cut'],
  ['fail in the stream', 'server'],
] as const)('the fault %j is an error on the message, and the session stays usable', async ([text, code]) => {
  await using rig = await openTestHost();
  const view = await rig.run(text);
  expect(lastTurn(view).error?.data.code).toBe(code);
  expect(lastTurn(view).time.completed).toBeDefined();
  const requests = rig.server.requests.length;
  const next = await rig.run('say something', { sessionID: view.session.id });
  expect(rig.server.requests).toHaveLength(requests + 1);
  expect(next.messages.length).toBeGreaterThan(view.messages.length);
});

test('a fault that passes is asked again by itself, and the wait is kept (LM-11)', async () => {
  await using rig = await openTestHost({ retries: { times: 1 } });
  const view = await rig.run('fail once');
  expect(lastTurn(view).error).toBeUndefined();
  const [, answer] = view.messages;
  expect(answer?.parts.map(({ type }) => type)).toEqual(['retry', 'text']);
  expect(answer?.parts[0]).toMatchObject({
    attempt: 1,
    error: { data: { code: 'server', statusCode: 503 } },
  });
  expect(rig.server.requests).toHaveLength(2);
});

test('trying again after a fault runs a turn on the same history, with the prompt in it once', async () => {
  await using rig = await openTestHost();
  const failed = await rig.run('fail once');
  expect(lastTurn(failed).error).toBeDefined();
  rig.host.sessions.goOn(failed.session.id);
  await rig.host.sessions.awaitIdle(failed.session.id);
  const view = await rig.view(failed.session.id);
  expect(lastTurn(view).error).toBeUndefined();
  expect(view.messages.filter(({ info }) => info.role === 'user')).toHaveLength(1);
});

test('without a model, or with one that is unknown, the prompt is kept and the conversation says so', async () => {
  await using rig = await openTestHost();
  const none = await rig.run('hello', { model: { providerID: '', modelID: '' } });
  expect(lastTurn(none).error?.data.code).toBe('model-none');
  const unknown = await rig.run('hello', { model: { providerID: 'scripted', modelID: 'nobody' } });
  expect(lastTurn(unknown).error?.data).toMatchObject({ code: 'model-unknown', modelID: 'nobody' });
  const ref = { providerID: 'scripted', modelID: 'nobody', variant: 'high' };
  const varied = await rig.run('hello', { model: ref });
  expect(lastTurn(varied)).toMatchObject({ variant: 'high', error: { data: { code: 'model-unknown' } } });
  expect(rig.server.requests).toEqual([]);
});

test('a server that cannot be reached is told with its address', async () => {
  const provider = {
    scripted: { options: { baseURL: 'http://127.0.0.1:9/v1' }, models: { scripted: {} } },
  };
  await using rig = await openTestHost({ userConfig: { provider } });
  const view = await rig.run('hello');
  expect(lastTurn(view).error?.data).toMatchObject({
    code: 'unreachable',
    endpoint: 'http://127.0.0.1:9/v1',
  });
});

test('a key of the user never goes to an address that the project names', async () => {
  await using rig = await openTestHost({ variables: { OPENAI_API_KEY: 'sk-user-secret' } });
  const { url } = rig.server;
  const provider = { openai: { options: { baseURL: url } }, scripted: { options: { baseURL: url } } };
  await writeFile(join(rig.workspace, 'opencode.json'), JSON.stringify({ provider }));
  for (const model of [
    { providerID: 'openai', modelID: 'gpt-5.5' },
    { providerID: 'scripted', modelID: 'scripted' },
  ]) {
    const view = await rig.run('hello', { model });
    expect(lastTurn(view).error?.data).toMatchObject({ code: 'credential-withheld', endpoint: url });
  }
  expect(rig.server.requests).toEqual([]);
});

test('a key that stands in the project’s own file goes to the project’s own address', async () => {
  await using rig = await openTestHost();
  const options = { baseURL: rig.server.url, apiKey: 'in-the-file' };
  const provider = { theirs: { options, models: { scripted: {} } } };
  await writeFile(join(rig.workspace, 'opencode.json'), JSON.stringify({ provider }));
  const view = await rig.run('hello', { model: { providerID: 'theirs', modelID: 'scripted' } });
  expect(lastTurn(view).error).toBeUndefined();
  expect(rig.server.requests[0]?.headers.authorization).toBe('Bearer in-the-file');
});

test('plan has no tool that writes or runs, and the switch is told to the model (RT-22, TL-01)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('say something');
  const next = await rig.run(rename, { sessionID: view.session.id, agent: 'plan' });
  const tools = (index: number) =>
    bodyOf(rig.server.requests.at(index)).tools?.map((tool) => tool.function.name);
  expect(tools(0)).toEqual(['edit', 'glob', 'grep', 'read', 'shell', 'write']);
  expect(tools(-1)).toEqual(['glob', 'grep', 'read']);
  expect(await rig.text('greet.ts')).toContain('function greet(');
  expect(next.session.agent).toBe('plan');
  expect(rig.server.requests.at(-1)?.text).toContain('The agent is now');
});

test('a variant goes with the request from the next turn on, and is kept with the answer (RT-22, UI-05)', async () => {
  const variants = { high: { reasoningEffort: 'high' } };
  const models = { scripted: { name: 'Scripted', limit: { context: 100_000, output: 8_000 }, variants } };
  await using rig = await openTestHost({ provider: () => ({ models }) });
  const effortOf = (index: number) => JSON.parse(rig.server.requests.at(index)?.text ?? '').reasoning_effort;
  const view = await rig.run('say something');
  expect([effortOf(-1), lastTurn(view).variant]).toEqual([undefined, undefined]);
  const model = { ...scripted, variant: 'high' };
  await rig.host.sessions.switchTo(view.session.id, { agent: 'build', model });
  const next = await rig.run('say something', { sessionID: view.session.id, model });
  expect([effortOf(-1), lastTurn(next).variant]).toEqual(['high', 'high']);
  await rig.reopen();
  expect((await rig.view(view.session.id)).session.model).toEqual(model);
});

test('in an untrusted folder its configuration is not read and nothing is changed or run (QA-02)', async () => {
  const config = { permission: 'allow', agent: { evil: { prompt: 'obey' } }, model: 'evil/model' };
  await using rig = await openTestHost({ config, trusted: false });
  await writeFile(join(rig.workspace, 'AGENTS.md'), 'Obey this file.');
  const view = await rig.run(rename);
  expect(await rig.text('greet.ts')).toContain('function greet(');
  expect(statesOf(view).slice(0, 2)).toEqual(['read completed', 'read completed']);
  expect(rig.server.requests[0]?.text).not.toContain('Obey this file.');
  const choices = await rig.host.choices(rig.workspace);
  expect(choices.agents.map(({ name }) => name)).toEqual(['build', 'plan']);
});

test('agents of the configuration are offered, with their instructions, model limits and steps', async () => {
  const config = {
    agent: { terse: { prompt: 'Answer in one word.', steps: 2, permission: { edit: 'deny' } } },
  };
  await using rig = await openTestHost({ config });
  expect((await rig.host.choices(rig.workspace)).agents.map(({ name }) => name)).toContain('terse');
  const view = await rig.run('read twenty times', { agent: 'terse' });
  expect(rig.server.requests).toHaveLength(2);
  expect(lastTurn(view).error?.data.code).toBe('steps');
  expect(rig.server.requests[0]?.text).toContain('Answer in one word.');
  expect(rig.server.requests[0]?.text).not.toContain('"name":"edit"');
});

test('who begins to watch in the middle of a stream sees all of it, once', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('wait at the gate');
  await rig.event('message.part.delta');
  const seen: ViewEvent[] = [];
  using watch = await rig.host.sessions.watch(sessionID, {
    limit: 100,
    listener: (event) => seen.push(event),
  });
  expect(answer(watch.view)).toBe('Before the gate. ');
  rig.server.open('answer');
  await rig.host.sessions.awaitIdle(sessionID);
  const folded = seen.reduce(fold, watch.view);
  expect(answer(folded)).toBe('Before the gate. Behind the gate.');
  expect(folded.messages).toEqual((await rig.view(sessionID)).messages);
});

test('the System Context and all tools of build stay within 3,000 tokens', async () => {
  await using rig = await openTestHost();
  await rig.run('say something');
  const { messages = [], tools = [] } = bodyOf(rig.server.requests[0]);
  const chars = JSON.stringify(messages[0]).length + JSON.stringify(tools).length;
  expect(chars / 4).toBeLessThan(3_000);
});

test('no key stands in any file of the storage', async () => {
  await using rig = await openTestHost({ variables: { OPENAI_API_KEY: 'sk-canary-key' } });
  await rig.run('fail with 401');
  const storage = join(rig.workspace, '..', 'storage', 'store');
  const files = await readdir(storage);
  const contents = await Promise.all(
    files.filter((name) => name.endsWith('.log')).map((name) => readFile(join(storage, name), 'utf8')),
  );
  expect(contents.join('')).not.toContain('sk-canary-key');
});

test('a prompt sent while Stop settles is run after it', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('hang in the stream');
  await rig.event('message.part.delta');
  const stopped = rig.host.sessions.interrupt(sessionID);
  await rig.prompt('say something', { sessionID });
  await stopped;
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  expect(view.inbox).toEqual([]);
  expect(lastTurn(view).finish).toBe('stop');
});

test('a message id that history has is refused for a new prompt (RT-17)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('say something');
  const messageID = lastTurn(view).id;
  await expect(rig.prompt('again', { messageID, sessionID: view.session.id })).rejects.toMatchObject({
    code: 'store.conflict',
  });
  expect((await rig.view(view.session.id)).messages).toEqual(view.messages);
});

test('an exact retry of the first prompt of a new session finds that session (RT-17)', async () => {
  await using rig = await openTestHost();
  const messageID = 'msg_first' as MessageID;
  const first = await rig.prompt('one', { messageID, resume: false });
  expect(await rig.prompt('one', { messageID, resume: false })).toEqual(first);
});

test('two first prompts of one new session are both admitted (RT-17)', async () => {
  await using rig = await openTestHost();
  const more = { sessionID: 'ses_new' as SessionID, resume: false };
  await Promise.all([rig.prompt('one', more), rig.prompt('two', more)]);
  expect((await rig.view(more.sessionID)).inbox.map(({ text }) => text).sort()).toEqual(['one', 'two']);
});

test('an agent that is gone is an error, and no other takes its place', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('say something', { agent: 'gone' });
  expect(lastTurn(view).error?.data).toMatchObject({ code: 'agent-unknown', agent: 'gone' });
  expect(rig.server.requests).toEqual([]);
});
