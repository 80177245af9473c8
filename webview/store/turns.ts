import type { MessageWithParts } from '#shared/session.ts';
import type { ChatState, SendingPrompt } from './state.ts';

/** A prompt and everything that answers it. The window may begin in the middle of one: then there is no prompt. */
export interface Turn {
  readonly key: string;
  readonly prompt: MessageWithParts | null;
  readonly entries: readonly MessageWithParts[];
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

/** Tokens that the last provider turn had in its context; undefined before the first one ended. */
export function contextTokens(messages: readonly MessageWithParts[]): number | undefined {
  for (const { info } of messages.toReversed()) {
    if (info.role !== 'assistant') continue;
    const { input, output, cache } = info.tokens;
    const sum = input + output + cache.read + cache.write;
    if (sum > 0) return sum;
  }
  return undefined;
}
