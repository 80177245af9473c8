import type { Disk, DiskFile } from '../disk.ts';

/** What can be asked of a disk. `write`, `sync` and `cut` go through a handle; `sync-file` opens one for itself. */
export type Verb =
  | 'list'
  | 'read'
  | 'create'
  | 'write'
  | 'sync'
  | 'cut'
  | 'append'
  | 'rename'
  | 'remove'
  | 'truncate'
  | 'wipe'
  | 'sync-file'
  | 'make-folder'
  | 'sync-folder';

export interface DiskCall {
  readonly verb: Verb;
  /** The file or folder; of a rename, the new name. */
  readonly file: string;
  /** `write` and `append` only: does the first half of it. */
  readonly half: () => void;
}

/**
 * A disk that says each call to `hook` before it is done. A hook that throws makes the call fail; one that returns
 * `skip` makes it a lie: nothing is done, and the caller does not know. Calls that return something cannot be skipped.
 */
export function hookedDisk(disk: Disk, hook: (call: DiskCall) => 'skip' | undefined): Disk {
  const doing = (call: Omit<DiskCall, 'half'>, run: () => void, half = nothing): void => {
    if (hook({ ...call, half }) !== 'skip') run();
  };
  const asking = <T>(call: Omit<DiskCall, 'half'>, run: () => T, half = nothing): T => {
    hook({ ...call, half });
    return run();
  };
  const handle = (file: string, opened: DiskFile): DiskFile => ({
    write: (bytes, offset) =>
      doing(
        { verb: 'write', file },
        () => opened.write(bytes, offset),
        () => opened.write(firstHalf(bytes), offset),
      ),
    sync: () => doing({ verb: 'sync', file }, () => opened.sync()),
    cut: (size) => doing({ verb: 'cut', file }, () => opened.cut(size)),
    close: () => opened.close(),
  });
  return {
    list: (folder) => asking({ verb: 'list', file: folder }, () => disk.list(folder)),
    read: (file) => asking({ verb: 'read', file }, () => disk.read(file)),
    readPart: (file, part) => asking({ verb: 'read', file }, () => disk.readPart(file, part)),
    create: (file) =>
      handle(
        file,
        asking({ verb: 'create', file }, () => disk.create(file)),
      ),
    append: (file, bytes) =>
      asking(
        { verb: 'append', file },
        () => disk.append(file, bytes),
        () => void disk.append(file, firstHalf(bytes)),
      ),
    rename: (from, to) => doing({ verb: 'rename', file: to }, () => disk.rename(from, to)),
    remove: (file) => doing({ verb: 'remove', file }, () => disk.remove(file)),
    wipe: (file, part) => doing({ verb: 'wipe', file }, () => disk.wipe(file, part)),
    truncate: (file, size) => doing({ verb: 'truncate', file }, () => disk.truncate(file, size)),
    sync: (file) => doing({ verb: 'sync-file', file }, () => disk.sync(file)),
    makeFolder: (folder) => doing({ verb: 'make-folder', file: folder }, () => disk.makeFolder(folder)),
    syncFolder: (folder) => doing({ verb: 'sync-folder', file: folder }, () => disk.syncFolder(folder)),
    freeBytes: () => disk.freeBytes(),
  };
}

/** Verbs that leave something else on the disk, or make it stay: where a crash can fall in between. */
export const changingVerbs: ReadonlySet<Verb> = new Set<Verb>([
  'create',
  'write',
  'sync',
  'cut',
  'append',
  'rename',
  'remove',
  'truncate',
  'wipe',
  'sync-file',
  'make-folder',
  'sync-folder',
]);

function nothing(): void {
  // Only a write has a half.
}

function firstHalf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}
