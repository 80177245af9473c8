import * as fs from 'node:fs';
import { join } from 'node:path';

/**
 * What the store asks of a file system, blocking: it runs in a thread of its own, where a blocking call
 * is the fastest way to the disk. Tests put failing and power-cut disks in its place. Names are relative
 * to the store's folder, with `/`; `.` is the folder itself.
 * Every call throws Node's errors (`ENOSPC`, `EIO`, `EROFS`, …).
 */
export interface Disk {
  /** Names in a folder, sorted; empty when there is no such folder. */
  list(folder: string): readonly string[];
  read(file: string): Uint8Array;
  /** Bytes of a part of a file; fewer than asked for at its end. */
  readPart(file: string, part: { readonly offset: number; readonly length: number }): Uint8Array;
  /** Opens a new file for writing; `EEXIST` when there is one. */
  create(file: string): DiskFile;
  /**
   * Adds bytes at the end of a file, which is made if need be; not durable by itself. Another process may add to it
   * at the same moment: nothing is ever written over, but the bytes may stand behind the other's.
   * @returns where they stand if nobody else did.
   */
  append(file: string, bytes: Uint8Array): number;
  rename(from: string, to: string): void;
  remove(file: string): void;
  /** Cuts a file and makes the cut durable. */
  truncate(file: string, size: number): void;
  /** Writes zeros over a part of a file, and makes that durable. */
  wipe(file: string, part: { readonly offset: number; readonly length: number }): void;
  /** Makes a file's bytes durable through a handle of its own. */
  sync(file: string): void;
  makeFolder(folder: string): void;
  /** Makes the names in a folder durable. */
  syncFolder(folder: string): void;
  /** Bytes that this user may still write. */
  freeBytes(): number;
}

export interface DiskFile {
  /** Writes all of `bytes` at `offset`; a short write throws. */
  write(bytes: Uint8Array, offset: number): void;
  /** fdatasync. After a failure the handle must not be used again: the kernel may have dropped the pages. */
  sync(): void;
  /** Cuts the file; not durable by itself. */
  cut(size: number): void;
  close(): void;
}

/** The file system under `directory`. */
export function openDisk(directory: string): Disk {
  const at = (name: string): string => join(directory, name);
  return {
    list: (folder) => listNames(at(folder)),
    read: (file) => fs.readFileSync(at(file)),
    readPart: (file, part) => usingFile(at(file), 'r', (fd) => readPart(fd, part)),
    create: (file) => openFile(at(file)),
    append: (file, bytes) => usingFile(at(file), 'a', (fd) => append(fd, bytes)),
    rename: (from, to) => fs.renameSync(at(from), at(to)),
    remove: (file) => fs.unlinkSync(at(file)),
    truncate: (file, size) =>
      usingFile(at(file), 'r+', (fd) => {
        fs.ftruncateSync(fd, size);
        fs.fsyncSync(fd);
      }),
    wipe: (file, { offset, length }) =>
      usingFile(at(file), 'r+', (fd) => {
        writeAll(fd, new Uint8Array(length), offset);
        fs.fsyncSync(fd);
      }),
    sync: (file) => usingFile(at(file), 'r+', (fd) => fs.fsyncSync(fd)),
    makeFolder: (folder) => fs.mkdirSync(at(folder), { recursive: true, mode: 0o700 }),
    syncFolder: (folder) => syncFolder(at(folder)),
    freeBytes: () => freeBytes(directory),
  };
}

/** Node's code of a file-system error (`ENOSPC`), or undefined for anything else. */
export function diskErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function openFile(path: string): DiskFile {
  const fd = fs.openSync(path, 'wx', 0o600);
  return {
    write: (bytes, offset) => writeAll(fd, bytes, offset),
    sync: () => fs.fdatasyncSync(fd),
    cut: (size) => fs.ftruncateSync(fd, size),
    close: () => fs.closeSync(fd),
  };
}

function append(fd: number, bytes: Uint8Array): number {
  const { size } = fs.fstatSync(fd);
  writeAll(fd, bytes, null);
  return size;
}

function freeBytes(path: string): number {
  const { bavail, bsize } = fs.statfsSync(path);
  return bavail * bsize;
}

function writeAll(fd: number, bytes: Uint8Array, offset: number | null): void {
  const written = fs.writeSync(fd, bytes, 0, bytes.length, offset);
  if (written === bytes.length) return;
  const error = new Error(`Wrote ${written} of ${bytes.length} bytes.`);
  throw Object.assign(error, { code: 'ENOSPC', syscall: 'write' });
}

function readPart(
  fd: number,
  { offset, length }: { readonly offset: number; readonly length: number },
): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, fs.readSync(fd, bytes, 0, length, offset));
}

function listNames(path: string): readonly string[] {
  try {
    return fs.readdirSync(path).sort();
  } catch (error) {
    const code = diskErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Windows cannot open a folder to sync it; its file system journals names by itself. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  usingFile(path, 'r', (fd) => fs.fsyncSync(fd));
}

function usingFile<T>(path: string, flags: string, use: (fd: number) => T): T {
  const fd = fs.openSync(path, flags, 0o600);
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}
