import { expect, test } from 'vitest';
import { fold, type SessionView } from '#shared/fold.ts';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { turnsOf } from '../store/turns.ts';
import { TurnView } from './turn.tsx';
import { endOf } from './turn-end.ts';

const sessionID = SessionID.make('ses_1');
const model = { providerID: 'p', modelID: 'm' };

const message = (id: string, role: 'user' | 'assistant'): MessageWithParts => {
  const messageID = MessageID.make(id);
  const base = { id: messageID, sessionID, agent: 'build', time: { created: 1 } };
  return {
    info:
      role === 'user'
        ? { ...base, role, model }
        : {
            ...base,
            ...model,
            role,
            parentID: messageID,
            mode: 'build',
            path: { cwd: '/', root: '/' },
            cost: 0,
            tokens: noTokens,
          },
    parts: [{ id: PartID.make(`prt_${id}`), sessionID, messageID, type: 'text', text: 'a' }],
  };
};

const view: SessionView = {
  session: {
    id: sessionID,
    directory: '/',
    title: '',
    version: '1',
    cost: 0,
    tokens: noTokens,
    time: { created: 1, updated: 1 },
  },
  status: { type: 'busy' },
  inbox: [],
  messages: [
    message('msg_1', 'user'),
    message('msg_2', 'assistant'),
    message('msg_3', 'user'),
    message('msg_4', 'assistant'),
  ],
  permissions: [],
};

test('a delta draws the last turn again and no other', () => {
  const after = fold(view, {
    type: 'message.part.delta',
    properties: {
      sessionID,
      messageID: MessageID.make('msg_4'),
      partID: PartID.make('prt_msg_4'),
      field: 'text',
      delta: 'b',
    },
  });
  const [before, now] = [view, after].map(({ messages }) => turnsOf(messages));
  expect(before?.map((turn, index) => drawsAgain(turn, now?.[index] ?? turn))).toEqual([false, true]);
});

function drawsAgain(before: object, after: object): boolean {
  const Turn = TurnView as unknown as new (props: object) => { shouldComponentUpdate(next: object): boolean };
  return new Turn(before).shouldComponentUpdate(after);
}

test('a turn says that its provider is asked again, until something of an answer comes (LM-11)', () => {
  const answer = message('msg_4', 'assistant');
  const wait = {
    ...{ id: PartID.make('prt_wait'), sessionID, messageID: MessageID.make('msg_4'), type: 'retry' as const },
    ...{ attempt: 1, time: { created: 1, next: 2 } },
    error: { name: 'APIError' as const, data: { code: 'rate-limit', message: '' } },
  };
  const endWith = (...parts: MessageWithParts['parts'][number][]) =>
    endOf({ key: 'msg_4', prompt: null, entries: [{ ...answer, parts }] }, true).type;
  expect(endWith(wait)).toBe('retrying');
  expect(endWith(wait, ...answer.parts)).toBe('live');
});
