import { expect, test } from 'vitest';
import type { ViewEvent } from '#shared/events.ts';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import type { ToWebview } from '#shared/protocol.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import { reduce } from './reduce.ts';
import {
  type ChatAction,
  type ChatState,
  initialState,
  type SendingPrompt,
  type StateMessage,
} from './state.ts';

const sessionID = SessionID.make('ses_1');
const otherID = SessionID.make('ses_2');
const promptID = MessageID.make('msg_prompt');
const answerID = MessageID.make('msg_answer');
const model = { providerID: 'p', modelID: 'm' };

const session = (id = sessionID, title = 'One'): Session => ({
  id,
  directory: '/w',
  title,
  version: '1',
  cost: 0,
  tokens: noTokens,
  time: { created: 1, updated: 1 },
});

const userMessage = (id = promptID): MessageWithParts => ({
  info: { id, sessionID, role: 'user', time: { created: 1 }, agent: 'build', model },
  parts: [{ id: PartID.make('prt_1'), sessionID, messageID: id, type: 'text', text: 'hi' }],
});

const windowOf = (id = sessionID, messages: readonly MessageWithParts[] = []) => ({
  session: session(id),
  status: { type: 'idle' as const },
  inbox: [],
  messages,
  permissions: [],
});

const state = (over: Partial<StateMessage> = {}): StateMessage => ({
  type: 'state',
  seq: 0,
  translations: {},
  location: { name: 'w', directory: '/w' },
  trusted: true,
  window: windowOf(),
  hasOlder: false,
  sessions: [session()],
  choices: { agents: [], agent: 'build', model: null },
  notices: [],
  ...over,
});

const received = (message: ToWebview): ChatAction => ({ type: 'received', message });
const events = (seq: number, ...list: readonly ViewEvent[]) =>
  received({ type: 'events', seq, events: list });
const run = (start: ChatState, ...actions: readonly ChatAction[]) => actions.reduce(reduce, start);
const live = (over: Partial<StateMessage> = {}) => run(initialState, received(state(over)));

const status = (type: 'idle' | 'busy'): ViewEvent => ({
  type: 'session.status',
  properties: { sessionID, status: { type } },
});
const updated = (info: Session): ViewEvent => ({ type: 'session.updated', properties: { info } });
const admitted = (id = promptID, inSession = sessionID): ViewEvent => ({
  type: 'session.input.admitted',
  properties: {
    sessionID: inSession,
    prompt: {
      id,
      sessionID: inSession,
      text: 'hi',
      delivery: 'steer',
      agent: 'build',
      model,
      time: { created: 1 },
    },
  },
});
const sending = (over: Partial<SendingPrompt> = {}): SendingPrompt => ({
  id: promptID,
  sessionID,
  text: 'hi',
  delivery: 'steer',
  ...over,
});
const sent = (over: Partial<SendingPrompt> = {}): ChatAction => ({
  type: 'prompt.sent',
  prompt: sending(over),
});
const typed = (text: string): ChatAction => ({ type: 'draft.typed', text });

test('a batch that follows the last one is folded and its number kept', () => {
  const after = run(live(), events(1, status('busy')), events(2, updated(session(sessionID, 'Two'))));
  expect(after.view?.status.type).toBe('busy');
  expect(after.view?.session.title).toBe('Two');
  expect(after.seq).toBe(2);
});

test('a missing batch makes the state stale, and later batches change nothing until a whole state comes', () => {
  const behind = run(live(), events(2, status('busy')));
  expect(behind.sync).toBe('behind');
  expect(behind.view?.status.type).toBe('idle');
  expect(run(behind, events(3, status('busy')))).toBe(behind);
  expect(run(behind, received(state({ seq: 3 })), events(4, status('busy')))).toMatchObject({
    sync: 'live',
    seq: 4,
    view: { status: { type: 'busy' } },
  });
});

test('a batch that came before is not applied twice', () => {
  const once = run(live(), events(1, status('busy')));
  expect(run(once, events(1, status('idle')))).toBe(once);
});

test('a message that did not change keeps its identity while another one streams', () => {
  const before = live({ window: windowOf(sessionID, [userMessage(), userMessage(answerID)]) });
  const part = {
    id: PartID.make('prt_1'),
    sessionID,
    messageID: answerID,
    type: 'text',
    text: 'new',
  } as const;
  const after = run(before, events(1, { type: 'message.part.updated', properties: { sessionID, part } }));
  expect(after.view?.messages[0]).toBe(before.view?.messages[0]);
  expect(after.view?.messages[1]).not.toBe(before.view?.messages[1]);
});

test('a sent prompt is shown at once, leaves the box, and goes when the host has admitted it', () => {
  const shown = run(live(), typed('hi'), sent());
  expect(shown.sending).toHaveLength(1);
  expect(shown.draft).toMatchObject({ text: '', revision: 2 });
  const done = run(shown, events(1, admitted()));
  expect(done.sending).toEqual([]);
  expect(done.view?.inbox.map(({ id }) => id)).toEqual([promptID]);
});

test('a sent prompt goes also when its message is the first that is heard of it', () => {
  const info = userMessage().info;
  const done = run(live(), sent(), events(1, { type: 'message.updated', properties: { sessionID, info } }));
  expect(done.sending).toEqual([]);
});

test('a prompt that was sent just before a new session was begun does not stay in that one as being sent', () => {
  const begun = run(live(), sent(), received(state({ window: null })));
  expect(begun.sending).toHaveLength(1);
  const admitted = received({ type: 'prompt.admitted', messageID: promptID });
  expect(run(live(), sent(), received(state({ window: null })), admitted).sending).toEqual([]);
});

test('a whole state that holds the prompt ends its sending', () => {
  const done = run(live(), sent(), received(state({ window: windowOf(sessionID, [userMessage()]) })));
  expect(done.sending).toEqual([]);
});

test('a whole state without the prompt leaves it sending: it may be on its way', () => {
  expect(run(live(), sent(), received(state())).sending).toHaveLength(1);
});

test('a refused prompt comes back into the box, before what was typed since, with the reason (QA-01)', () => {
  const refused: ToWebview = {
    type: 'prompt.refused',
    messageID: promptID,
    code: 'store.readonly',
    detail: 'full',
  };
  const empty = run(live(), typed('hi'), sent(), received(refused));
  expect(empty.draft).toMatchObject({ text: 'hi', id: promptID });
  expect(empty.refusal).toEqual({ code: 'store.readonly', detail: 'full' });
  expect(empty.sending).toEqual([]);
  const busy = run(live(), sent(), typed('and'), received(refused));
  expect(busy.draft).toMatchObject({ text: 'hi\nand', id: null });
});

test('a text that was given back keeps its id until it is changed (RT-17)', () => {
  const back = run(
    live(),
    sent(),
    received({ type: 'prompt.refused', messageID: promptID, code: 'x', detail: '' }),
  );
  expect(run(back, typed('hi')).draft.id).toBe(promptID);
  expect(run(back, typed('hi!')).draft.id).toBeNull();
});

test('after a reload an unanswered prompt is a draft again, and is not sent by itself', () => {
  const kept = { sessionID, drafts: {}, unsent: [sending()], scroll: null };
  const back = run(initialState, { type: 'restored', kept }, received(state()));
  expect(back.draft).toMatchObject({ text: 'hi', id: promptID });
  expect(back.sending).toEqual([]);
  expect(run(back, events(1, admitted())).draft.text).toBe('');
});

test('after a reload a prompt that the host has leaves nothing in the box', () => {
  const kept = { sessionID, drafts: {}, unsent: [sending()], scroll: null };
  const window = windowOf(sessionID, [userMessage()]);
  const back = run(initialState, { type: 'restored', kept }, received(state({ window })));
  expect(back.draft.text).toBe('');
});

test('after a reload the box holds the draft of the session that is shown', () => {
  const kept = { sessionID, drafts: { [sessionID]: 'mine', [otherID]: 'theirs' }, unsent: [], scroll: null };
  const back = run(initialState, { type: 'restored', kept }, received(state({ window: windowOf(otherID) })));
  expect(back.draft.text).toBe('theirs');
  expect(back.drafts).toEqual({ [sessionID]: 'mine' });
});

test('each session keeps its own draft', () => {
  const there = run(live(), typed('mine'), received(state({ window: windowOf(otherID) })));
  expect(there.draft.text).toBe('');
  const back = run(there, typed('theirs'), received(state()));
  expect(back.draft.text).toBe('mine');
  expect(back.drafts).toEqual({ [otherID]: 'theirs' });
});

test('what is typed while the first session is being made goes with it', () => {
  const start = live({ window: null, sessions: [] });
  const after = run(start, sent({ sessionID: null }), typed('next'), received(state()));
  expect(after.draft.text).toBe('next');
});

test('the session that the first prompt makes is shown from its admission on', () => {
  const start = run(live({ window: null, sessions: [] }), sent({ sessionID: null }));
  const after = run(
    start,
    events(1, { type: 'session.created', properties: { info: session() } }, admitted()),
  );
  expect(after.view?.session.id).toBe(sessionID);
  expect(after.view?.inbox).toHaveLength(1);
});

test('a session that somebody else makes is listed and not opened', () => {
  const start = live({ window: null, sessions: [] });
  const after = run(
    start,
    events(1, { type: 'session.created', properties: { info: session() } }, admitted()),
  );
  expect(after.view).toBeNull();
  expect(after.sessions).toHaveLength(1);
});

test('the list of sessions has the newest first and each once', () => {
  const newer = { ...session(otherID), time: { created: 1, updated: 9 } };
  const after = run(live(), events(1, updated(newer)), events(2, updated(newer)));
  expect(after.sessions.map(({ id }) => id)).toEqual([otherID, sessionID]);
});

test('a notice that was put away stays away until it is raised again', () => {
  const notice = { key: 'k', level: 'info', code: 'c', data: {} } as const;
  const away = run(
    live({ notices: [notice] }),
    { type: 'notice.dismissed', key: 'k' },
    received(state({ notices: [notice] })),
  );
  expect(away.dismissed).toEqual(['k']);
  const again = run(away, events(1, { type: 'notice.raised', properties: { notice } }));
  expect(again.dismissed).toEqual([]);
  expect(again.notices).toHaveLength(1);
  expect(run(again, events(2, { type: 'notice.cleared', properties: { key: 'k' } })).notices).toEqual([]);
});

test('earlier messages come before the window, each once, and only into their session', () => {
  const start = run(live({ window: windowOf(sessionID, [userMessage(answerID)]), hasOlder: true }), {
    type: 'older.asked',
  });
  const older = {
    type: 'older',
    sessionID,
    messages: [userMessage(), userMessage(answerID)],
    hasOlder: false,
  } as const;
  const after = run(start, received(older));
  expect(after.view?.messages.map(({ info }) => info.id)).toEqual([promptID, answerID]);
  expect(after).toMatchObject({ hasOlder: false, loadingOlder: false });
  expect(run(start, received({ ...older, sessionID: otherID }))).toBe(start);
});

const promoted: ViewEvent = {
  type: 'session.input.promoted',
  properties: { sessionID, messageID: promptID },
};
const edited = (text: string): ChatAction => ({
  type: 'input.edited',
  editing: { id: promptID, was: 'hi', text },
});

test('a cancelled prompt leaves the inbox, and its text comes back into an empty box (RT-10)', () => {
  const cancelled: ViewEvent = {
    type: 'session.input.cancelled',
    properties: { sessionID, messageID: promptID },
  };
  const after = run(live(), events(1, admitted(), cancelled), received({ type: 'draft', text: 'hi' }));
  expect(after.view?.inbox).toEqual([]);
  expect(after).toMatchObject({ draft: { text: 'hi', id: null }, focusRequests: 1 });
});

test('a text of the host never replaces what the user has typed', () => {
  const after = run(live(), typed('mine'), received({ type: 'draft', text: 'theirs' }));
  expect(after.draft.text).toBe('mine');
});

test('a change of a prompt that the model reads meanwhile goes into the prompt box, and that is told (RT-10)', () => {
  const start = run(live(), events(1, admitted()), typed('and'), edited('hi there'));
  const after = run(start, events(2, promoted));
  expect(after).toMatchObject({ editing: null, draft: { text: 'hi there\nand' } });
  expect(after.notices.map(({ code }) => code)).toEqual(['inbox.late']);
});

test('a prompt that was opened for editing and not changed is read without a word', () => {
  const after = run(live(), events(1, admitted()), edited('hi'), events(2, promoted));
  expect(after).toMatchObject({ editing: null, draft: { text: '' }, notices: [] });
});

test('a whole state keeps the editing of a prompt that still waits, and saves that of one that does not', () => {
  const start = run(live(), events(1, admitted()), edited('hi there'));
  const waiting = { ...windowOf(), inbox: start.view?.inbox ?? [] };
  expect(run(start, received(state({ seq: 1, window: waiting }))).editing?.text).toBe('hi there');
  expect(run(start, received(state({ seq: 1 }))).draft.text).toBe('hi there');
});

test('what was being edited stays with its session when another one is shown', () => {
  const start = run(live(), events(1, admitted()), edited('hi there'));
  const there = run(start, received(state({ window: windowOf(otherID) })));
  expect(there).toMatchObject({ editing: null, draft: { text: '' }, drafts: { [sessionID]: 'hi there' } });
});

test('a deleted session is gone from the list with its draft (RT-19)', () => {
  const start = run(
    live({ sessions: [session(), session(otherID)] }),
    typed('mine'),
    received(state({ window: windowOf(otherID), sessions: [session(), session(otherID)] })),
  );
  expect(start.drafts).toEqual({ [sessionID]: 'mine' });
  const after = run(start, events(1, { type: 'session.deleted', properties: { info: session() } }));
  expect(after.sessions.map(({ id }) => id)).toEqual([otherID]);
  expect(after.drafts).toEqual({});
});

test('the answer to a search says which search it answers (RT-19)', () => {
  const found = [{ id: otherID, snippet: 'the words' }];
  const after = run(live(), received({ type: 'sessions.found', query: 'words', found }));
  expect(after.found).toEqual({ query: 'words', found });
});

test('the announcement of a Compaction goes when it begins', () => {
  const notice = { key: 'compact', level: 'info', code: 'compact.later', data: {} } as const;
  const start = run(live(), { type: 'notice.shown', notice });
  expect(start.notices).toHaveLength(1);
  const [summary] = [userMessage(answerID)].map(({ info }) => ({
    ...info,
    role: 'assistant',
    summary: true,
  }));
  const begun = { type: 'message.updated', properties: { sessionID, info: summary } } as unknown as ViewEvent;
  expect(run(start, events(1, begun)).notices).toEqual([]);
});
