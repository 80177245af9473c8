/** Offsets in UTF-16 units into the old text, and what stands there afterwards. */
export interface SmallestEdit {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/**
 * One replacement that turns a text into another, without the common beginning and end, so that the cursor, folds and
 * marks elsewhere stay. Never splits a CRLF or a surrogate pair: the editor would move such an offset.
 */
export function smallestEdit(before: string, after: string): SmallestEdit {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  while (start > 0 && isInside(before, start)) start--;
  let tail = 0;
  while (tail < most - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  while (tail > 0 && (isInside(before, before.length - tail) || isInside(after, after.length - tail))) tail--;
  return { start, end: before.length - tail, insert: after.slice(start, after.length - tail) };
}

function isInside(text: string, offset: number): boolean {
  const pair = text.slice(offset - 1, offset + 1);
  return pair === '\r\n' || pairOfSurrogates.test(pair);
}

const pairOfSurrogates = /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/;
