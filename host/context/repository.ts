import { join } from 'node:path';
import { hasCode } from '#shared/host-error.ts';
import { foldersFromRoot } from '../config/config-paths.ts';
import type { TextFiles } from '../ports/text-files.ts';

/** The folder that holds `.git`, at the Location or above it; undefined where there is no repository. */
export async function repositoryRoot(directory: string, files: TextFiles): Promise<string | undefined> {
  const [root = directory] = await foldersFromRoot(directory, files);
  return (await files.stamp(join(root, '.git'))) === 'absent' ? undefined : root;
}

/** A file's text; undefined where there is none, and for what is none (a device, a FIFO, a dump of megabytes). */
export async function readSmall(
  path: string,
  files: TextFiles,
  maxBytes?: number,
): Promise<string | undefined> {
  try {
    return await files.read(path, maxBytes);
  } catch (error) {
    if (hasCode(error, 'text.not-regular') || hasCode(error, 'text.too-large')) return undefined;
    throw error;
  }
}
