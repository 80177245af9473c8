import type { MessageID, SessionID } from '#shared/ids.ts';
import { endEditing } from '../store/prompts.ts';
import { type ChatState, draftKey, type Kept, type ScrollPlace, type SendingPrompt } from '../store/state.ts';

/** What to keep across a reload of the webview. Small: it is written at each change. */
export function keep(state: ChatState, scroll: ScrollPlace | null): Kept {
  // A waiting prompt that is being edited is not in its place after a reload: what was typed is kept as a draft.
  const { text } = endEditing(state).draft;
  return {
    sessionID: state.view?.session.id ?? null,
    drafts: text === '' ? state.drafts : { ...state.drafts, [draftKey(state.view)]: text },
    unsent: state.sending,
    scroll,
  };
}

/** Reads back what an earlier webview kept, which may be older than this code: what does not fit is left out. */
export function readKept(value: unknown): Kept {
  const kept = asRecord(value);
  return {
    sessionID: asId<SessionID>(kept['sessionID'], 'ses_'),
    drafts: Object.fromEntries(
      Object.entries(asRecord(kept['drafts'])).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    ),
    unsent: Array.isArray(kept['unsent']) ? kept['unsent'].flatMap(readPrompt) : [],
    scroll: readScroll(kept['scroll']),
  };
}

function readPrompt(value: unknown): readonly SendingPrompt[] {
  const { id, sessionID, text, delivery } = asRecord(value);
  const messageID = asId<MessageID>(id, 'msg_');
  if (messageID === null || typeof text !== 'string') return [];
  return [
    {
      id: messageID,
      sessionID: asId<SessionID>(sessionID, 'ses_'),
      text,
      delivery: delivery === 'queue' ? 'queue' : 'steer',
    },
  ];
}

function readScroll(value: unknown): ScrollPlace | null {
  const { sessionID, messageID, offset } = asRecord(value);
  const session = asId<SessionID>(sessionID, 'ses_');
  if (session === null || typeof messageID !== 'string' || typeof offset !== 'number') return null;
  return { sessionID: session, messageID, offset };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asId<T extends string>(value: unknown, prefix: string): T | null {
  return typeof value === 'string' && value.startsWith(prefix) ? (value as T) : null;
}
