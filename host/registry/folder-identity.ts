import { createHash } from 'node:crypto';
import { findRepository, type GitFiles } from './git-folder.ts';

/**
 * What a folder (a real path) is known by, whatever it is called: hashes, of which two descriptions of one project have
 * at least one in common. A repository is known by its remote, by where its common directory is, and by that directory
 * itself, which a renaming leaves the same; any other folder by its path and itself.
 */
export async function identify(directory: string, world: GitFiles): Promise<readonly string[]> {
  const repository = await findRepository(directory, world);
  if (!repository) return [hash('path', directory), ...(await bornMark(directory, '', world))];
  const { commonDir, remote, below } = repository;
  return [
    ...(remote === undefined ? [] : [hash('remote', remote, below)]),
    hash('common', commonDir, below),
    ...(await bornMark(commonDir, below, world)),
  ];
}

export function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.some((mark) => other.includes(mark));
}

/** The directory by its number and the time it was made: numbers alone are used again. */
async function bornMark(path: string, below: string, { files }: GitFiles): Promise<readonly string[]> {
  const { identity = '', born } = (await files.inspect(path)) ?? {};
  // The number of the device changes from one start of the machine to the next.
  const inode = identity.slice(identity.indexOf(':') + 1);
  return born === undefined ? [] : [hash('born', inode, born, below)];
}

function hash(kind: string, ...facts: readonly string[]): string {
  const text = JSON.stringify([kind, ...facts]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
