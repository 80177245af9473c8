import type { AssistantMessage } from './message.ts';
import type { MessageWithParts } from './session.ts';

/**
 * Tokens that a session's context is filled with, from its messages in order: what the last provider turn had in its
 * context, its answer included. What writing a summary took is not counted: it is not in the context. Right after a
 * Compaction, until the next turn has ended, it is the summary's length: an estimate from below. Undefined before there
 * is anything to tell.
 */
export function contextFill(messages: readonly MessageWithParts[]): number | undefined {
  for (const { info } of messages.toReversed()) {
    if (info.role !== 'assistant') continue;
    const tokens = info.summary ? summaryLength(info) : turnLength(info);
    if (tokens > 0) return tokens;
  }
  return undefined;
}

/** Zero while it is being written, and where nothing was folded. */
function summaryLength({ tokens, error, time }: AssistantMessage): number {
  const isFolded = error === undefined && time.completed !== undefined;
  return isFolded ? Math.max(tokens.output - tokens.reasoning, 1) : 0;
}

function turnLength({ tokens }: AssistantMessage): number {
  const { input, output, cache } = tokens;
  return input + output + cache.read + cache.write;
}
