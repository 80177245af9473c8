import type { SessionView } from '#shared/fold.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type { ChatState, SendingPrompt } from './state.ts';

/** A prompt and everything that answers it. The window may begin in the middle of one: then there is no prompt. */
export interface Turn {
  readonly key: string;
  readonly prompt: MessageWithParts | null;
  readonly entries: readonly MessageWithParts[];
}

/**
 * The messages that stand: without those that a revert took back. The view begins somewhere in the middle of history:
 * where the revert lies before that, nothing of it stands.
 */
export function standing({ session, messages }: SessionView): readonly MessageWithParts[] {
  const { revert } = session;
  if (!revert) return messages;
  const from = messages.findIndex(({ info }) => info.id === revert.messageID);
  return messages.slice(0, Math.max(0, from));
}

/**
 * How many prompts and answers were taken back, as they are drawn: an answer of many provider turns is one. Where their
 * beginning is not loaded the session's own count of messages is told.
 */
export function takenBack(view: SessionView): number {
  const { revert } = view.session;
  const isLoaded = view.messages.some(({ info }) => info.id === revert?.messageID);
  if (!isLoaded && revert?.messages !== undefined) return revert.messages;
  const turns = turnsOf(view.messages.slice(standing(view).length));
  return turns.reduce((sum, { prompt, entries }) => sum + (prompt ? 1 : 0) + (entries.length > 0 ? 1 : 0), 0);
}

/** The words of a message, without what the host added. */
export function textOf({ parts }: MessageWithParts): string {
  const texts = parts.flatMap((part) => (part.type === 'text' && part.synthetic !== true ? [part.text] : []));
  return texts.join('\n\n');
}

/** Groups messages into turns; a turn starts with each message that the user wrote. */
export function turnsOf(messages: readonly MessageWithParts[]): readonly Turn[] {
  const turns: { key: string; prompt: MessageWithParts | null; entries: MessageWithParts[] }[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (message.info.role === 'user' && message.info.synthetic !== true) {
      turns.push({ key: message.info.id, prompt: message, entries: [] });
    } else if (last) {
      last.entries.push(message);
    } else {
      turns.push({ key: message.info.id, prompt: null, entries: [message] });
    }
  }
  return turns;
}

/** Prompts of ours to show with the open session: its own, and those whose session is being made. */
export function sendingHere(state: ChatState): readonly SendingPrompt[] {
  const here = state.view?.session.id ?? null;
  return state.sending.filter((prompt) => prompt.sessionID === null || prompt.sessionID === here);
}
