import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import { HostError, hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import { resolveReal } from '../location/roots.ts';
import type { Environment } from '../ports/environment.ts';
import type { Files } from '../ports/files.ts';
import type { Log } from '../ports/log.ts';
import type { FileState } from './file-state.ts';

/** What a file held at one moment. */
export interface FileContent {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode?: number;
}

/**
 * Contents of files as sessions found and left them, for the way back (RT-21): one file each, named by its SHA-256,
 * readable by this user alone. A content stays as long as a fact names it, or a session of this process kept it.
 */
export interface KeptContents {
  /** Keeps a content for a session; durable when this resolves. Never throws: what cannot be kept is `unknown`. */
  keep(owner: SessionID, content: FileContent): Promise<FileState>;
  /** The bytes behind a hash; undefined when they are not there or not whole. */
  read(hash: string): Promise<Uint8Array | undefined>;
  /**
   * Removes what no fact names, and what only `gone` (sessions that are deleted) kept. What is no content is left alone;
   * one that cannot be removed holds no other up, and is told.
   */
  sweep(named: () => Promise<readonly string[]>, gone?: readonly SessionID[]): Promise<Swept>;
}

export interface Swept {
  /** How many were removed. */
  readonly removed: number;
  readonly stuck: readonly StuckContent[];
}

/** A content that is to go and could not be removed: every sweep tries again. */
export interface StuckContent {
  readonly hash: string;
  readonly error: unknown;
  /** One of the sessions that are gone kept it, in this process. */
  readonly byGone: boolean;
}

export interface KeptContentsOptions {
  /** `blobs/` in the storage folder; made when it is first needed, its parent must exist. */
  readonly directory: string;
  readonly files: Files;
  readonly environment: Pick<Environment, 'platform'>;
  readonly log: Log;
  /** Longer contents are not kept; 20 MiB by default. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 20 * 1024 * 1024;
const hashPattern = /^[0-9a-f]{64}$/;
/** What a crash left of a content that was being written. */
const halfWritten = /^\.[0-9a-f]{1,64}\.[0-9a-f]+\.tmp$/;
const maxListed = 1_000_000;

/** The SHA-256 of a content, in hexadecimal. */
export function hashContent(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function createKeptContents(options: KeptContentsOptions): KeptContents {
  const { files, log, maxBytes = defaultMaxBytes } = options;
  const paths = options.environment.platform === 'win32' ? win32 : posix;
  const owners = new Map<string, Set<SessionID>>();
  const inTurn = oneAtATime();

  const folder = async (): Promise<string> => {
    const real = await resolveReal(options.directory, { files, paths });
    if (real === undefined) throw new HostError('file.not-found', `${options.directory} cannot be used.`);
    if (!real.exists) await files.makeDirectory(real.path, 0o700);
    return real.path;
  };
  const write = async (hash: string, bytes: Uint8Array): Promise<void> => {
    const directory = await folder();
    const path = paths.join(directory, hash);
    const there = await files.inspect(path);
    if (there?.size === bytes.length) return;
    await files.replace(path, bytes, { expected: there?.version ?? 'absent', mode: 0o600 });
    await files.syncDirectory(directory);
  };

  return {
    async keep(owner, { bytes, mode }) {
      if (bytes.length > maxBytes) return { type: 'unknown' };
      const hash = hashContent(bytes);
      try {
        // No sweep may come between finding a copy there and naming it.
        await inTurn(() => {
          owners.set(hash, (owners.get(hash) ?? new Set()).add(owner));
          return write(hash, bytes);
        });
      } catch (error) {
        log.error('A file content could not be kept', error, { bytes: bytes.length });
        return { type: 'unknown' };
      }
      return { type: 'content', hash, ...(mode !== undefined && { mode }) };
    },
    async read(hash) {
      if (!hashPattern.test(hash)) return undefined;
      const bytes = await readWhole(paths.join(await folder(), hash), files);
      return bytes !== undefined && hashContent(bytes) === hash ? bytes : undefined;
    },
    sweep: (named, gone = []) =>
      inTurn(async () => {
        const theirs = disowned(owners, gone);
        const directory = await resolveReal(options.directory, { files, paths });
        if (!directory?.exists) return sweptNothing;
        const ours = await contentsIn(directory.path, files);
        if (ours.length === 0) return sweptNothing;
        const needed = new Set(await named());
        const left = ours.filter((name) => !needed.has(name) && !(owners.get(name)?.size ?? 0));
        const stuck: StuckContent[] = [];
        for (const hash of left) {
          const told = (error: unknown) => stuck.push({ hash, error, byGone: theirs.has(hash) });
          await files.remove(paths.join(directory.path, hash)).catch(told);
        }
        if (left.length > stuck.length) await files.syncDirectory(directory.path);
        return { removed: left.length - stuck.length, stuck };
      }),
  };
}

const sweptNothing: Swept = { removed: 0, stuck: [] };

/** Sessions that are gone keep nothing any more; the hashes of what they kept. */
function disowned(
  owners: ReadonlyMap<string, Set<SessionID>>,
  gone: readonly SessionID[],
): ReadonlySet<string> {
  // Every one of them, not only the first that is found.
  const lost = [...owners].filter(([, each]) => gone.filter((owner) => each.delete(owner)).length > 0);
  return new Set(lost.map(([hash]) => hash));
}

async function contentsIn(directory: string, files: Files): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const { entries } = await files.list(directory, { limit: maxListed, signal });
  const isContent = (name: string) => hashPattern.test(name) || halfWritten.test(name);
  return entries.filter(({ name, type }) => type === 'file' && isContent(name)).map(({ name }) => name);
}

function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}

async function readWhole(path: string, files: Files): Promise<Uint8Array | undefined> {
  try {
    await using file = await files.open(path);
    const pieces: Uint8Array[] = [];
    for (let position = 0; ; ) {
      const piece = await file.read(position, Math.max(65_536, file.facts.size - position + 1));
      if (piece.length === 0) return Buffer.concat(pieces);
      pieces.push(piece);
      position += piece.length;
    }
  } catch (error) {
    if (hasCode(error, 'file.not-found')) return undefined;
    throw error;
  }
}
