import { type PlatformPath, posix, win32 } from 'node:path';
import type { Environment } from '../ports/environment.ts';
import type { FileFacts, Files, OpenFile, Replacement } from '../ports/files.ts';
import type { AuthorizedPath, PathOperation, Verdict } from './authorized-path.ts';
import { type AuthorizedListing, createAccess } from './file-access.ts';
import { splitGlob } from './glob-base.ts';
import { type LinkedPlace, linkedPlaces } from './linked-places.ts';
import { type ParsedPath, type Platform, parsePath } from './parse-path.ts';
import { protectedName } from './protected-names.ts';
import { isWithin, type Roots, resolveRoots } from './roots.ts';
import { type Walked, walk } from './walk.ts';

export interface AuthorityOptions {
  /** The Location: an absolute folder path. */
  readonly root: string;
  /** Folders that may be read and never written: managed output storage. */
  readonly extraRoots: readonly string[];
  readonly files: Files;
  readonly environment: Pick<Environment, 'homeDirectory'>;
  readonly platform: Platform;
}

export interface GlobVerdict {
  readonly verdict: Verdict;
  /** What is left of the pattern below the folder of the verdict. */
  readonly pattern: string;
  /** The pattern goes up behind a wildcard: it matches nothing that may be looked at. */
  readonly climbs: boolean;
}

/**
 * Who may be reached. Every tool and every surface asks here first, and reads and writes through the verbs below,
 * which take nothing but what `authorize` returned. `invalid` is never opened; `external` and `protected` are used
 * only once their permission was given, which is the caller's duty.
 */
export interface Authority {
  /** The Location's real folder. */
  root(): Promise<string>;
  /** `input` is a path as a model or client writes it: relative to the Location, absolute, `~/…` or a `file:` URI. */
  authorize(input: string, operation: PathOperation): Promise<Verdict>;
  /** Judges the folder that a glob pattern starts in, seen from `base`. */
  authorizeGlob(pattern: string, base: string): Promise<GlobVerdict>;
  /** What stands there now. */
  stat(path: AuthorizedPath): Promise<FileFacts | undefined>;
  open(path: AuthorizedPath): Promise<OpenFile>;
  /** Entries in order of their names, each authorized to be read or listed; links among them are not followed. */
  list(
    path: AuthorizedPath,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<AuthorizedListing>;
  /** Replaces the file whole, or creates it with its missing folders; throws `file.changed` for another version. */
  write(
    path: AuthorizedPath,
    bytes: Uint8Array,
    replacement: string | 'absent' | Replacement,
  ): Promise<FileFacts>;
  /** Removes the file if it still is this version; throws `file.changed` for another. */
  remove(path: AuthorizedPath, expected: string): Promise<void>;
}

export function createAuthority(options: AuthorityOptions): Authority {
  const { files, platform } = options;
  const paths: PlatformPath = platform === 'win32' ? win32 : posix;
  const world = { files, paths };
  const access = createAccess({ files, paths });
  const rootsOf = lazily(() =>
    resolveRoots({ root: options.root, extraRoots: options.extraRoots, ...world }),
  );

  const authorize = async (input: string, operation: PathOperation): Promise<Verdict> => {
    const roots = await rootsOf();
    const parsed = parsePath(input, {
      platform,
      root: roots.root,
      homeDirectory: options.environment.homeDirectory,
    });
    if (parsed.type === 'invalid') return parsed;
    if (parsed.type === 'remote') return external(parsed.path, operation);
    const base = parsed.from === 'location' ? roots.root : parsed.from;
    const walked = await walk({ base, segments: parsed.segments }, world);
    if (walked.type === 'invalid') return walked;
    return judge(walked, {
      operation,
      roots,
      written: writtenNames(parsed, { given: options.root, roots, paths }),
    });
  };

  const judge = async (walked: Reached, request: Request): Promise<Verdict> => {
    const { real, facts } = walked;
    const { operation, roots } = request;
    if (!isWithin(roots.root, real, paths)) return judgeOutside(walked, request);
    if (facts?.type === 'other') return { type: 'invalid', reason: 'it is a FIFO, a socket or a device' };
    const relative = paths.relative(roots.root, real).split(paths.sep);
    const shown = relative.join('/') || '.';
    const path = access.issue({ operation, real, shown, place: 'inside', ...(facts && { facts }) });
    if (operation !== 'write') return { type: 'inside', path };
    const reason =
      protectedName([...request.written, ...relative]) ??
      nameLeadingTo(real, await linkedPlaces(roots.root, world), paths) ??
      (facts?.type === 'file' && facts.links > 1 ? 'a file with several names (hard links)' : undefined);
    return reason === undefined ? { type: 'inside', path } : { type: 'protected', path, reason };
  };

  const judgeOutside = ({ real, facts }: Reached, { operation, roots }: Request): Verdict => {
    if (!roots.extraRoots.some((root) => isWithin(root, real, paths)))
      return external(real, operation, facts);
    if (operation === 'write') return { type: 'invalid', reason: 'kept tool output is read-only' };
    return {
      type: 'inside',
      path: access.issue({ operation, real, shown: real, place: 'managed', ...(facts && { facts }) }),
    };
  };

  const external = (real: string, operation: PathOperation, facts?: FileFacts): Verdict => ({
    type: 'external',
    path: access.issue({ operation, real, shown: real, place: 'external', ...(facts && { facts }) }),
  });

  return {
    root: async () => (await rootsOf()).root,
    authorize,
    authorizeGlob: async (pattern, base) => {
      const { prefix, rest, climbs } = splitGlob(pattern);
      const start = climbs ? '..' : prefix;
      const input = inputBelow(base, start);
      return { verdict: await authorize(input, 'list'), pattern: rest, climbs };
    },
    stat: access.stat,
    open: access.open,
    list: access.list,
    write: access.write,
    remove: access.remove,
  };
}

/** An empty base stays empty, which is invalid: it must not become the root of the file system. */
function inputBelow(base: string, start: string): string {
  if (base === '' || start === '') return base;
  return start.startsWith('/') || start.startsWith('~') ? start : `${base}/${start}`;
}

type Reached = Extract<Walked, { type: 'reached' }>;

interface Request {
  readonly operation: PathOperation;
  readonly roots: Roots;
  /** The names below the Location as the input has them, before links were followed. */
  readonly written: readonly string[];
}

function writtenNames(
  parsed: Extract<ParsedPath, { type: 'parsed' }>,
  { given, roots, paths }: { readonly given: string; readonly roots: Roots; readonly paths: PlatformPath },
): readonly string[] {
  if (parsed.from === 'location') return parsed.segments;
  const path = paths.join(parsed.from, ...parsed.segments);
  const folder = [given, roots.root].find((root) => isWithin(root, path, paths));
  return folder === undefined ? [] : paths.relative(folder, path).split(paths.sep);
}

function nameLeadingTo(
  real: string,
  places: readonly LinkedPlace[],
  paths: PlatformPath,
): string | undefined {
  return places.find((place) => isWithin(place.real, real, paths))?.name;
}

/** Remembers the first success. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
