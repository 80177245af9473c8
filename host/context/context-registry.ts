import type { JsonObject } from '#shared/part.ts';
import type { Log } from '../ports/log.ts';
import type { ContextSnapshot, ContextSource, ContextTurn } from './context-source.ts';

/** Changed Context Sources, rendered as one text. */
export interface ContextChange {
  readonly text: string;
  readonly sources: readonly string[];
}

export interface ContextRegistry {
  /** Observes every source. One that fails keeps the value of `last`, and is logged. */
  observe(turn: ContextTurn, last: ContextSnapshot): Promise<ContextSnapshot>;
  /** The Baseline System Context: the same bytes for the same snapshot, whatever order observation ended in (RT-13). */
  baseline(snapshot: ContextSnapshot): string;
  /** What changed from one snapshot to another; undefined when nothing did (RT-08). */
  changes(from: ContextSnapshot, to: ContextSnapshot): ContextChange | undefined;
}

/** `sources` are rendered in the order given. */
export function createContextRegistry(sources: readonly ContextSource[], log: Log): ContextRegistry {
  const observeOne = async (source: ContextSource, turn: ContextTurn, last: ContextSnapshot) => {
    try {
      return await source.observe(turn);
    } catch (error) {
      turn.signal.throwIfAborted();
      log.error('A context source failed', error, { source: source.key });
      return last[source.key];
    }
  };
  return {
    async observe(turn, last) {
      const values = await Promise.all(sources.map((source) => observeOne(source, turn, last)));
      const entries = sources.map(({ key }, index) => [key, values[index]] as const);
      return Object.fromEntries(
        entries.filter((entry): entry is [string, JsonObject] => entry[1] !== undefined),
      );
    },
    baseline(snapshot) {
      const texts = sources.flatMap((source) => {
        const value = snapshot[source.key];
        return value ? [source.baseline(value)] : [];
      });
      return texts.join('\n\n');
    },
    changes(from, to) {
      const changed = sources.filter(({ key }) => JSON.stringify(from[key]) !== JSON.stringify(to[key]));
      if (changed.length === 0) return undefined;
      return {
        text: changed.map((source) => source.update(to[source.key])).join('\n\n'),
        sources: changed.map(({ key }) => key),
      };
    },
  };
}
