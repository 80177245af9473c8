import { basename, dirname } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { hasCode } from '#shared/host-error.ts';
import type { Authority } from '../../location/authority.ts';
import type { AuthorizedPath } from '../../location/authorized-path.ts';
import { decodeFile } from '../text-file.ts';
import { ToolFailure } from '../tool.ts';
import type { SearchWorld } from '../tool-world.ts';
import type { SearchBase } from './found-file.ts';
import { commonArguments, RipgrepRefusal, runRipgrep } from './ripgrep.ts';
import { type WalkedFile, walkFiles } from './walk-files.ts';

/** A line that matches; `relative` is empty when a single file was searched. */
export interface LineMatch {
  readonly relative: string;
  readonly line: number;
  readonly text: string;
}

export interface GrepOptions {
  readonly pattern: string;
  /** Which files are searched, by their path below the base. */
  readonly accepts: (relative: string) => boolean;
  /** A glob on names that says the same as `accepts` and spares the rest; absent when there is none. */
  readonly nameGlob?: string;
  readonly world: SearchWorld;
  readonly signal: AbortSignal;
}

const maxColumns = 2_000;
const maxWalkedBytes = 8 * 1024 * 1024;
const linesAtOnce = 2_000;

/** Lines that match a regular expression, file by file; by ripgrep, or slowly where there is none. Never by RegExp. */
export async function* grepLines(base: SearchBase, options: GrepOptions): AsyncGenerator<LineMatch> {
  const { search, authority } = options.world;
  const program = await search.ripgrep(await authority.root());
  if (program === undefined) yield* grepSlowly(base, options);
  else yield* grepByRipgrep(base, { ...options, program });
}

async function* grepByRipgrep(
  { path, isFile }: SearchBase,
  { program, pattern, nameGlob, accepts, world, signal }: GrepOptions & { readonly program: string },
): AsyncGenerator<LineMatch> {
  const args = [
    ...commonArguments,
    ...['--line-number', '--no-heading', '--with-filename', '--crlf'],
    ...[`--max-columns=${maxColumns}`, '--max-columns-preview'],
    ...(nameGlob === undefined || isFile ? [] : [`--type-add=wanted:${nameGlob}`, '--type=wanted']),
    ...['--', pattern, isFile ? `./${basename(path.real)}` : './'],
  ];
  const directory = isFile ? dirname(path.real) : path.real;
  try {
    for await (const piece of runRipgrep(
      { program, args, directory, processes: world.processes, signal },
      '\n',
    )) {
      const match = parseLine(piece);
      if (match === undefined) continue;
      const relative = isFile ? '' : match.relative;
      if (isFile || accepts(relative)) yield { ...match, relative };
    }
  } catch (error) {
    if (error instanceof RipgrepRefusal) throw invalidPattern(error.message);
    throw error;
  }
}

const resultLine = /^\.\/([^\0]*)\0(\d+):(.*)$/s;

/** Undefined for what is no result, such as the word that a binary file matches. */
function parseLine(piece: string): LineMatch | undefined {
  const [, relative, line, text] = resultLine.exec(piece) ?? [];
  if (relative === undefined || text === undefined) return undefined;
  return { relative, line: Number(line), text: withoutReturn(text) };
}

async function* grepSlowly(base: SearchBase, options: GrepOptions): AsyncGenerator<LineMatch> {
  const matches = await compile(options.pattern);
  const files: AsyncIterable<WalkedFile> | readonly WalkedFile[] = base.isFile
    ? [{ relative: '', path: base.path }]
    : walkFiles(base.path, { ...options.world, signal: options.signal });
  for await (const { relative, path } of files) {
    if (!base.isFile && !options.accepts(relative)) continue;
    const text = await readText(path, options.world.authority);
    if (text === undefined) continue;
    yield* matchLines(text, { relative, matches, signal: options.signal });
  }
}

/** Linear in the text, whatever the pattern is. RE2 is large, and only needed where there is no ripgrep. */
async function compile(pattern: string): Promise<(line: string) => boolean> {
  const { RE2JS, RE2JSSyntaxException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern);
    return (line) => compiled.matcher(line).find();
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw invalidPattern(error.message);
    throw error;
  }
}

async function* matchLines(
  text: string,
  file: {
    readonly relative: string;
    readonly matches: (line: string) => boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<LineMatch> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const [index, raw] of lines.entries()) {
    if (index % linesAtOnce === linesAtOnce - 1) await breathe();
    file.signal.throwIfAborted();
    const line = withoutReturn(raw);
    if (file.matches(line)) yield { relative: file.relative, line: index + 1, text: line };
  }
}

async function readText(path: AuthorizedPath, authority: Authority): Promise<string | undefined> {
  try {
    await using file = await authority.open(path);
    if (file.facts.size > maxWalkedBytes) return undefined;
    const bytes = await file.read(0, maxWalkedBytes);
    const decoded = decodeFile(bytes);
    if (decoded.type === 'text') return decoded.file.text;
    return decoded.type === 'unknown-encoding' ? new TextDecoder().decode(bytes) : undefined;
  } catch (error) {
    const isSkipped = ['file.no-access', 'file.moved', 'file.not-found', 'file.not-a-file'].some((code) =>
      hasCode(error, code),
    );
    if (!isSkipped) throw error;
    return undefined;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function invalidPattern(reason: string): ToolFailure {
  return new ToolFailure(
    `The pattern is not valid (RE2 syntax, no look-around, no back-references): ${reason}`,
  );
}
