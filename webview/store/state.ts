import type { SessionView } from '#shared/fold.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import type { Choices, FoundSession, ToWebview } from '#shared/protocol.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';

/** A prompt on its way to the host: shown at once, replaced by what the host admits under the same id. */
export interface SendingPrompt {
  readonly id: MessageID;
  /** Null while its session does not exist yet. */
  readonly sessionID: SessionID | null;
  readonly text: string;
  readonly delivery: AdmittedPrompt['delivery'];
}

/** What stands in the prompt box. The box is uncontrolled: only a new `revision` writes into it. */
export interface Draft {
  readonly text: string;
  readonly revision: number;
  /** Set when this text was sent once without an answer: sending it again reuses the id (RT-17). */
  readonly id: MessageID | null;
}

/** Why the host would not take a prompt. */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
}

/** What a search of sessions found, the best first; `query` says which search it answers. */
export interface Found {
  readonly query: string;
  readonly found: readonly FoundSession[];
}

export type StateMessage = Extract<ToWebview, { readonly type: 'state' }>;

/** Everything the chat draws itself from. Changes only through `reduce`. */
export interface ChatState {
  /** `behind`: a batch is missing, and events are ignored until the next whole state. */
  readonly sync: 'connecting' | 'live' | 'behind';
  readonly seq: number;
  readonly translations: Readonly<Record<string, string>>;
  readonly location: StateMessage['location'];
  readonly trusted: boolean;
  readonly view: SessionView | null;
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  readonly sessions: readonly Session[];
  /** The host's answer to the last search of sessions. */
  readonly found: Found | null;
  readonly choices: Choices;
  readonly notices: readonly Notice[];
  /** Keys of notices that the user put away; raising one again brings it back. */
  readonly dismissed: readonly string[];
  readonly sending: readonly SendingPrompt[];
  readonly refusal: Refusal | null;
  readonly draft: Draft;
  /** Texts left in the box of other sessions, by `draftKey`. */
  readonly drafts: Readonly<Record<string, string>>;
  /** Counts the host's requests to put the focus into the prompt box. */
  readonly focusRequests: number;
  /** The waiting prompt that is being edited in its place. */
  readonly editing: Editing | null;
}

/** What an Admitted Prompt said, and says in the box that stands in its place. */
export interface Editing {
  readonly id: MessageID;
  readonly was: string;
  readonly text: string;
}

/** What survives a reload of the webview (the editor's `setState`). */
export interface Kept {
  readonly sessionID: SessionID | null;
  readonly drafts: Readonly<Record<string, string>>;
  /** Prompts that were sent and not yet admitted. */
  readonly unsent: readonly SendingPrompt[];
  /** The message at the top of the view and its distance from it in pixels; null at the end. */
  readonly scroll: ScrollPlace | null;
}

export interface ScrollPlace {
  readonly sessionID: SessionID;
  readonly messageID: string;
  readonly offset: number;
}

export type ChatAction =
  | { readonly type: 'received'; readonly message: ToWebview }
  | { readonly type: 'restored'; readonly kept: Kept }
  /** The user typed: the box already shows it. */
  | { readonly type: 'draft.typed'; readonly text: string }
  /** Something else than typing changes the box: an example, the last prompt again. */
  | { readonly type: 'draft.replaced'; readonly text: string }
  /** A waiting prompt is edited in its place; null ends that, and what was typed is let go. */
  | { readonly type: 'input.edited'; readonly editing: Editing | null }
  | { readonly type: 'prompt.sent'; readonly prompt: SendingPrompt }
  | { readonly type: 'choices.changed'; readonly agent: string; readonly model: ModelRef | null }
  | { readonly type: 'notice.dismissed'; readonly key: string }
  | { readonly type: 'notice.shown'; readonly notice: Notice }
  | { readonly type: 'fault.shown'; readonly message: string }
  | { readonly type: 'older.asked' };

export const initialState: ChatState = {
  sync: 'connecting',
  seq: 0,
  translations: {},
  location: null,
  trusted: true,
  view: null,
  hasOlder: false,
  loadingOlder: false,
  sessions: [],
  found: null,
  choices: { agents: [], agent: '', model: null },
  notices: [],
  dismissed: [],
  sending: [],
  refusal: null,
  draft: { text: '', revision: 0, id: null },
  drafts: {},
  focusRequests: 0,
  editing: null,
};

/** The name a session's draft is kept under; a session that does not exist yet has one too. */
export function draftKey(view: SessionView | null): string {
  return view?.session.id ?? 'new';
}
