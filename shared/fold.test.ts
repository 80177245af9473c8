import { expect, test } from 'vitest';
import type { ViewEvent } from './events.ts';
import { fold, type SessionView } from './fold.ts';

const empty = {
  session: { id: 'ses_1', title: 'One' },
  status: { type: 'idle' },
  inbox: [],
  messages: [],
  permissions: [],
} as unknown as SessionView;

const event = (type: string, properties: object) => ({ type, properties }) as unknown as ViewEvent;
const user = event('message.updated', { sessionID: 'ses_1', info: { id: 'msg_1', role: 'user' } });
const part = (id: string, text: string) =>
  event('message.part.updated', { sessionID: 'ses_1', part: { id, messageID: 'msg_1', type: 'text', text } });
const delta = (id: string, text: string) =>
  event('message.part.delta', {
    sessionID: 'ses_1',
    messageID: 'msg_1',
    partID: id,
    field: 'text',
    delta: text,
  });
const admitted = event('session.input.admitted', { sessionID: 'ses_1', prompt: { id: 'msg_1', text: 'hi' } });
const promoted = event('session.input.promoted', { sessionID: 'ses_1', messageID: 'msg_1' });

const after = (...events: ViewEvent[]) => events.reduce(fold, empty);

test('messages and parts are upserted by id, in the order they came', () => {
  const view = after(user, part('prt_1', 'a'), part('prt_2', 'b'), part('prt_1', 'c'));
  expect(view.messages[0]?.parts).toMatchObject([
    { id: 'prt_1', text: 'c' },
    { id: 'prt_2', text: 'b' },
  ]);
});

test('a delta extends its part, and one for a part that is not there changes nothing', () => {
  expect(after(user, part('prt_1', 'a'), delta('prt_1', 'b')).messages[0]?.parts).toMatchObject([
    { text: 'ab' },
  ]);
  expect(after(user, delta('prt_9', 'b')).messages[0]?.parts).toEqual([]);
});

test('a prompt leaves the inbox when it is promoted, and a late admission does not bring it back', () => {
  expect(after(admitted).inbox).toHaveLength(1);
  expect(after(admitted, promoted, user).inbox).toEqual([]);
  expect(after(admitted, promoted, user, admitted).inbox).toEqual([]);
});

test('a permission is there from the ask to the answer', () => {
  const asked = event('permission.asked', { sessionID: 'ses_1', request: { id: 'per_1' } });
  const replied = event('permission.replied', { sessionID: 'ses_1', id: 'per_1', reply: { type: 'once' } });
  expect(after(asked, asked).permissions).toHaveLength(1);
  expect(after(asked, replied).permissions).toEqual([]);
});

test('events of other sessions leave the view as it is, the same object', () => {
  const other = event('message.updated', { sessionID: 'ses_2', info: { id: 'msg_2', role: 'user' } });
  expect(fold(empty, other)).toBe(empty);
  const two = after(user, part('prt_1', 'a'));
  const next = fold(
    two,
    event('message.updated', { sessionID: 'ses_1', info: { id: 'msg_3', role: 'user' } }),
  );
  expect(next.messages[0]).toBe(two.messages[0]);
});

test('a revert holds until its first message is cut out of history (RT-21)', () => {
  const header = event('session.updated', {
    info: { id: 'ses_1', title: 'One', revert: { messageID: 'msg_1' } },
  });
  const removed = (messageID: string) => event('message.removed', { sessionID: 'ses_1', messageID });
  const second = event('message.updated', { sessionID: 'ses_1', info: { id: 'msg_2', role: 'assistant' } });
  const start = [header, user, second, removed('msg_2')];
  expect(after(...start).session.revert).toEqual({ messageID: 'msg_1' });
  const view = after(...start, removed('msg_1'));
  expect(view.session).not.toHaveProperty('revert');
  expect(view.messages).toEqual([]);
});
