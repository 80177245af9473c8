import { HostError } from '#shared/host-error.ts';

const known: Readonly<Record<string, readonly [code: string, says: string]>> = {
  ENOENT: ['file.not-found', 'does not exist'],
  ENOTDIR: ['file.not-a-directory', 'has a parent that is not a directory'],
  EEXIST: ['file.exists', 'exists already'],
  EISDIR: ['file.not-a-file', 'is a directory, not a file'],
  ENXIO: ['file.not-a-file', 'is not a regular file'],
  ENOTEMPTY: ['file.not-empty', 'is not empty'],
  EACCES: ['file.no-access', 'may not be used: the system denies access'],
  EPERM: ['file.no-access', 'may not be used: the system denies access'],
  EROFS: ['file.no-access', 'is on a read-only file system'],
  // A link where the real path has none.
  ELOOP: ['file.moved', 'has been replaced by a link; look at it again before using it'],
  ENOSPC: ['file.no-space', 'could not be written: the disk is full'],
  EDQUOT: ['file.no-space', 'could not be written: the disk quota is used up'],
  ENAMETOOLONG: ['file.name-too-long', 'has a name that is too long for the file system'],
};

/** The system's error code, or an empty text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Turns a system error about `path` into the HostError that the Files port promises. */
export function fileError(error: unknown, path: string): HostError {
  if (error instanceof HostError) return error;
  const system = systemCode(error);
  const [code, says] = known[system] ?? ['file.failed', `could not be used (${system || 'unknown error'})`];
  return new HostError(code, `${path} ${says}.`, { data: { path }, cause: error });
}

/** The path is no longer what it was when it was looked at. */
export function movedError(path: string): HostError {
  return new HostError(
    'file.moved',
    `${path} leads elsewhere than when it was looked at. Nothing was done; look at it again.`,
    { data: { path } },
  );
}
