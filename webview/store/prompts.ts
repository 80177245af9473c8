import type { MessageID } from '#shared/ids.ts';
import {
  type ChatState,
  type Draft,
  draftKey,
  type Refusal,
  type SendingPrompt,
  type StateMessage,
} from './state.ts';

/** A prompt leaves the box: it is shown as sending, and the box is free for the next one. */
export function send(state: ChatState, prompt: SendingPrompt): ChatState {
  return {
    ...state,
    sending: [...state.sending.filter((each) => each.id !== prompt.id), prompt],
    refusal: null,
    draft: { text: '', revision: state.draft.revision + 1, id: null },
  };
}

/** The host has the prompt: it is durable, and nothing of it has to be kept here. */
export function settle(state: ChatState, id: MessageID): ChatState {
  const sending = state.sending.some((prompt) => prompt.id === id)
    ? state.sending.filter((prompt) => prompt.id !== id)
    : state.sending;
  const draft =
    state.draft.id === id ? { text: '', revision: state.draft.revision + 1, id: null } : state.draft;
  return sending === state.sending && draft === state.draft ? state : { ...state, sending, draft };
}

/** The host would not take the prompt: its text goes back into the box, before what was typed since. */
export function refuse(
  state: ChatState,
  { messageID, code, detail }: Refusal & { readonly messageID: MessageID },
): ChatState {
  const prompt = state.sending.find((each) => each.id === messageID);
  const shown: ChatState = { ...state, refusal: { code, detail } };
  return prompt ? giveBack(shown, prompt) : shown;
}

/** An unanswered prompt becomes a draft of its session again: nothing is sent twice by itself. */
export function giveBack(state: ChatState, prompt: SendingPrompt): ChatState {
  const sending = state.sending.filter((each) => each.id !== prompt.id);
  const key = prompt.sessionID ?? draftKey(null);
  if (key !== draftKey(state.view) && prompt.sessionID !== null) {
    const kept = join(prompt.text, state.drafts[key] ?? '');
    return { ...state, sending, drafts: { ...state.drafts, [key]: kept } };
  }
  const draft: Draft = {
    text: join(prompt.text, state.draft.text),
    revision: state.draft.revision + 1,
    id: state.draft.text === '' ? prompt.id : null,
  };
  return { ...state, sending, draft };
}

/** A text for an empty box, with the focus: what the user has typed meanwhile is not touched. */
export function offer(state: ChatState, text: string): ChatState {
  const focusRequests = state.focusRequests + 1;
  if (state.draft.text !== '') return { ...state, focusRequests };
  return { ...state, focusRequests, draft: { text, revision: state.draft.revision + 1, id: null } };
}

/** The prompt that is being edited is not in the inbox any more: what was typed goes into the prompt box. */
export function endEditing(state: ChatState): ChatState {
  const { editing, draft } = state;
  if (editing === null) return state;
  const ended = { ...state, editing: null };
  if (editing.text === editing.was) return ended;
  return {
    ...ended,
    draft: { text: join(editing.text, draft.text), revision: draft.revision + 1, id: null },
  };
}

function join(first: string, second: string): string {
  return second === '' ? first : `${first}\n${second}`;
}

/** Typing changes what an unanswered prompt said: it is a new prompt then, under a new id. */
export function type(state: ChatState, text: string): ChatState {
  const id = text === state.draft.text ? state.draft.id : null;
  return { ...state, draft: { ...state.draft, text, id } };
}

/**
 * The draft that belongs to the window that arrives. A session keeps its own text; the text typed while the first
 * prompt's session was being made moves into it.
 */
export function moveDraft(
  state: ChatState,
  window: StateMessage['window'],
): Pick<ChatState, 'draft' | 'drafts'> {
  const from = draftKey(state.view);
  const to = draftKey(window);
  const first = state.sync === 'connecting';
  if (!first && (from === to || isOurs(state, window))) return state;
  const drafts: Record<string, string> = { ...state.drafts };
  if (!first) drafts[from] = state.draft.text;
  const text = drafts[to] ?? '';
  delete drafts[to];
  return {
    drafts: Object.fromEntries(
      Object.entries(drafts)
        .filter(([, kept]) => kept !== '')
        .slice(-keptDrafts),
    ),
    draft: { text, revision: state.draft.revision + 1, id: null },
  };
}

const keptDrafts = 20;

/** True when the window is the session that our first prompt made. */
function isOurs(state: ChatState, window: StateMessage['window']): boolean {
  if (state.view !== null || window === null) return false;
  return state.sending.some((prompt) => prompt.sessionID === null);
}
