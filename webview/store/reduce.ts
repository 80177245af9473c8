import type { ViewEvent } from '#shared/events.ts';
import { fold, type SessionView } from '#shared/fold.ts';
import type { SessionID } from '#shared/ids.ts';
import type { MessageInfo } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import type { ToWebview } from '#shared/protocol.ts';
import type { Session } from '#shared/session.ts';
import { endEditing, giveBack, moveDraft, offer, refuse, send, settle, type as typeText } from './prompts.ts';
import type { ChatAction, ChatState, Kept, StateMessage } from './state.ts';

/** The one way the chat's state changes. Pure: what must be posted to the host follows from the new state. */
export function reduce(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case 'received':
      return receive(state, action.message);
    case 'restored':
      return restore(state, action.kept);
    case 'draft.typed':
      return typeText(state, action.text);
    case 'draft.replaced':
      return { ...state, draft: { text: action.text, revision: state.draft.revision + 1, id: null } };
    case 'input.edited':
      return { ...state, editing: action.editing };
    case 'prompt.sent':
      return send(state, action.prompt);
    case 'choices.changed':
      return { ...state, choices: { ...state.choices, agent: action.agent, model: action.model } };
    case 'notice.dismissed':
      return { ...state, dismissed: [...state.dismissed.filter((key) => key !== action.key), action.key] };
    case 'notice.shown':
      return raise(state, action.notice);
    case 'fault.shown':
      return raise(state, faultNotice(action.message));
    case 'older.asked':
      return { ...state, loadingOlder: true };
  }
}

function receive(state: ChatState, message: ToWebview): ChatState {
  switch (message.type) {
    case 'state':
      return replace(state, message);
    case 'events':
      return receiveEvents(state, message);
    case 'choices':
      return { ...state, choices: message.choices };
    case 'older':
      return prepend(state, message);
    case 'focus':
      return { ...state, focusRequests: state.focusRequests + 1 };
    case 'prompt.admitted':
      return settle(state, message.messageID);
    case 'prompt.refused':
      return refuse(state, message);
    case 'sessions.found':
      return { ...state, found: { query: message.query, found: message.found } };
    case 'draft':
      return offer(state, message.text);
  }
}

/** A whole state replaces the projection; what only the webview knows (drafts, sending prompts) stays. */
function replace(before: ChatState, message: StateMessage): ChatState {
  const { window } = message;
  const state = window?.inbox.some(({ id }) => id === before.editing?.id) ? before : endEditing(before);
  const next: ChatState = {
    ...state,
    ...moveDraft(state, window),
    sync: 'live',
    seq: message.seq,
    translations: message.translations,
    location: message.location,
    trusted: message.trusted,
    view: window,
    hasOlder: message.hasOlder,
    loadingOlder: false,
    sessions: message.sessions,
    choices: message.choices,
    notices: message.notices,
  };
  const known = [...(window?.inbox ?? []), ...(window?.messages ?? []).map(({ info }) => info)];
  const settled = known.reduce((sofar, { id }) => settle(sofar, id), next);
  return state.sync === 'connecting' ? settled.sending.reduce(giveBack, settled) : settled;
}

/** Batches come without gaps: a repeated one is skipped, a missing one means asking for the whole state. */
function receiveEvents(
  state: ChatState,
  { seq, events }: Extract<ToWebview, { readonly type: 'events' }>,
): ChatState {
  if (state.sync !== 'live' || seq <= state.seq) return state;
  if (seq > state.seq + 1) return { ...state, sync: 'behind' };
  return { ...events.reduce(applyEvent, state), seq };
}

function applyEvent(state: ChatState, event: ViewEvent): ChatState {
  const next = noteEvent(state, event);
  if (next.view === null) return next;
  const view = fold(next.view, event);
  return view === next.view ? next : { ...next, view };
}

/** What an event means beyond the open session: the list, notices, our own prompts. */
function noteEvent(state: ChatState, event: ViewEvent): ChatState {
  switch (event.type) {
    case 'session.created':
    case 'session.updated':
      return { ...state, sessions: upsertSession(state.sessions, event.properties.info) };
    case 'session.deleted':
      return forget(state, event.properties.info.id);
    case 'session.input.admitted':
      return settle(adopt(state, event.properties), event.properties.prompt.id);
    case 'message.updated':
      return noteMessage(state, event.properties.info);
    case 'notice.raised':
      return raise(state, event.properties.notice);
    case 'notice.cleared':
      return withoutNotice(state, event.properties.key);
    case 'session.input.promoted':
      return state.editing?.id === event.properties.messageID ? tooLate(state) : state;
    case 'session.input.cancelled':
      return state.editing?.id === event.properties.messageID ? endEditing(state) : state;
    case 'session.status':
    case 'session.compacted':
    case 'message.removed':
    case 'message.part.updated':
    case 'message.part.delta':
    case 'permission.asked':
    case 'permission.replied':
    case 'session.idle':
      return state;
  }
}

function noteMessage(state: ChatState, info: MessageInfo): ChatState {
  if (info.role === 'user') return settle(state, info.id);
  // A Compaction that was announced has begun.
  return info.summary ? withoutNotice(state, 'compact') : state;
}

function withoutNotice(state: ChatState, key: string): ChatState {
  return { ...state, notices: state.notices.filter((notice) => notice.key !== key) };
}

/** The model was quicker than the user who edited the prompt: their words are not lost, and they are told. */
function tooLate(state: ChatState): ChatState {
  const ended = endEditing(state);
  if (ended.draft === state.draft) return ended;
  return raise(ended, { key: 'inbox.late', level: 'info', code: 'inbox.late', data: {} });
}

/** Our first prompt was admitted: the session it made is the one on the screen from here on. */
function adopt(
  state: ChatState,
  { sessionID, prompt }: Extract<ViewEvent, { readonly type: 'session.input.admitted' }>['properties'],
): ChatState {
  if (state.view !== null || !state.sending.some((each) => each.id === prompt.id)) return state;
  const session = state.sessions.find((each) => each.id === sessionID);
  if (!session) return state;
  const view: SessionView = { session, status: { type: 'idle' }, inbox: [], messages: [], permissions: [] };
  return { ...state, view };
}

function upsertSession(sessions: readonly Session[], session: Session): readonly Session[] {
  return [session, ...sessions.filter((each) => each.id !== session.id)].toSorted(
    (a, b) => b.time.updated - a.time.updated,
  );
}

/** A deleted session leaves nothing behind here; if it is the one on the screen, the host's next state says what is. */
function forget(state: ChatState, id: SessionID): ChatState {
  const { [id]: _, ...drafts } = state.drafts;
  return {
    ...state,
    drafts,
    sessions: state.sessions.filter((session) => session.id !== id),
    sending: state.sending.filter((prompt) => prompt.sessionID !== id),
  };
}

function raise(state: ChatState, notice: Notice): ChatState {
  return {
    ...state,
    notices: [...state.notices.filter((each) => each.key !== notice.key), notice],
    dismissed: state.dismissed.filter((key) => key !== notice.key),
  };
}

function faultNotice(message: string): Notice {
  return { key: 'webview.failed', level: 'warning', code: 'webview.failed', data: { message } };
}

function prepend(
  state: ChatState,
  { sessionID, messages, hasOlder }: Extract<ToWebview, { readonly type: 'older' }>,
): ChatState {
  if (state.view?.session.id !== sessionID) return state;
  const known = new Set(state.view.messages.map((message) => message.info.id));
  const older = messages.filter((message) => !known.has(message.info.id));
  return {
    ...state,
    hasOlder,
    loadingOlder: false,
    view: { ...state.view, messages: [...older, ...state.view.messages] },
  };
}

/** Runs once, before the first state: that one says which draft is due, and which prompts the host has. */
function restore(state: ChatState, kept: Kept): ChatState {
  return { ...state, drafts: kept.drafts, sending: kept.unsent };
}
