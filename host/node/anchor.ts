import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { fileError, movedError, systemCode } from './file-errors.ts';
import { portableAnchor } from './portable-anchor.ts';

/**
 * A directory held open. Names are reached through it, so that renaming any of its parents between a check and a use
 * leads nowhere else.
 */
export interface Anchor extends AsyncDisposable {
  /** A path of `name` in this very directory, for the system calls that follow. */
  at(name: string): string;
  /** Throws `file.moved` if the directory is no longer the one that its path names; after opening, before renaming. */
  verify(): Promise<void>;
}

/** A name in a directory that is held: `path` is what errors are told with, `at` what system calls are given. */
export interface Place {
  readonly directory: Anchor;
  readonly name: string;
  readonly path: string;
  readonly at: string;
}

/** Holds the directory at this real path, or throws `file.moved` when the path now leads through a link. */
export function anchor(directory: string): Promise<Anchor> {
  return process.platform === 'linux' ? linuxAnchor(directory) : portableAnchor(directory);
}

async function linuxAnchor(directory: string): Promise<Anchor> {
  const handle = await openDirectory(directory);
  const held = `/proc/self/fd/${handle.fd}`;
  try {
    if ((await readlink(held)) !== directory) throw movedError(directory);
  } catch (error) {
    await handle.close();
    // Without /proc (some containers) there is no descriptor path to go through.
    if (systemCode(error) === 'ENOENT') return portableAnchor(directory);
    throw fileError(error, directory);
  }
  return {
    at: (name) => `${held}/${name}`,
    // Whatever happens to its name, the descriptor stays on the directory that was verified.
    verify: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function openDirectory(directory: string) {
  try {
    return await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    // The system says the same of a link and of a file.
    if (systemCode(error) === 'ENOTDIR' && (await isLink(directory))) throw movedError(directory);
    throw fileError(error, directory);
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    throw fileError(error, path);
  }
}
