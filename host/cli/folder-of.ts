import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HostError } from '#shared/host-error.ts';

/** The real path of a folder that was typed. @throws HostError `cli.usage` */
export async function folderOf(dir: string): Promise<string> {
  const path = resolve(dir);
  // Missing, out of reach or a file: for who typed it, it is no folder that can be worked in.
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw new HostError('cli.usage', `${path} is not a folder.`);
  return realpath(path);
}
