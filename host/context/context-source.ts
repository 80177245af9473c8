import * as Schema from 'effect/Schema';
import type { JsonObject } from '#shared/part.ts';

/**
 * One independently observed typed value of the System Context, as its file defines it. The renderers are pure: equal
 * values give equal text.
 */
export interface SourceDefinition<V extends JsonObject> {
  /** Stable, stored, and shown to the user when the source changes; pinned. */
  readonly key: string;
  /** What an observed value must be, and what a stored one is read back through. */
  readonly codec: Schema.Codec<V, unknown>;
  /** `promotions`: observed only at a boundary that promotes inputs, the last value holds at others (decision 29). */
  readonly sampledAt?: 'boundaries' | 'promotions';
  /** Observes the value; undefined when there is nothing to say. Ends when `turn.signal` is aborted. */
  observe(turn: ContextTurn): Promise<V | undefined>;
  /** How it stands in the Baseline System Context. */
  baseline(value: V): string;
  /** How its new state is told in the middle of a conversation, where the model may or may not know an older one. */
  update(value: V): string;
  /** How it is told that there is nothing to say any more. */
  removal(): string;
}

/** A Context Source as the registry sees it: its values are told by what `read` makes of them. */
export interface ContextSource {
  readonly key: string;
  readonly sampledAt: 'boundaries' | 'promotions';
  observe(turn: ContextTurn): Promise<unknown>;
  /** A value, observed or stored, through the codec; undefined when it is none of this source's. */
  read(value: unknown): SourceValue | undefined;
  removal(): string;
}

/** A value that its codec accepts. */
export interface SourceValue {
  /** What the snapshot holds of it: unknown keys left out, the known ones in the codec's order. */
  readonly stored: JsonObject;
  baseline(): string;
  update(): string;
}

export function defineSource<V extends JsonObject>(definition: SourceDefinition<V>): ContextSource {
  const decode = Schema.decodeUnknownResult(definition.codec);
  return {
    key: definition.key,
    sampledAt: definition.sampledAt ?? 'boundaries',
    observe: (turn) => definition.observe(turn),
    read(value) {
      const decoded = decode(value);
      if (decoded._tag === 'Failure') return undefined;
      const stored = decoded.success;
      return {
        stored,
        baseline: () => definition.baseline(stored),
        update: () => definition.update(stored),
      };
    },
    removal: () => definition.removal(),
  };
}

/** What a turn is about to run with. */
export interface ContextTurn {
  readonly agent: { readonly name: string; readonly instructions: string };
  /** Inputs leave the inbox at this boundary. */
  readonly promotes: boolean;
  readonly signal: AbortSignal;
}

/** Model-hidden values of every Context Source by key, as last admitted; those of a store are still to be decoded. */
export type ContextSnapshot = JsonObject;
