import { basename, dirname } from 'node:path';
import { hasCode } from '#shared/host-error.ts';
import type { Authority } from '../location/authority.ts';
import type { AuthorizedPath } from '../location/authorized-path.ts';
import { nearest } from './nearest.ts';
import { ToolFailure } from './tool.ts';

/** The letter about a file that is not there, with the names in its folder that are most like it. */
export async function missingFile(
  authority: Authority,
  path: AuthorizedPath,
  signal: AbortSignal,
): Promise<ToolFailure> {
  const near = path.place === 'inside' ? await neighbours(authority, path, signal) : [];
  const guess = near.length === 0 ? ' Find it with glob.' : ` Did you mean ${near.join(' or ')}?`;
  return new ToolFailure(`${path.shown} does not exist.${guess}`, { filePath: path.real });
}

const maxEntries = 5_000;

async function neighbours(
  authority: Authority,
  path: AuthorizedPath,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = await authority.authorize(dirname(path.real), 'list');
  if (folder.type !== 'inside' || folder.path.facts?.type !== 'directory') return [];
  try {
    const { entries } = await authority.list(folder.path, { limit: maxEntries, signal });
    const names = entries.map(({ name }) => name);
    const prefix = folder.path.shown === '.' ? '' : `${folder.path.shown}/`;
    return nearest(basename(path.real), names).map((name) => `${prefix}${name}`);
  } catch (error) {
    if (hasCode(error, 'file.no-access') || hasCode(error, 'file.moved') || hasCode(error, 'file.not-found'))
      return [];
    throw error;
  }
}
