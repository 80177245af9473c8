import * as paths from 'node:path';
import type { Config, Layer } from '../config/config.ts';
import { isSecretName } from '../config/load-config.ts';
import { splitGlob } from '../location/glob-base.ts';
import { isWithin } from '../location/roots.ts';
import { type FolderBudget, type FoundFiles, findFiles } from './find-files.ts';
import type { InstructionProblem, SourceWorld } from './source-world.ts';

/** The folders that instructions are looked for in, from the repository's root down to the Location. */
export interface InstructionPlace {
  readonly folders: readonly string[];
  readonly root: string;
  readonly realRoot: string;
  /** Real path of the Location. */
  readonly location: string;
  readonly trusted: boolean;
  /** Told of what is not read because it belongs to another user. */
  readonly onForeign: (path: string) => void;
}

/** A file that may be read: by `real`, which is what was judged; `path` is the name that it was found by. */
export interface AdmittedFile {
  readonly path: string;
  readonly real: string;
}

export interface NamedFiles {
  /** In the order of the configuration, those of one pattern nearest first; one may be there twice. */
  readonly files: readonly AdmittedFile[];
  readonly problems: readonly InstructionProblem[];
}

export interface Naming {
  readonly entries: Config['instructions'];
  readonly place: InstructionPlace;
  readonly world: Pick<SourceWorld, 'environment' | 'files' | 'textFiles'>;
  readonly signal: AbortSignal;
}

const maxFolders = 1_000;
const maxFiles = 100;
const maxPatternLength = 1_000;

/**
 * The files that `instructions` of the configuration names: paths and globs, below `~/`, absolute, or relative to every
 * folder from the repository's root down to the Location (OpenCode's rule).
 */
export async function namedFiles(naming: Naming): Promise<NamedFiles> {
  const files: AdmittedFile[] = [];
  const problems: InstructionProblem[] = [];
  const folders: FolderBudget = { left: maxFolders };
  // One after the other: which of them the room is spent on must not be chance.
  for (const entry of naming.entries) {
    naming.signal.throwIfAborted();
    const named = await followed(entry, folders, naming);
    const room = maxFiles - files.length;
    files.push(...named.files.slice(0, room));
    const problem = named.problem ?? (named.files.length > room ? 'wide' : undefined);
    if (problem !== undefined) problems.push({ type: problem, pattern: shortened(entry.pattern) });
  }
  return { files, problems };
}

function shortened(pattern: string): string {
  return pattern.length > maxPatternLength ? `${pattern.slice(0, 100)}…` : pattern;
}

type Entry = Config['instructions'][number];

interface Followed {
  readonly files: readonly AdmittedFile[];
  readonly problem?: InstructionProblem['type'];
}

async function followed(entry: Entry, folders: FolderBudget, naming: Naming): Promise<Followed> {
  if (url.test(entry.pattern)) return { files: [], problem: 'url' };
  if (entry.pattern.length > maxPatternLength) return { files: [], problem: 'wide' };
  const patterns = patternsOf(entry, naming);
  if (patterns.length === 0) return { files: [], problem: 'outside' };
  const found: FoundFiles[] = [];
  for (const pattern of patterns) found.push(await matchesOf({ ...entry, pattern }, folders, naming));
  const { place, world } = naming;
  const files = await Promise.all(
    found.flatMap((each) => each.paths).map((path) => admitted({ ...entry, path }, place, world.textFiles)),
  );
  return {
    files: files.filter((file) => file !== undefined),
    ...(found.some(({ cut }) => cut) ? { problem: 'wide' } : {}),
  };
}

const url = /^https?:\/\//i;

/** Absolute patterns; none where a project names what lies out of its folder. */
function patternsOf({ from, pattern }: Entry, { place, world }: Naming): readonly string[] {
  const absolute = pattern.startsWith('~/')
    ? [paths.join(world.environment.homeDirectory, pattern.slice(2))]
    : paths.isAbsolute(pattern)
      ? [paths.normalize(pattern)]
      : place.folders.map((folder) => paths.join(folder, pattern));
  // A backslash is an escape in a pattern, whatever the platform.
  const patterns = absolute.map((each) => each.split(paths.sep).join('/'));
  if (from === 'user') return patterns;
  return patterns.filter((each) => {
    const { prefix, climbs } = splitGlob(each);
    return isWithin(place.root, prefix, paths) && !climbs;
  });
}

async function matchesOf(
  { from, pattern }: Entry,
  folders: FolderBudget,
  { place, world, signal }: Naming,
): Promise<FoundFiles> {
  const { prefix, rest } = splitGlob(pattern);
  if (!magic.test(rest)) return { paths: [pattern], cut: false };
  const base = await admitted({ from, path: prefix }, place, world.textFiles);
  if (base === undefined) return { paths: [], cut: false };
  const search = { base: base.real, pattern: rest, files: world.files, budget: folders, signal };
  const { paths: below, cut } = await findFiles(search);
  return { paths: below.map((path) => paths.join(prefix, path)), cut };
}

const magic = /[*?[\]{}()!+@\\]/;

export interface Named {
  readonly from: Layer;
  readonly path: string;
}

/**
 * What may be looked at, undefined for all else. What lies in the project's folder is the project's, whoever names it:
 * in an untrusted Location it is not read, and a link in it leads nowhere else. Above the Location, what belongs to
 * another user is not the project's. What lies out of it is named by the user alone.
 */
export async function admitted(
  { from, path }: Named,
  { realRoot, location, trusted, onForeign }: InstructionPlace,
  files: SourceWorld['textFiles'],
): Promise<AdmittedFile | undefined> {
  // Before anything of an untrusted folder is touched.
  if (from === 'project' && !trusted) return undefined;
  const real = await files.realPath(path);
  if (real === undefined) return undefined;
  if (!isWithin(realRoot, real, paths)) {
    const isUsers = from === 'user' && !(await leadsThrough(realRoot, path, files));
    return isUsers ? { path, real } : undefined;
  }
  // What lies in an `.env` file is the user's, though the project's folder holds it.
  if (!trusted || [path, real].some(isSecretName)) return undefined;
  const isForeign = !isWithin(location, real, paths) && (await files.isForeign(path));
  if (isForeign) onForeign(path);
  return isForeign ? undefined : { path, real };
}

/** Whether a folder on the way to a path, its links followed, lies in the project's. */
async function leadsThrough(
  realRoot: string,
  path: string,
  files: SourceWorld['textFiles'],
): Promise<boolean> {
  const way: string[] = [];
  for (let at = path; paths.dirname(at) !== at; at = paths.dirname(at)) way.push(paths.dirname(at));
  const reals = await Promise.all(way.map((folder) => files.realPath(folder)));
  return reals.some((real) => real !== undefined && isWithin(realRoot, real, paths));
}
