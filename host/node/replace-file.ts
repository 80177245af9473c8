import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { HostError } from '#shared/host-error.ts';
import type { FileFacts, Replacement } from '../ports/files.ts';
import type { Place } from './anchor.ts';
import { systemCode } from './file-errors.ts';
import { fileFacts } from './file-facts.ts';

/**
 * Writes beside the old file, syncs, and renames over it: readers see the old file or the new, whole. A hard link
 * loses this name only; the other names keep the old content. Owner and mode stay.
 */
export async function replaceFile(
  place: Place,
  bytes: Uint8Array,
  { expected, mode }: Replacement,
): Promise<FileFacts> {
  const old = await current(place.at);
  refuseChanged(place, { expected, found: old?.facts.version });
  const temporary = place.directory.at(temporaryName(place.name));
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(temporary, flags, mode ?? (old === undefined ? 0o666 : 0o600));
  try {
    await fill(handle, bytes, { old, mode });
    await place.directory.verify();
    refuseChanged(place, { expected, found: (await current(place.at))?.facts.version });
    await putInPlace(temporary, place, expected === 'absent');
    return fileFacts(await lstat(place.at, { bigint: true }));
  } catch (error) {
    await removeTemporary(temporary);
    throw error;
  }
}

interface Old {
  readonly facts: FileFacts;
  readonly owner: readonly [user: number, group: number];
}

async function current(at: string): Promise<Old | undefined> {
  try {
    const stats = await lstat(at, { bigint: true });
    return { facts: fileFacts(stats), owner: [Number(stats.uid), Number(stats.gid)] };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function refuseChanged(
  { path }: Place,
  { expected, found }: { readonly expected: string; readonly found: string | undefined },
): void {
  if ((found ?? 'absent') === expected) return;
  throw new HostError('file.changed', `${path} is not the version that was to be replaced.`);
}

async function fill(
  handle: FileHandle,
  bytes: Uint8Array,
  { old, mode }: { readonly old: Old | undefined; readonly mode: number | undefined },
): Promise<void> {
  try {
    await handle.writeFile(bytes);
    if (old !== undefined) await keepOwner(handle, old);
    const bits = mode ?? old?.facts.mode;
    if (bits !== undefined) await handle.chmod(bits);
    // Without this a crash may leave the new name on an empty file.
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function keepOwner(handle: FileHandle, { owner }: Old): Promise<void> {
  const now = await handle.stat();
  if (now.uid === owner[0] && now.gid === owner[1]) return;
  try {
    await handle.chown(...owner);
  } catch (error) {
    // Only root gives files away: a file of another user in our folder becomes ours, as with any editor.
    if (systemCode(error) !== 'EPERM') throw error;
  }
}

/** A rename replaces whatever stands there; a link refuses, which is what a new file wants. */
async function putInPlace(temporary: string, { at, path }: Place, isNew: boolean): Promise<void> {
  if (!isNew) return rename(temporary, at);
  try {
    await link(temporary, at);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new HostError('file.changed', `${path} was created meanwhile.`);
    // No hard links on this file system: the check above has to do.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error))) throw error;
    return rename(temporary, at);
  }
  await unlink(temporary);
}

async function removeTemporary(temporary: string): Promise<void> {
  try {
    await unlink(temporary);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Not to be guessed, hidden, and short enough for any file system. */
function temporaryName(name: string): string {
  return `.${name.slice(0, 40).toWellFormed()}.${randomBytes(6).toString('hex')}.tmp`;
}
