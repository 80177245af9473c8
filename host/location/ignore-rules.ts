import { join, relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { hasCode } from '#shared/host-error.ts';
import type { Files, FileType } from '../ports/files.ts';

/** The rules that hold in one directory: its own ignore files, and those of the directories above it. */
export interface IgnoreRules {
  /** The rules of a directory directly below, given by its name. */
  below(name: string): Promise<IgnoreRules>;
  /** Whether a name in this directory is left out. */
  ignores(name: string, type: 'file' | 'directory'): boolean;
}

/** Ignore files, the strongest first; within one kind the nearest file that says anything decides. */
const kinds: readonly string[] = ['.rgignore', '.ignore', '.gitignore', '.git/info/exclude'];
const gitKinds: readonly string[] = ['.gitignore', '.git/info/exclude'];

interface Level {
  readonly directory: string;
  readonly files: ReadonlyMap<string, Ignore>;
  /** A repository begins here: git's own files above do not count. */
  readonly isRepository: boolean;
}

/**
 * The rules for a real directory, as ripgrep reads them: the ignore files of all directories above it too, git's up
 * to the repository it is in.
 */
export async function ignoreRules(
  directory: string,
  files: Pick<Files, 'inspect' | 'open'>,
): Promise<IgnoreRules> {
  const levels: Level[] = [];
  for (let at = directory; ; at = join(at, '..')) {
    levels.push(await readLevel(at, files));
    if (join(at, '..') === at) break;
  }
  return rulesOf(levels, files);
}

/** `levels` from the directory itself upwards. */
function rulesOf(levels: readonly Level[], files: Pick<Files, 'inspect' | 'open'>): IgnoreRules {
  const here = levels[0]?.directory ?? '/';
  return {
    below: async (name) => rulesOf([await readLevel(join(here, name), files), ...levels], files),
    ignores: (name, type) => {
      const path = type === 'directory' ? `${join(here, name)}/` : join(here, name);
      const verdicts = kinds.map((kind) => decision(levels, { kind, path }));
      return verdicts.find((verdict) => verdict !== undefined) === 'ignored';
    },
  };
}

function decision(
  levels: readonly Level[],
  { kind, path }: { readonly kind: string; readonly path: string },
): 'ignored' | 'kept' | undefined {
  for (const level of levels) {
    const said = wordOf(level, { kind, path });
    if (said !== undefined) return said;
    if (level.isRepository && gitKinds.includes(kind)) return undefined;
  }
  return undefined;
}

function wordOf(
  { directory, files }: Level,
  { kind, path }: { readonly kind: string; readonly path: string },
): 'ignored' | 'kept' | undefined {
  const below = relative(directory, path) + (path.endsWith('/') ? '/' : '');
  const said = files.get(kind)?.test(below);
  if (said?.ignored === true) return 'ignored';
  return said?.unignored === true ? 'kept' : undefined;
}

async function readLevel(directory: string, files: Pick<Files, 'inspect' | 'open'>): Promise<Level> {
  const texts = await Promise.all(kinds.map((kind) => readSmall(join(directory, kind), files)));
  const found = kinds.flatMap((kind, index) => {
    const text = texts[index];
    return text === undefined ? [] : [[kind, ignore({ ignorecase: false }).add(text)] as const];
  });
  const isRepository = (await typeOf(join(directory, '.git'), files)) !== undefined;
  return { directory, files: new Map(found), isRepository };
}

const maxBytes = 1024 * 1024;
const unusable = [
  'file.not-found',
  'file.not-a-directory',
  'file.not-a-file',
  'file.no-access',
  'file.moved',
];

async function readSmall(path: string, files: Pick<Files, 'inspect' | 'open'>): Promise<string | undefined> {
  try {
    if ((await typeOf(path, files)) !== 'file') return undefined;
    await using file = await files.open(path);
    return new TextDecoder().decode(await file.read(0, maxBytes));
  } catch (error) {
    if (unusable.some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}

async function typeOf(path: string, files: Pick<Files, 'inspect'>): Promise<FileType | undefined> {
  try {
    return (await files.inspect(path))?.type;
  } catch (error) {
    if (unusable.some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}
