import { createHash } from 'node:crypto';
import { structuredPatch } from 'diff';
import { lineCount } from './bounds.ts';

export interface TextChange {
  /** Absent when the file is new. */
  readonly before?: string;
  readonly after: string;
  /** The path in the header, with slashes. */
  readonly name: string;
}

export interface UnifiedDiff {
  /** Bounded; a diff that was cut ends with the hash of the whole, so that equal texts mean equal changes. */
  readonly diff: string;
  readonly additions: number;
  readonly deletions: number;
}

const contextLines = 3;
const maxBytes = 256 * 1024;
/** Beyond this many differing lines the change is told as one block replaced by another. */
const maxEdits = 4_000;

/** The change as a unified diff, three lines of context, in time that is bounded whatever the texts are. */
export function unifiedDiff({ before, after, name }: TextChange): UnifiedDiff {
  const from = before === undefined ? '/dev/null' : `a/${name}`;
  const hunks = before === after ? [] : hunksOf(before ?? '', after);
  const lines = hunks.flatMap(({ lines }) => lines);
  const body = hunks.map(
    (hunk) =>
      `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@\n${hunk.lines.join('\n')}\n`,
  );
  return {
    diff: bounded(`--- ${from}\n+++ b/${name}\n${body.join('')}`),
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
  };
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

function hunksOf(before: string, after: string): readonly Hunk[] {
  const { start, end, line } = changedPart(before, after);
  const [old, now] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const patch = structuredPatch('a', 'b', old, now, undefined, undefined, {
    context: contextLines,
    maxEditLength: maxEdits,
  });
  const hunks = patch?.hunks ?? [wholeBlock(old, now)];
  return hunks.map((hunk) => ({ ...hunk, oldStart: hunk.oldStart + line, newStart: hunk.newStart + line }));
}

/**
 * Where two texts differ, widened to whole lines and their context: a small change in a large file costs little.
 * `start` and `end` count characters from both sides, `line` the lines before.
 */
function changedPart(
  before: string,
  after: string,
): { readonly start: number; readonly end: number; readonly line: number } {
  const shortest = Math.min(before.length, after.length);
  let same = 0;
  while (same < shortest && before.charCodeAt(same) === after.charCodeAt(same)) same++;
  let sameEnd = 0;
  const atEnd = (text: string) => text.charCodeAt(text.length - 1 - sameEnd);
  while (sameEnd < shortest - same && atEnd(before) === atEnd(after)) sameEnd++;
  let start = same;
  for (let lines = 0; start > 0 && lines <= contextLines; lines++)
    start = before.lastIndexOf('\n', start - 2) + 1;
  let end = before.length - sameEnd;
  for (let lines = 0; end < before.length && lines <= contextLines; lines++) {
    const next = before.indexOf('\n', end);
    end = next === -1 ? before.length : next + 1;
  }
  return { start, end: before.length - end, line: lineCount(before.slice(0, start)) };
}

/** What both texts begin and end with is taken away; the rest goes out and comes in whole. */
function wholeBlock(before: string, after: string): Hunk {
  const old = splitLines(before);
  const now = splitLines(after);
  const shortest = Math.min(old.length, now.length);
  let start = 0;
  while (start < shortest && old[start] === now[start]) start++;
  let end = 0;
  while (end < shortest - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const removed = old.slice(start, old.length - end);
  const added = now.slice(start, now.length - end);
  return {
    oldStart: start + 1,
    oldLines: removed.length,
    newStart: start + 1,
    newLines: added.length,
    lines: [...marked('-', removed), ...marked('+', added)],
  };
}

/** Lines with their ends, so that a missing last newline is a difference. */
function splitLines(text: string): readonly string[] {
  return text.split(afterLineEnd).filter((line) => line !== '');
}

const afterLineEnd = /(?<=\n)/;

function marked(sign: '-' | '+', lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) =>
    line.endsWith('\n')
      ? [`${sign}${line.slice(0, -1)}`]
      : [`${sign}${line}`, '\\ No newline at end of file'],
  );
}

/** An empty side is numbered by the line before it, and one line needs no count. */
function range(start: number, lines: number): string {
  if (lines === 0) return `${start - 1},0`;
  return lines === 1 ? `${start}` : `${start},${lines}`;
}

function bounded(diff: string): string {
  if (Buffer.byteLength(diff) <= maxBytes) return diff;
  const head = Buffer.from(diff).subarray(0, maxBytes).toString();
  const hash = createHash('sha256').update(diff).digest('hex');
  return `${head.slice(0, head.lastIndexOf('\n'))}\n\\ The rest is left out; the whole diff has sha256 ${hash}\n`;
}
