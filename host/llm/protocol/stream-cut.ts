import type { LLMEvent } from '../schema.ts';

/** The end of a stream that its provider did not bring to an end. */
export function streamCut(began: boolean): LLMEvent {
  const message = began
    ? 'The stream ended before the answer did.'
    : 'The provider closed the stream without an answer.';
  return { type: 'error', error: { code: 'stream-cut', message, retryable: true } };
}
