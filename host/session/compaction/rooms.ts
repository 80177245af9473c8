import type { CatalogModel } from '../../catalog/catalog.ts';
import { headingTokens } from './summary-prompt.ts';
import { usableContext } from './usable-context.ts';

/** What is known of how long the conversation is, in tokens. */
export interface Lengths {
  /** What the last provider turn had in its context; undefined where none is known. */
  readonly fill: number | undefined;
  /** What history is estimated to take. */
  readonly history: number;
  /** The provider has just refused it for its length. */
  readonly overflowed: boolean;
}

/** Estimates are off by so much for code; the rest of a room is left free for that. */
const usedShare = 0.75;
const leastRoom = 1_000;

/**
 * Tokens of what may stay word for word: a quarter of the model's window, or what the user chose (`preserved`), and never
 * more than half of it.
 */
export function tailRoom(
  { input, context }: CatalogModel['limit'],
  lengths: Lengths,
  preserved?: number,
): number {
  const window = believed(input || context || undefined, lengths);
  return Math.min(preserved ?? Math.floor(window / 4), Math.floor(window / 2));
}

/** Tokens of the conversation that the writer of the summary is shown. */
export function transcriptRoom(limit: CatalogModel['limit'], lengths: Lengths): number {
  const most = believed(usableContext(limit), lengths);
  return Math.max(Math.floor(most * usedShare) - headingTokens, leastRoom);
}

/**
 * A length that the configuration names, unless the provider has just refused less. Else what is proven: with so much
 * the last turn was taken, and of a history that was too long, half will be.
 */
function believed(named: number | undefined, { overflowed, ...lengths }: Lengths): number {
  const proven = provenLength(lengths);
  if (named === undefined) return proven;
  return overflowed ? Math.min(named, proven) : named;
}

function provenLength({ fill = 0, history }: Omit<Lengths, 'overflowed'>): number {
  return Math.max(fill, Math.ceil(history / 2));
}
