import type { UsageEvent } from '../../schema.ts';
import type { WireUsage } from './wire.ts';

/** The counts of one answer: each chunk of the stream may bring newer ones, and leaves out what it does not know. */
export class GeminiUsage {
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

/**
 * The prompt holds what the cache had, but not what the tools of the server read; the candidates leave out what was
 * thought.
 */
function count(usage: WireUsage): UsageEvent {
  const cacheRead = tokens(usage.cachedContentTokenCount);
  const reasoning = tokens(usage.thoughtsTokenCount);
  const read = tokens(usage.promptTokenCount) + tokens(usage.toolUsePromptTokenCount);
  return {
    type: 'usage',
    input: Math.max(0, read - cacheRead),
    output: tokens(usage.candidatesTokenCount) + reasoning,
    reasoning,
    cacheRead,
    cacheWrite: 0,
  };
}

function tokens(value: number | null | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}
