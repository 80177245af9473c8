import type { UsageEvent } from '../../schema.ts';
import type { WireUsage } from './wire.ts';

/** Keeps the last count of a stream. Some servers repeat a count with zeros after the true one: those are passed over. */
export class ChatUsage {
  #latest: WireUsage | null = null;

  take(usage: WireUsage | null): void {
    if (usage === null) return;
    const empty = !usage.prompt_tokens && !usage.completion_tokens;
    if (empty && this.#latest !== null) return;
    this.#latest = usage;
  }

  /** One event, or none if the provider did not count. */
  events(): readonly UsageEvent[] {
    return this.#latest === null ? [] : [count(this.#latest)];
  }
}

function count(usage: WireUsage): UsageEvent {
  const prompt = tokens(usage.prompt_tokens);
  const cacheRead = tokens(
    usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens,
  );
  const cacheWrite = tokens(usage.prompt_tokens_details?.cache_write_tokens);
  const completion = tokens(usage.completion_tokens);
  const reasoning = tokens(usage.completion_tokens_details?.reasoning_tokens);
  // xAI leaves reasoning out of `completion_tokens`, all others leave it in; the total tells which.
  const apart = reasoning > 0 && tokens(usage.total_tokens) === prompt + completion + reasoning;
  return {
    type: 'usage',
    input: Math.max(0, prompt - cacheRead - cacheWrite),
    output: apart ? completion + reasoning : completion,
    reasoning,
    cacheRead,
    cacheWrite,
  };
}

function tokens(value: number | null | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}
