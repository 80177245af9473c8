import type { JsonObject } from '#shared/part.ts';

/**
 * One independently observed typed value of the System Context. The key is stable and stored; the renderers are pure:
 * equal values give equal text.
 */
export interface ContextSource<V extends JsonObject = JsonObject> {
  readonly key: string;
  /** Observes the value; undefined when there is nothing to say. */
  observe(turn: ContextTurn): Promise<V | undefined>;
  /** How it stands in the Baseline System Context. */
  baseline(value: V): string;
  /** How its new state is told in the middle of a conversation; `undefined`: it is gone. */
  update(value: V | undefined): string;
}

/** What a turn is about to run with. */
export interface ContextTurn {
  readonly agent: { readonly name: string; readonly instructions: string };
  readonly signal: AbortSignal;
}

/** Model-hidden values of every Context Source by key, as last admitted. */
export type ContextSnapshot = Readonly<Record<string, JsonObject>>;
