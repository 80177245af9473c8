import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import { Minimatch } from 'minimatch';
import type { GlobVerdict } from '../../location/authority.ts';
import { leaving, quote, requireGranted } from '../reach.ts';
import { type SearchBase, shownBelow } from '../search/found-file.ts';
import { listFiles } from '../search/list-files.ts';
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

const Parameters = Schema.Struct({
  pattern: Schema.String.annotate({
    description: 'As in src/**/*.{ts,tsx}; without a slash it matches at any depth',
  }),
  path: Schema.optionalKey(Schema.String.annotate({ description: 'Folder; default the workspace' })),
});
type Parameters = typeof Parameters.Type;

const maxShown = 100;
const maxFound = 10_000;
const timeLimitMs = 10_000;
const maxPatternLength = 1_000;
const maxAlternatives = 1_000;
const looksAtOnce = 64;

/** Finds files by name, newest first. */
export function globTool(world: SearchWorld): AnyTool {
  return defineTool<Parameters>({
    id: 'glob',
    permissionKey: 'glob',
    description:
      'Finds files by a glob pattern, newest first, at most 100. Hidden files are found, ignored ones (.gitignore) are not.',
    parameters: Parameters,
    effects: false,
    title: ({ pattern }) => pattern,
    touches: () => Promise.resolve([]),
    permission: async (args) => needsOf(args, await start(args, world)),
    execute: async (args, context) => {
      const from = await start(args, world);
      requireGranted(needsOf(args, from), context);
      return find({ from, context, world, title: args.pattern });
    },
  });
}

type Start = GlobVerdict & { readonly base: SearchBase };

async function start({ pattern, path = '.' }: Parameters, { authority }: SearchWorld): Promise<Start> {
  if (pattern === '' || pattern.length > maxPatternLength) {
    throw new ToolFailure(`The pattern must have 1 to ${maxPatternLength} characters.`);
  }
  const found = await authority.authorizeGlob(pattern, path);
  if (found.climbs) {
    throw new ToolFailure(
      `The pattern ${quote(pattern)} goes up (..) behind a wildcard. Give the folder as path instead.`,
    );
  }
  if (found.verdict.type === 'invalid') {
    throw new ToolFailure(
      `The pattern ${quote(pattern)} in ${quote(path)} cannot be used: ${found.verdict.reason}.`,
    );
  }
  return { ...found, base: { path: found.verdict.path, isFile: false } };
}

function needsOf({ pattern }: Parameters, { base }: Start): readonly PermissionNeed[] {
  const need: PermissionNeed = {
    permission: 'glob',
    patterns: [pattern],
    always: [],
    subject: { type: 'path', filePath: base.path.real },
  };
  return base.path.place === 'external' ? [leaving(base.path), need] : [need];
}

interface Finding {
  readonly from: Start;
  readonly context: ExecutionContext;
  readonly world: SearchWorld;
  readonly title: string;
}

async function find({ from, context, world, title }: Finding): Promise<ToolResult> {
  const { base } = from;
  if (base.path.facts === undefined) throw new ToolFailure(`The folder ${base.path.shown} does not exist.`);
  if (base.path.facts.type !== 'directory') throw new ToolFailure(`${base.path.shown} is not a folder.`);
  const { relatives, note } = await collect({ from, context, world, title });
  const newest = await newestFirst(relatives, base, world);
  const shown = newest.slice(0, maxShown).map((relative) => shownBelow(base, relative));
  const cut =
    newest.length > shown.length
      ? `(Showing the newest ${maxShown} of ${newest.length}. Use a narrower pattern.)`
      : '';
  const lines = [
    ...(shown.length === 0 ? ['No files found'] : shown),
    ...[cut, note].filter((line) => line !== ''),
  ];
  return {
    output: lines.join('\n'),
    title,
    metadata: { count: shown.length, ...(newest.length > shown.length && { truncated: true }) },
  };
}

async function collect({ from, context, world }: Finding) {
  using limit = startTimeLimit(world.clock, { ms: timeLimitMs, signal: context.signal });
  const matches = matcher(from.pattern);
  const relatives: string[] = [];
  try {
    for await (const relative of listFiles(from.base, { world, signal: limit.signal })) {
      if (matches(relative)) relatives.push(relative);
      if (relatives.length === maxFound) return { relatives, note: `(Stopped after ${maxFound} files.)` };
    }
  } catch (error) {
    if (!limit.isOver()) throw error;
    return { relatives, note: '(Stopped after 10 s: not every folder was looked at.)' };
  }
  return { relatives, note: '' };
}

/** A pattern without a slash matches names at any depth, others the path below the folder. */
export function matcher(pattern: string): (relative: string) => boolean {
  const plain = pattern.startsWith('./') ? pattern.slice(2) : pattern;
  const glob = new Minimatch(plain === '' ? '**' : plain, {
    dot: true,
    matchBase: true,
    nocomment: true,
    nonegate: true,
    braceExpandMax: maxAlternatives,
  });
  return (relative) => glob.match(relative);
}

async function newestFirst(
  relatives: readonly string[],
  { path }: SearchBase,
  { files }: SearchWorld,
): Promise<readonly string[]> {
  const dated: { readonly relative: string; readonly modified: number }[] = [];
  for (let at = 0; at < relatives.length; at += looksAtOnce) {
    const some = relatives.slice(at, at + looksAtOnce).map(async (relative) => ({
      relative,
      modified: (await files.inspect(join(path.real, relative)))?.modified ?? 0,
    }));
    dated.push(...(await Promise.all(some)));
  }
  return dated
    .sort((a, b) => b.modified - a.modified || (a.relative < b.relative ? -1 : 1))
    .map(({ relative }) => relative);
}
