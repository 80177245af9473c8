import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Anchor } from './anchor.ts';
import { fileError, movedError } from './file-errors.ts';

/**
 * The anchor of macOS and Windows, which cannot reach a file through a descriptor: the path is resolved before and
 * after each use and must not have changed. This narrows the race that Linux closes; its callers compare device and
 * inode of what they opened as well. Tested on Linux only.
 */
export async function portableAnchor(directory: string): Promise<Anchor> {
  const verify = async () => {
    if ((await resolved(directory)) !== directory) throw movedError(directory);
  };
  await verify();
  return {
    at: (name) => join(directory, name),
    verify,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function resolved(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch (error) {
    throw fileError(error, directory);
  }
}
