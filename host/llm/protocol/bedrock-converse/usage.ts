import type { UsageEvent } from '../../schema.ts';
import type { WireUsage } from './wire.ts';

/** `inputTokens` leaves out what the cache had and what it was given; what was thought is not told apart. */
export function countTokens(usage: WireUsage): UsageEvent {
  return {
    type: 'usage',
    input: tokens(usage.inputTokens),
    output: tokens(usage.outputTokens),
    reasoning: 0,
    cacheRead: tokens(usage.cacheReadInputTokens),
    cacheWrite: tokens(usage.cacheWriteInputTokens),
  };
}

function tokens(value: number | null | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}
