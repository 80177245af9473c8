import type { Part } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';

/** About how many tokens a text is: a quarter of its bytes. Good enough to choose by, never to bill by. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** What a message takes of a request, about. */
export function messageTokens({ parts }: MessageWithParts): number {
  return parts.reduce((sum, part) => sum + partTokens(part), 0);
}

export function historyTokens(history: readonly MessageWithParts[]): number {
  return history.reduce((sum, message) => sum + messageTokens(message), 0);
}

function partTokens(part: Part): number {
  if (part.type === 'text' || part.type === 'context') return estimateTokens(part.text);
  return part.type === 'tool' ? estimateTokens(JSON.stringify(part.state.input)) + outputTokens(part) : 0;
}

/** A call's result as history shows it; an output that was removed takes nothing worth counting. */
export function outputTokens({ state }: Extract<Part, { type: 'tool' }>): number {
  if (state.status === 'error') return estimateTokens(state.error);
  if (state.status !== 'completed' || state.time.compacted !== undefined) return 0;
  return estimateTokens(state.output);
}
