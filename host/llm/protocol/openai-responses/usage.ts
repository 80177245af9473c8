import type { UsageEvent } from '../../schema.ts';
import type { WireUsage } from './wire.ts';

/** `input_tokens` holds what the cache had, `output_tokens` what was thought. */
export function countTokens(usage: WireUsage): UsageEvent {
  const cacheRead = tokens(usage.input_tokens_details?.cached_tokens);
  return {
    type: 'usage',
    input: Math.max(0, tokens(usage.input_tokens) - cacheRead),
    output: tokens(usage.output_tokens),
    reasoning: tokens(usage.output_tokens_details?.reasoning_tokens),
    cacheRead,
    cacheWrite: 0,
  };
}

function tokens(value: number | null | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}
