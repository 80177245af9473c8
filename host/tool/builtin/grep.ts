import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import { quote, type Reached, reach, requireGranted, savable } from '../reach.ts';
import { readPatterns, type SearchBase, shownBelow } from '../search/found-file.ts';
import { type GrepOptions, grepLines, type LineMatch } from '../search/grep-lines.ts';
import { startTimeLimit } from '../search/time-limit.ts';
import {
  type AnyTool,
  defineTool,
  type ExecutionContext,
  type PermissionNeed,
  ToolFailure,
  type ToolResult,
} from '../tool.ts';
import type { SearchWorld } from '../tool-world.ts';
import { matcher } from './glob.ts';

const Parameters = Schema.Struct({
  pattern: Schema.String.annotate({ description: 'Regular expression (RE2), matched line by line' }),
  path: Schema.optionalKey(Schema.String.annotate({ description: 'Folder or file; default the workspace' })),
  include: Schema.optionalKey(
    Schema.String.annotate({ description: 'Glob of the files to search, as in *.ts' }),
  ),
});
type Parameters = typeof Parameters.Type;

const maxShown = 100;
const maxFound = 2_000;
const maxLineLength = 400;
const timeLimitMs = 10_000;
const maxPatternLength = 1_000;

/** Finds lines by a regular expression, in the newest files first. */
export function grepTool(world: SearchWorld): AnyTool {
  return defineTool<Parameters>({
    id: 'grep',
    permissionKey: 'grep',
    description:
      'Searches file contents, newest files first, at most 100 lines. Ignored files (.gitignore) and .env files are left out.',
    parameters: Parameters,
    effects: false,
    title: ({ pattern }) => pattern,
    touches: () => Promise.resolve([]),
    permission: async (args) => {
      refusePatterns(args);
      return needsOf(args, await reach(world.authority, args.path ?? '.', 'list'));
    },
    execute: async (args, context) => {
      const reached = await reach(world.authority, args.path ?? '.', 'list');
      requireGranted(needsOf(args, reached), context);
      return find(args, { reached, context, world });
    },
  });
}

function refusePatterns({ pattern, include = '*' }: Parameters): void {
  for (const [name, value] of Object.entries({ pattern, include })) {
    if (value === '' || value.length > maxPatternLength) {
      throw new ToolFailure(`${name} must have 1 to ${maxPatternLength} characters.`);
    }
  }
  if (pattern.includes('\n'))
    throw new ToolFailure('The pattern has a line break; lines are matched one by one.');
}

function needsOf({ pattern }: Parameters, { path, needs }: Reached): readonly PermissionNeed[] {
  const subject = { type: 'path', filePath: path.real } as const;
  const grep: PermissionNeed = { permission: 'grep', patterns: [pattern], always: [], subject };
  // A single file is read as with `read`, and its rules hold.
  const patterns = readPatterns(path.shown);
  const always = patterns.flatMap(savable);
  const read: PermissionNeed = { permission: 'read', patterns, always, subject };
  return path.facts?.type === 'file' ? [...needs, grep, read] : [...needs, grep];
}

interface Finding {
  readonly reached: Reached;
  readonly context: ExecutionContext;
  readonly world: SearchWorld;
}

async function find(args: Parameters, finding: Finding): Promise<ToolResult> {
  const { path } = finding.reached;
  if (path.facts === undefined)
    throw new ToolFailure(`${quote(args.path ?? '.')} does not exist. Find it with glob.`);
  const base: SearchBase = { path, isFile: path.facts.type === 'file' };
  const { matches, guarded, note } = await collect(args, base, finding);
  const groups = await newestFirst(matches, base, finding.world);
  const { lines, shown } = render(groups, base);
  const notes = [
    shown < matches.length
      ? `(Showing ${shown} of ${matches.length} matches. Use a narrower pattern or path.)`
      : '',
    guardedNote(guarded),
    note,
  ].filter((line) => line !== '');
  return {
    output: [...lines, ...notes].join('\n'),
    title: args.pattern,
    metadata: { count: shown, ...(shown < matches.length && { truncated: true }) },
  };
}

function guardedNote(count: number): string {
  if (count === 0) return '';
  const files =
    count === 1
      ? '1 file with secrets, such as .env, was'
      : `${count} files with secrets, such as .env, were`;
  return `(${files} left out. Use read if you must.)`;
}

async function collect({ pattern, include }: Parameters, base: SearchBase, { context, world }: Finding) {
  using limit = startTimeLimit(world.clock, { ms: timeLimitMs, signal: context.signal });
  const guard = createGuard(base, { context, world });
  const isIncluded = include === undefined ? () => true : matcher(include);
  const options: GrepOptions = {
    pattern,
    accepts: isIncluded,
    ...(include !== undefined && plainNameGlob.test(include) && { nameGlob: include }),
    world,
    signal: limit.signal,
  };
  const matches: LineMatch[] = [];
  try {
    for await (const match of grepLines(base, options)) {
      if (!guard.accepts(match.relative)) continue;
      matches.push(match);
      if (matches.length === maxFound)
        return { matches, guarded: guard.count(), note: `(Stopped after ${maxFound} matches.)` };
    }
  } catch (error) {
    if (!limit.isOver()) throw error;
    return { matches, guarded: guard.count(), note: '(Stopped after 10 s: not every file was searched.)' };
  }
  return { matches, guarded: guard.count(), note: '' };
}

/** What ripgrep's types and our own matcher read alike. */
const plainNameGlob = /^[\w.*?-]*(?:\{[\w.*?,-]+\})?[\w.*?-]*$/;

/** Keeps out of a search what reading would ask for. */
function createGuard(base: SearchBase, { context, world }: Pick<Finding, 'context' | 'world'>) {
  const left = new Set<string>();
  return {
    accepts: (relative: string) => {
      const shown = shownBelow(base, relative);
      // A single file has asked for itself.
      if (base.isFile || world.mayRead(readPatterns(shown), context)) return true;
      left.add(shown);
      return false;
    },
    count: () => left.size,
  };
}

interface Group {
  readonly relative: string;
  readonly modified: number;
  readonly matches: readonly LineMatch[];
}

async function newestFirst(
  matches: readonly LineMatch[],
  { path, isFile }: SearchBase,
  { files }: SearchWorld,
): Promise<readonly Group[]> {
  const byFile = Map.groupBy(matches, ({ relative }) => relative);
  const groups = await Promise.all(
    [...byFile].map(async ([relative, found]) => ({
      relative,
      modified: (await files.inspect(isFile ? path.real : join(path.real, relative)))?.modified ?? 0,
      matches: found.toSorted((a, b) => a.line - b.line),
    })),
  );
  return groups.sort((a, b) => b.modified - a.modified || (a.relative < b.relative ? -1 : 1));
}

function render(
  groups: readonly Group[],
  base: SearchBase,
): { readonly lines: readonly string[]; readonly shown: number } {
  if (groups.length === 0) return { lines: ['No matches found'], shown: 0 };
  const total = groups.reduce((sum, { matches }) => sum + matches.length, 0);
  const lines: string[] = [`Found ${total} ${total === 1 ? 'match' : 'matches'}`];
  let shown = 0;
  for (const { relative, matches } of groups) {
    const some = matches.slice(0, maxShown - shown);
    if (some.length === 0) break;
    lines.push(
      `${shownBelow(base, relative)}:`,
      ...some.map(({ line, text }) => `  Line ${line}: ${cutLine(text)}`),
    );
    shown += some.length;
  }
  return { lines, shown };
}

function cutLine(text: string): string {
  if (text.length <= maxLineLength) return text;
  const cut = text.slice(0, maxLineLength);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}
