import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Ports } from '../../ports/ports.ts';
import { statesOf } from '../../testing/read-view.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';

// Prompts that wait: how they are changed, taken out and given to the model.

const messageID = 'msg_one' as MessageID;

const promptsSent = (rig: TestHost) =>
  rig.server.requests.map(({ text }) =>
    ['the old words', 'the new words'].filter((each) => text.includes(each)),
  );

test('a prompt that waits gets another text, over a restart, and is told as one (RT-10)', async () => {
  await using rig = await openTestHost();
  const prompt = await rig.prompt('the old words', { messageID, resume: false });
  const edited = await rig.host.sessions.editInput(prompt.sessionID, messageID, 'the new words');
  expect(edited).toEqual({ ...prompt, text: 'the new words' });
  await rig.reopen();
  expect((await rig.view(prompt.sessionID)).inbox).toEqual([edited]);
  rig.host.sessions.goOn(prompt.sessionID);
  await rig.host.sessions.awaitIdle(prompt.sessionID);
  expect(promptsSent(rig)).toEqual([['the new words']]);
});

test('a prompt that waits is taken out, and given back as it was (RT-10)', async () => {
  await using rig = await openTestHost();
  const prompt = await rig.prompt('the old words', { messageID, resume: false });
  expect(await rig.host.sessions.cancelInput(prompt.sessionID, messageID)).toEqual(prompt);
  expect((await rig.view(prompt.sessionID)).inbox).toEqual([]);
  rig.host.sessions.goOn(prompt.sessionID);
  await rig.host.sessions.awaitIdle(prompt.sessionID);
  expect(rig.server.requests).toEqual([]);
  const told = await rig.event('session.input.cancelled');
  expect(told.properties).toEqual({ sessionID: prompt.sessionID, messageID });
});

test('what the model was given cannot be changed any more, and says so (RT-02)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('the old words', { messageID });
  const { id } = view.session;
  const late = { code: 'prompt.promoted' };
  await expect(rig.host.sessions.editInput(id, messageID, 'the new words')).rejects.toMatchObject(late);
  await expect(rig.host.sessions.cancelInput(id, messageID)).rejects.toMatchObject(late);
  expect((await rig.view(id)).messages).toEqual(view.messages);
  const unknown = { code: 'prompt.unknown' };
  const other = 'ses_other' as SessionID;
  await expect(rig.host.sessions.editInput(other, messageID, 'x')).rejects.toMatchObject(unknown);
  await expect(rig.host.sessions.cancelInput(id, 'msg_no' as MessageID)).rejects.toMatchObject(unknown);
  await expect(rig.host.sessions.editInput(id, messageID, ' ')).rejects.toMatchObject({
    code: 'prompt.empty',
  });
});

test('an edit that comes between the look into the inbox and the promotion reaches the model (RT-02)', async () => {
  const boundary = createBoundaryGate();
  await using rig = await openTestHost({ ports: boundary.ports });
  boundary.close();
  const { sessionID } = await rig.prompt('the old words', { messageID });
  await boundary.reached;
  await rig.host.sessions.editInput(sessionID, messageID, 'the new words');
  boundary.open();
  await rig.host.sessions.awaitIdle(sessionID);
  expect(promptsSent(rig)).toEqual([['the new words']]);
  const view = await rig.view(sessionID);
  expect(view.messages.map(({ info }) => info.role)).toEqual(['user', 'assistant']);
  expect(view.inbox).toEqual([]);
  expect(rig.events.filter(({ type }) => type === 'notice.raised')).toEqual([]);
});

test('a prompt that is cancelled between the look into the inbox and the promotion never reaches the model (RT-02)', async () => {
  const boundary = createBoundaryGate();
  await using rig = await openTestHost({ ports: boundary.ports });
  boundary.close();
  const { sessionID } = await rig.prompt('the old words', { messageID });
  await boundary.reached;
  await rig.host.sessions.cancelInput(sessionID, messageID);
  boundary.open();
  await rig.host.sessions.awaitIdle(sessionID);
  expect(rig.server.requests).toEqual([]);
  expect((await rig.view(sessionID)).messages).toEqual([]);
  expect(rig.events.filter(({ type }) => type === 'notice.raised')).toEqual([]);
});

test('facts that were to share a commit with a promotion that is refused are kept with the next (RT-12)', async () => {
  const boundary = createBoundaryGate();
  await using rig = await openTestHost({
    config: { permission: { edit: 'ask' } },
    ports: boundary.ports,
  });
  const { sessionID } = await rig.prompt('rename greet to welcome');
  const first = await rig.asked();
  await rig.prompt('the old words', { sessionID, messageID });
  boundary.close();
  await rig.host.sessions.reply(first.id, { type: 'once' });
  await boundary.reached;
  await rig.host.sessions.cancelInput(sessionID, messageID);
  boundary.open();
  await rig.event('permission.asked', (event) => event.properties.request.id !== first.id);
  const view = await rig.view(sessionID);
  expect(statesOf(view).slice(0, 3)).toEqual(['read completed', 'read completed', 'edit completed']);
  const open = view.messages.filter(({ info }) => info.role === 'assistant' && !info.time.completed);
  expect(open).toHaveLength(1);
});

test('steers go in together and in order at the next boundary, queued prompts one by one after that (RT-10)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('wait at the gate');
  await rig.event('message.part.delta');
  for (const [text, delivery] of [
    ['queued one', 'queue'],
    ['steer one', 'steer'],
    ['queued two', 'queue'],
    ['steer two', 'steer'],
  ] as const) {
    await rig.prompt(text, { sessionID, delivery });
  }
  rig.server.open('answer');
  await rig.host.sessions.awaitIdle(sessionID);
  const view = await rig.view(sessionID);
  const story = view.messages.map(({ info, parts }) => {
    const [first] = parts;
    return info.role === 'user' && first?.type === 'text' ? first.text : 'answer';
  });
  expect(story).toEqual([
    'wait at the gate',
    'answer',
    'steer one',
    'steer two',
    'answer',
    'queued one',
    'answer',
    'queued two',
    'answer',
  ]);
});

test('one message id in two sessions is a conflict, whatever the text (RT-17)', async () => {
  await using rig = await openTestHost();
  const [one, two] = ['ses_one', 'ses_two'] as [SessionID, SessionID];
  const both = await Promise.allSettled([
    rig.prompt('same', { messageID, sessionID: one, resume: false }),
    rig.prompt('same', { messageID, sessionID: two, resume: false }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'prompt.conflict' },
  });
  const inboxes = await Promise.all(
    (await rig.host.sessions.list()).map(async ({ id }) => (await rig.view(id)).inbox.length),
  );
  expect(inboxes).toEqual([1]);
});

test('a retry of a prompt that the model was given is that prompt, and runs nothing twice (RT-17)', async () => {
  await using rig = await openTestHost();
  const more = { messageID, sessionID: 'ses_one' as SessionID };
  const view = await rig.run('say something', more);
  const retries = await Promise.all([rig.prompt('say something', more), rig.prompt('say something', more)]);
  await rig.host.sessions.awaitIdle(more.sessionID);
  expect(retries[0]).toEqual(retries[1]);
  expect(rig.server.requests).toHaveLength(1);
  expect((await rig.view(more.sessionID)).messages).toEqual(view.messages);
});

test('a prompt with resume false waits, and goes along with the next that wakes (RT-16)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('the old words', { resume: false });
  await rig.host.sessions.awaitIdle(sessionID);
  expect(rig.server.requests).toEqual([]);
  await rig.run('the new words', { sessionID });
  expect(promptsSent(rig)).toEqual([['the old words', 'the new words']]);
});

/** Holds a boundary where it has seen the inbox and looks at the System Context, until it is opened. */
function createBoundaryGate() {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  let closed = false;
  const hold = async () => {
    if (!closed) return;
    reached.resolve();
    await opened.promise;
  };
  const ports = (all: Ports): Ports => ({
    ...all,
    textFiles: {
      ...all.textFiles,
      stamp: async (path) => {
        await hold();
        return all.textFiles.stamp(path);
      },
    },
  });
  return {
    ports,
    reached: reached.promise,
    close: () => {
      closed = true;
    },
    open: () => {
      closed = false;
      opened.resolve();
    },
  };
}
