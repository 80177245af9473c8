import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { createObserver, type Observation } from './bounded-observer.ts';
import type { ContextSnapshot, ContextSource, ContextTurn } from './context-source.ts';

/** Changed Context Sources, rendered as one text. */
export interface ContextChange {
  readonly text: string;
  readonly sources: readonly string[];
}

export interface ContextRegistry {
  /**
   * Observes every source, all at once, for at most the bound. One that fails or hangs keeps its value of `last`, or
   * is left out where it has none: it is told as a change once it is known (decision 29).
   * @throws the reason of the turn's signal, when that is aborted
   */
  observe(turn: ContextTurn, last: ContextSnapshot): Promise<ContextSnapshot>;
  /** The Baseline System Context: the same bytes for the same snapshot, whatever order observation ended in (RT-13). */
  baseline(snapshot: ContextSnapshot): string;
  /**
   * What changed from one snapshot to another; undefined when nothing did (RT-08). A stored value that no longer
   * decodes counts as unknown: its source is told anew.
   */
  changes(from: ContextSnapshot, to: ContextSnapshot): ContextChange | undefined;
}

export interface ContextRegistryOptions {
  /** Rendered in this order. */
  readonly sources: readonly ContextSource[];
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that a boundary waits for its sources, all together. */
  readonly boundMs?: number;
  /** Called when a source fails or hangs, once until it works again. */
  readonly onUnavailable: (key: string, error: unknown) => void;
  readonly onAvailable: (key: string) => void;
}

const defaultBoundMs = 1_000;

export function createContextRegistry(options: ContextRegistryOptions): ContextRegistry {
  const { sources, clock, log, boundMs = defaultBoundMs } = options;
  const observe = createObserver(clock, boundMs);
  const report = createReporter(options);
  return {
    async observe(turn, last) {
      const values = await Promise.all(
        sources.map(async (source) => {
          if (source.sampledAt === 'promotions' && !turn.promotes) return last[source.key];
          const observation = await observe(source, turn);
          report(source.key, observation);
          return observation.type === 'observed' ? observation.value : last[source.key];
        }),
      );
      const entries = sources.map(({ key }, index) => [key, values[index]] as const);
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    },
    baseline(snapshot) {
      const texts = sources.flatMap((source) => source.read(snapshot[source.key])?.baseline() ?? []);
      return texts.join('\n\n');
    },
    changes(from, to) {
      const changed = sources.flatMap((source) => {
        const text = changeOf(source, { from: from[source.key], to: to[source.key] }, log);
        return text === undefined ? [] : [{ key: source.key, text }];
      });
      if (changed.length === 0) return undefined;
      return { text: changed.map(({ text }) => text).join('\n\n'), sources: changed.map(({ key }) => key) };
    },
  };
}

interface Change {
  readonly from: unknown;
  readonly to: unknown;
}

function changeOf(source: ContextSource, { from, to }: Change, log: Log): string | undefined {
  // Unchanged, or carried over from a snapshot that nobody can read: there is nothing better to tell.
  if (isDeepStrictEqual(from, to)) return undefined;
  if (to === undefined) return source.removal();
  const before = from === undefined ? undefined : source.read(from);
  if (from !== undefined && !before)
    log.warn('A stored context value does not decode: its source is told anew', { source: source.key });
  const now = source.read(to);
  if (!now || isDeepStrictEqual(before?.stored, now.stored)) return undefined;
  return now.update();
}

function createReporter({ log, onUnavailable, onAvailable }: ContextRegistryOptions) {
  const reported = new Set<string>();
  return (key: string, observation: Observation) => {
    if (observation.type === 'observed') {
      if (reported.delete(key)) onAvailable(key);
      return;
    }
    if (reported.has(key)) return;
    reported.add(key);
    log.error('A context source failed', observation.error, { source: key });
    onUnavailable(key, observation.error);
  };
}
