import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionID } from '#shared/ids.ts';
import { bodyOf } from '../../testing/read-view.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';

const asked = { tools: false, user: 'write its title' };
const usage = { usage: { input: 50, output: 5 } };
const little = { usage: { input: 1_000, output: 10 } };

function scriptWith(reply: readonly object[]) {
  const turns = [
    { when: asked, reply },
    { when: { user: 'fail', step: 0 }, times: 1, reply: [{ error: { status: 500 } }] },
    { reply: [{ text: 'Answer.' }, little] },
  ];
  return { model: 'scripted', turns } as NonNullable<Parameters<typeof openTestHost>[0]>['script'] & object;
}

const named = [{ text: '"Greet is welcome now."' }, usage];
const gated = [{ gate: 'title' }, ...named];
const titled = (rig: TestHost) =>
  rig.event('session.updated', ({ properties }) => properties.info.titledBy === 'agent');
const modelOf = (request: { readonly body: unknown } | undefined) =>
  (request?.body as { readonly model: string } | undefined)?.model;
const titleRequests = ({ server }: TestHost) => server.requests.filter(({ hasTools }) => !hasTools);

test('a session gets a title from its first prompt, once, and what it took is counted (TL-01, RT-20)', async () => {
  await using rig = await openTestHost({ titles: true, script: scriptWith(named) });
  const { session } = await rig.run('rename greet to welcome everywhere');
  const { properties } = await titled(rig);
  expect(properties.info).toMatchObject({
    id: session.id,
    title: 'Greet is welcome now',
    tokens: { input: 1_050, output: 15 },
  });
  const [request] = titleRequests(rig);
  expect(request?.user).toContain('rename greet to welcome everywhere');
  expect(bodyOf(request).messages).toHaveLength(2);
  await rig.run('and more', { sessionID: session.id });
  await rig.reopen();
  await rig.run('and more', { sessionID: session.id });
  expect(titleRequests(rig)).toHaveLength(1);
  expect((await rig.host.sessions.get(session.id))?.title).toBe('Greet is welcome now');
});

test('a title that is still being written holds nothing up: the run ends and the next one begins', async () => {
  await using rig = await openTestHost({ titles: true, script: scriptWith(gated) });
  const view = await rig.run('one');
  expect(view.status).toEqual({ type: 'idle' });
  expect(view.session.titledBy).toBeUndefined();
  await rig.run('two', { sessionID: view.session.id });
  rig.server.open('title');
  expect((await titled(rig)).properties.info.title).toBe('Greet is welcome now');
});

test('nothing is asked before the first prompt was answered, and a failed turn asks for nothing', async () => {
  await using rig = await openTestHost({ titles: true, script: scriptWith(named) });
  const { session } = await rig.run('fail');
  expect(titleRequests(rig)).toHaveLength(0);
  rig.host.sessions.goOn(session.id);
  await titled(rig);
  expect(rig.server.requests.map(({ hasTools }) => hasTools)).toEqual([true, true, false]);
});

test('a title that the user gives while one is written stands, and so does one given before', async () => {
  await using rig = await openTestHost({ titles: true, script: scriptWith(gated) });
  const { session } = await rig.run('one');
  await rig.server.reached('title');
  await rig.host.sessions.rename(session.id, 'Mine');
  rig.server.open('title');
  const { properties } = await rig.event(
    'session.updated',
    (event) => event.properties.info.tokens.input === 1_050,
  );
  expect(properties.info).toMatchObject({ title: 'Mine', titledBy: 'user' });

  const waiting = await rig.prompt('two', { resume: false });
  await rig.host.sessions.rename(waiting.sessionID, 'Also mine');
  rig.host.sessions.goOn(waiting.sessionID);
  await rig.host.sessions.awaitIdle(waiting.sessionID);
  await rig.reopen();
  expect(titleRequests(rig)).toHaveLength(1);
});

test('a fork keeps the title that says so', async () => {
  await using rig = await openTestHost({ titles: true, script: scriptWith(gated) });
  const { session, messages } = await rig.run('one');
  await rig.server.reached('title');
  // From before the first prompt: its own first turn is yet to come, and nobody has named it.
  const fork = await rig.host.sessions.fork(session.id, messages[0]?.info.id);
  expect(fork.titledBy).toBeUndefined();
  await rig.run('two', { sessionID: fork.id });
  rig.server.open('title');
  await titled(rig);
  await rig.reopen();
  expect(titleRequests(rig)).toHaveLength(1);
  expect((await rig.host.sessions.get(fork.id))?.title).toBe(fork.title);
});

test('a child session has the title of its task, and none is written for it (RT-19)', async () => {
  const config = { agent: { explore: { mode: 'subagent', description: 'Looks around.' } } };
  await using rig = await openTestHost({ titles: true, script: scriptWith(named), config });
  const parent = await rig.run('one');
  await titled(rig);
  const task = { parentID: parent.session.id, description: 'Find the  callers\nof greet' };
  const child = await rig.run('look for them', { child: task, agent: 'explore', directory: '/elsewhere' });
  expect(child.session).toMatchObject({
    parentID: parent.session.id,
    title: 'Find the callers of greet (@explore subagent)',
    directory: rig.workspace,
  });
  expect(child.messages.at(-1)?.info).toMatchObject({ agent: 'explore', finish: 'stop' });
  // A title for the child would have been asked for before one for this.
  const next = await rig.run('two');
  await rig.event(
    'session.updated',
    ({ properties: { info } }) => info.id === next.session.id && info.titledBy === 'agent',
  );
  expect(titleRequests(rig).map(({ user }) => /look for them/.test(user ?? ''))).toEqual([false, false]);
  await rig.run('once more', { child: { ...task, description: 'x' }, sessionID: child.session.id });
  await rig.reopen();
  const kept = await rig.host.sessions.get(child.session.id);
  expect(kept).toMatchObject({ title: child.session.title, parentID: parent.session.id });
  await rig.host.sessions.rename(child.session.id, 'Callers');
  expect(await rig.host.sessions.get(child.session.id)).toMatchObject({ title: 'Callers', titledBy: 'user' });
});

test('a child session without words for its task is called by its prompt, and one of nobody is refused', async () => {
  await using rig = await openTestHost();
  const { sessionID: parentID } = await rig.prompt('one', { resume: false });
  const prompt = { agent: 'general', resume: false } as const;
  const { sessionID } = await rig.prompt('do this', { ...prompt, child: { parentID, description: ' \n' } });
  expect((await rig.host.sessions.get(sessionID))?.title).toBe('do this (@general subagent)');
  const stray = { parentID: 'ses_none' as SessionID, description: 'x' };
  await expect(rig.prompt('do this', { ...prompt, child: stray })).rejects.toMatchObject({
    code: 'session.unknown',
  });
  expect(await rig.host.sessions.list()).toHaveLength(2);
});

test.for([
  ['an error', [{ error: { status: 500 } }]],
  ['no words', [{ text: ' \n' }]],
  ['a cut', [{ text: 'Half' }, { cut: true }]],
] as const)(
  'where the answer is %s the first words stay, and the conversation shows nothing of it',
  async ([, reply]) => {
    await using rig = await openTestHost({ titles: true, script: scriptWith(reply) });
    const view = await rig.run('one');
    await rig.server.waitForRequest(2);
    await rig.server.requests[1]?.done;
    await rig.reopen();
    const session = await rig.host.sessions.get(view.session.id);
    expect(session).toMatchObject({ title: 'one' });
    expect(session?.titledBy).toBeUndefined();
    expect((await rig.view(view.session.id)).messages).toEqual(view.messages);
    expect(rig.host.notices()).toEqual([]);
  },
);

test('closing does not wait for a title', async () => {
  await using rig = await openTestHost({ titles: true, script: scriptWith([{ hang: true }]) });
  const { session } = await rig.run('one');
  const request = await rig.server.waitForRequest(2);
  await rig.reopen();
  expect(await request.done).toBe('left');
  expect((await rig.host.sessions.get(session.id))?.title).toBe('one');
});

test('a title comes from its own model, else the small one, else the session’s', async () => {
  const models = { scripted: {}, small: {}, own: {} };
  const script = { ...scriptWith(named), model: '*' };
  await using rig = await openTestHost({ titles: true, script });
  const use = (config: object) => writeFile(join(rig.workspace, 'opencode.json'), JSON.stringify(config));
  const provider = { scripted: { models } };
  const askedModel = async (config: object) => {
    await use({ provider, ...config });
    const before = titleRequests(rig).length;
    await rig.run('one');
    await expect.poll(() => titleRequests(rig).length).toBe(before + 1);
    return modelOf(titleRequests(rig).at(-1));
  };
  expect(await askedModel({ small_model: 'scripted/small' })).toBe('small');
  const agent = { title: { model: 'scripted/own' } };
  expect(await askedModel({ small_model: 'scripted/small', agent })).toBe('own');
  expect(await askedModel({ small_model: 'nobody/knows' })).toBe('scripted');
});

test('where the user turned the agent off, no title is asked for', async () => {
  await using rig = await openTestHost({ titles: false, script: scriptWith(named) });
  await rig.run('one');
  await rig.reopen();
  expect(rig.server.requests).toHaveLength(1);
});
