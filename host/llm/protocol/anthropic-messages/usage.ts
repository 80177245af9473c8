import type { UsageEvent } from '../../schema.ts';
import type { WireUsage } from './wire.ts';

/** The counts of one answer: each event of the stream may bring newer ones, and leaves out what it does not know. */
export class MessagesUsage {
  #latest: WireUsage | null = null;

  take(usage: WireUsage | null): void {
    if (usage === null) return;
    const known = Object.entries(usage).filter(([, count]) => count !== null && count !== undefined);
    if (known.length === 0) return;
    this.#latest = { ...this.#latest, ...Object.fromEntries(known) };
  }

  /** One event, or none if the provider did not count. */
  events(): readonly UsageEvent[] {
    return this.#latest === null ? [] : [count(this.#latest)];
  }
}

/** `input_tokens` leaves out what the cache had and what it was given. */
function count(usage: WireUsage): UsageEvent {
  return {
    type: 'usage',
    input: tokens(usage.input_tokens),
    output: tokens(usage.output_tokens),
    reasoning: tokens(usage.output_tokens_details?.thinking_tokens),
    cacheRead: tokens(usage.cache_read_input_tokens),
    cacheWrite: tokens(usage.cache_creation_input_tokens),
  };
}

function tokens(value: number | null | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}
