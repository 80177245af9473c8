import { lineEndOf, withLineEnds } from './text-file.ts';

/** A place where the wanted text stands, in characters of the text. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** Number of the line that it begins in, from 1. */
  readonly line: number;
}

/** More places than these are not told apart: the letter names the first few. */
const maxMatches = 100_000;

/**
 * Finds every place where `wanted` stands, those that overlap included; `\n` in it stands for either line end, and
 * nothing else is tolerated.
 */
export function findMatches(text: string, wanted: string): readonly Match[] {
  const plain = withLineEnds(text, '\n');
  const needle = withLineEnds(wanted, '\n');
  const toOriginal = positions(text, plain);
  const matches: Match[] = [];
  let line = 1;
  let counted = 0;
  for (
    let at = plain.indexOf(needle);
    at !== -1 && matches.length < maxMatches;
    at = plain.indexOf(needle, at + 1)
  ) {
    line += newlines(plain, counted, at);
    counted = at;
    matches.push({ start: toOriginal(at), end: toOriginal(at + needle.length), line });
  }
  return matches;
}

/** Maps places of the text with plain line ends, asked for in rising order of their starts, to the original. */
function positions(text: string, plain: string): (at: number) => number {
  if (text.length === plain.length) return (at) => at;
  const returns: number[] = [];
  for (let at = text.indexOf('\r\n'); at !== -1; at = text.indexOf('\r\n', at + 2))
    returns.push(at - returns.length);
  return (at) => at + countBelow(returns, at);
}

/** How many of the sorted numbers are below a limit. */
function countBelow(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? limit) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Replaces the matches, none of which may overlap; what old and new have in common keeps its bytes. */
export function replaceMatches(
  text: string,
  matches: readonly Match[],
  change: { readonly oldString: string; readonly newString: string },
): string {
  const oldPlain = withLineEnds(change.oldString, '\n');
  const newPlain = withLineEnds(change.newString, '\n');
  const usual = lineEndOf(text) ?? '\n';
  const pieces: string[] = [];
  let done = 0;
  for (const { start, end } of matches) {
    const region = text.slice(start, end);
    pieces.push(text.slice(done, start), rewrite(region, { oldPlain, newPlain, usual }));
    done = end;
  }
  return [...pieces, text.slice(done)].join('');
}

function rewrite(
  region: string,
  {
    oldPlain,
    newPlain,
    usual,
  }: { readonly oldPlain: string; readonly newPlain: string; readonly usual: '\n' | '\r\n' },
): string {
  const shortest = Math.min(oldPlain.length, newPlain.length);
  let start = 0;
  while (start < shortest && oldPlain[start] === newPlain[start]) start++;
  let end = 0;
  while (end < shortest - start && oldPlain.at(-1 - end) === newPlain.at(-1 - end)) end++;
  const toRegion = positions(region, oldPlain);
  const lineEnd = lineEndOf(region) ?? usual;
  const middle = withLineEnds(newPlain.slice(start, newPlain.length - end), lineEnd);
  return region.slice(0, toRegion(start)) + middle + region.slice(toRegion(oldPlain.length - end));
}

/** Of matches that overlap only the first counts, as in any search and replace. */
export function withoutOverlaps(matches: readonly Match[]): readonly Match[] {
  let done = 0;
  return matches.filter(({ start, end }) => {
    if (start < done) return false;
    done = end;
    return true;
  });
}
