import { expect, test } from 'vitest';
import type { SessionView } from '#shared/fold.ts';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { type MessageError, noTokens } from '#shared/message.ts';
import type { Part } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { answerText, endOf, endPlace, turnCost, turnDuration } from '../transcript/turn-end.ts';
import { standing, takenBack, turnsOf } from './turns.ts';

const sessionID = SessionID.make('ses_1');
const model = { providerID: 'p', modelID: 'm' };

const user = (id: string, synthetic = false): MessageWithParts => ({
  info: {
    id: MessageID.make(id),
    sessionID,
    role: 'user',
    time: { created: 1_000 },
    agent: 'build',
    model,
    ...(synthetic ? { synthetic: true as const } : {}),
  },
  parts: [],
});

interface Options {
  readonly completed?: number;
  readonly error?: MessageError;
  readonly parts?: readonly Part[];
  readonly input?: number;
  readonly cost?: number;
  readonly finish?: string;
  readonly summary?: true;
}

const answer = (
  id: string,
  { completed, error, parts = [], input = 0, cost = 0, finish, summary }: Options = {},
): MessageWithParts => ({
  info: {
    id: MessageID.make(id),
    sessionID,
    role: 'assistant',
    parentID: MessageID.make('msg_u'),
    ...model,
    agent: 'build',
    mode: 'build',
    path: { cwd: '/', root: '/' },
    cost,
    tokens: { ...noTokens, input },
    ...(error ? { error } : {}),
    ...(finish ? { finish } : {}),
    ...(summary ? { summary } : {}),
    time: { created: 1_000, ...(completed === undefined ? {} : { completed }) },
  },
  parts,
});

const text = (value: string, end?: number): Part => ({
  id: PartID.make(`prt_${value}`),
  sessionID,
  messageID: MessageID.make('msg_a'),
  type: 'text',
  text: value,
  time: { start: 1, ...(end === undefined ? {} : { end }) },
});

const toolPart = (status: 'running' | 'completed'): Part => ({
  id: PartID.make('prt_tool'),
  sessionID,
  messageID: MessageID.make('msg_a'),
  type: 'tool',
  callID: 'c',
  tool: 'read',
  state:
    status === 'running'
      ? { status, input: {}, time: { start: 1 } }
      : { status, input: {}, output: '', title: '', metadata: {}, time: { start: 1, end: 2 } },
});

const aborted: MessageError = { name: 'MessageAbortedError', data: { code: 'interrupted', message: '' } };
const broken: MessageError = { name: 'APIError', data: { code: 'server', message: '' } };

const turnOf = (...entries: readonly MessageWithParts[]) => ({ key: 'k', prompt: user('msg_u'), entries });

test('a turn is a prompt with everything that follows it, messages of the host included', () => {
  const turns = turnsOf([
    user('msg_1'),
    answer('msg_2'),
    user('msg_3', true),
    answer('msg_4'),
    user('msg_5'),
  ]);
  expect(turns.map(({ key, entries }) => [key, entries.length])).toEqual([
    ['msg_1', 3],
    ['msg_5', 0],
  ]);
});

test('a window that begins inside a turn has a turn without a prompt', () => {
  expect(turnsOf([answer('msg_2'), user('msg_3')])[0]).toMatchObject({ key: 'msg_2', prompt: null });
});

test('a running turn waits for the first word, then between steps, and is live while something moves', () => {
  expect(endOf(turnOf(), true)).toEqual({ type: 'waiting', first: true });
  expect(endOf(turnOf(answer('msg_a')), true)).toEqual({ type: 'waiting', first: true });
  expect(endOf(turnOf(answer('msg_a', { parts: [text('so')] })), true)).toEqual({ type: 'live' });
  expect(endOf(turnOf(answer('msg_a', { parts: [toolPart('running')] })), true)).toEqual({ type: 'live' });
  expect(endOf(turnOf(answer('msg_a', { parts: [toolPart('completed')] })), true)).toEqual({
    type: 'waiting',
    first: false,
  });
});

test('a turn that was cut off is interrupted, also when nobody closed it', () => {
  expect(endOf(turnOf(answer('msg_a', { error: aborted, completed: 2 })), false)).toEqual({
    type: 'interrupted',
  });
  expect(endOf(turnOf(answer('msg_a', { parts: [text('so')] })), false)).toEqual({ type: 'interrupted' });
});

test('a failed turn says its error, a finished one its last message, an unanswered one nothing', () => {
  expect(endOf(turnOf(answer('msg_a', { error: broken })), false)).toEqual({ type: 'failed', error: broken });
  expect(endOf(turnOf(answer('msg_a', { completed: 2_000 })), false)).toMatchObject({ type: 'done' });
  expect(endOf(turnOf(), false)).toEqual({ type: 'open' });
});

test('an error that was retried with success is not shown as the end', () => {
  const turn = turnOf(answer('msg_a', { error: broken, completed: 2 }), answer('msg_b', { completed: 3 }));
  expect(endOf(turn, false).type).toBe('done');
});

test("the answer's text, cost and time are those of all its messages", () => {
  const last = answer('msg_b', { completed: 4_000, parts: [text('two', 1)], cost: 0.02 });
  const turn = turnOf(answer('msg_a', { completed: 2_000, parts: [text('one', 1)], cost: 0.01 }), last);
  expect(answerText(turn)).toBe('one\n\ntwo');
  expect(turnCost(turn)).toBeCloseTo(0.03);
  expect(last.info.role === 'assistant' && turnDuration(turn, last.info)).toBe(3_000);
});

const compaction = (reason: 'manual' | 'threshold'): Part => ({
  id: PartID.make('prt_why'),
  sessionID,
  messageID: MessageID.make('msg_s'),
  type: 'compaction',
  reason,
});
const folding = (reason: 'manual' | 'threshold', options: Options = {}) =>
  answer('msg_s', { summary: true, ...options, parts: [compaction(reason), ...(options.parts ?? [])] });
const done = answer('msg_a', { completed: 2_000, cost: 0.01, parts: [text('one', 1)] });

test('a turn whose tools have run and whose next step never came is interrupted (RT-12)', () => {
  const cut = answer('msg_a', { completed: 2, finish: 'tool-calls' });
  expect(endOf(turnOf(cut), false)).toEqual({ type: 'interrupted' });
  expect(endOf(turnOf(cut, answer('msg_b', { completed: 3, finish: 'stop' })), false).type).toBe('done');
});

test('a Compaction after the answer leaves its end as it is, above the Compaction (RT-07)', () => {
  const turn = turnOf(done, folding('manual', { completed: 9_000, cost: 0.5, parts: [text('summary', 1)] }));
  const end = endOf(turn, false);
  expect(end).toMatchObject({ type: 'done', last: { id: 'msg_a' } });
  expect(endPlace(turn, false)).toBe(1);
  expect(answerText(turn)).toBe('one');
  expect(turnCost(turn)).toBeCloseTo(0.01);
});

test('a running Compaction has its own line, and nothing waits beside it', () => {
  expect(endOf(turnOf(done, folding('manual')), true)).toEqual({ type: 'live' });
  expect(endOf(turnOf(folding('threshold', { completed: 3 })), true)).toEqual({
    type: 'waiting',
    first: true,
  });
});

test('a Compaction that was cut off before the next step leaves the turn to be continued (RT-12)', () => {
  for (const cut of [folding('threshold', { error: aborted, completed: 3 }), folding('threshold')]) {
    const turn = turnOf(done, cut);
    expect(endOf(turn, false)).toEqual({ type: 'interrupted' });
    expect(endPlace(turn, false)).toBe(2);
  }
});

test('a Compaction that the user asked for and stopped leaves nothing to continue', () => {
  const turn = turnOf(done, folding('manual', { error: aborted, completed: 3 }));
  expect(endOf(turn, false).type).toBe('done');
  const inRun = turnOf(
    answer('msg_a', { completed: 2, finish: 'tool-calls' }),
    folding('manual', { error: aborted }),
  );
  expect(endOf(inRun, false).type).toBe('interrupted');
});

const viewWith = (messages: readonly MessageWithParts[], revert?: string): SessionView => ({
  session: {
    id: sessionID,
    directory: '/w',
    title: '',
    version: '1',
    cost: 0,
    tokens: noTokens,
    ...(revert === undefined ? {} : { revert: { messageID: MessageID.make(revert) } }),
    time: { created: 1, updated: 1 },
  },
  status: { type: 'idle' },
  inbox: [],
  messages,
  permissions: [],
});

test('what was taken back does not stand, and nothing does where that began before the window (RT-21)', () => {
  const messages = [user('msg_1'), answer('msg_2'), user('msg_3'), answer('msg_4')];
  expect(standing(viewWith(messages))).toBe(messages);
  expect(standing(viewWith(messages, 'msg_3')).map(({ info }) => info.id)).toEqual(['msg_1', 'msg_2']);
  expect(standing(viewWith(messages, 'msg_0'))).toEqual([]);
});

test('what was taken back is counted as it was drawn, and told by the session where it is not loaded (RT-21)', () => {
  const messages = [user('msg_1'), answer('msg_2'), user('msg_3'), answer('msg_4'), answer('msg_5')];
  expect(takenBack(viewWith(messages, 'msg_3'))).toBe(2);
  expect(takenBack(viewWith(messages, 'msg_1'))).toBe(4);
  const { session, ...rest } = viewWith(messages);
  const revert = { messageID: MessageID.make('msg_0'), messages: 40 };
  expect(takenBack({ ...rest, session: { ...session, revert } })).toBe(40);
});
