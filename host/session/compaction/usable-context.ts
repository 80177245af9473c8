import type { CatalogModel } from '../../catalog/catalog.ts';

type Limit = CatalogModel['limit'];

/** What an answer may take at most where the configuration names no limit, and where it names a very large one. */
const longestAnswer = 32_000;
/** What stays free of a model's own limit for input, which the answer does not take from. */
const inputMargin = 20_000;

/** Tokens that an answer may take. Never more than half of the window: some models are listed with both the same. */
export function answerRoom({ context, output }: Limit): number {
  const room = Math.min(output || longestAnswer, longestAnswer);
  return context ? Math.min(room, Math.floor(context / 2)) : room;
}

/**
 * Tokens that a conversation may fill before it is folded; undefined where the configuration names no limit.
 * `reserved` is the configuration's own word for what stays free; never more than half of the window.
 */
export function usableContext(limit: Limit, reserved?: number): number | undefined {
  const window = limit.input || limit.context;
  if (!window) return undefined;
  const margin = limit.input ? Math.min(inputMargin, answerRoom(limit)) : answerRoom(limit);
  return window - Math.min(reserved ?? margin, Math.floor(window / 2));
}
