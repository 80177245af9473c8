import type { Disk, DiskFile } from '../disk.ts';
import { diskError } from './memory-disk.ts';

export type FaultKind =
  | 'write'
  | 'sync'
  | 'create'
  | 'rename'
  | 'remove'
  | 'truncate'
  | 'folder'
  | 'list'
  | 'read';

export interface Fault {
  readonly kind: FaultKind;
  /** Which call of that kind fails, from 1. */
  readonly at: number;
  readonly code: string;
  /** All later calls of that kind fail as well. */
  readonly isSticky: boolean;
}

/** A disk whose nth call of a kind fails. A failing write leaves half of its bytes behind. */
export function faultyDisk(disk: Disk, fault: Fault): Disk & { mend(): void; readonly failed: number } {
  let calls = 0;
  let failed = 0;
  let isMended = false;
  const check = (kind: FaultKind, before: () => void = () => undefined): void => {
    if (kind !== fault.kind || isMended) return;
    calls += 1;
    if (calls !== fault.at && !(fault.isSticky && calls > fault.at)) return;
    failed += 1;
    before();
    throw diskError(fault.code, kind);
  };
  const checked = <Args extends readonly unknown[], Result>(
    kind: FaultKind,
    call: (...args: Args) => Result,
  ) => {
    return (...args: Args): Result => {
      check(kind);
      return call(...args);
    };
  };
  const wrap = (file: DiskFile): DiskFile => ({
    write(bytes, offset) {
      check('write', () => file.write(bytes.subarray(0, Math.floor(bytes.length / 2)), offset));
      file.write(bytes, offset);
    },
    sync: checked('sync', () => file.sync()),
    cut: checked('truncate', (size: number) => file.cut(size)),
    close: () => file.close(),
  });
  return {
    list: checked('list', (folder: string) => disk.list(folder)),
    read: checked('read', (file: string) => disk.read(file)),
    readPart: checked('read', (file: string, part: { offset: number; length: number }) =>
      disk.readPart(file, part),
    ),
    create: checked('create', (file: string) => wrap(disk.create(file))),
    rename: checked('rename', (from: string, to: string) => disk.rename(from, to)),
    remove: checked('remove', (file: string) => disk.remove(file)),
    truncate: checked('truncate', (file: string, size: number) => disk.truncate(file, size)),
    sync: checked('sync', (file: string) => disk.sync(file)),
    makeFolder: checked('folder', (folder: string) => disk.makeFolder(folder)),
    syncFolder: checked('sync', (folder: string) => disk.syncFolder(folder)),
    mend() {
      isMended = true;
    },
    get failed() {
      return failed;
    },
  };
}
