import type { BigIntStats } from 'node:fs';
import type { FileFacts, FileType } from '../ports/files.ts';

interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export function fileType(kind: Kind): FileType {
  if (kind.isFile()) return 'file';
  if (kind.isDirectory()) return 'directory';
  return kind.isSymbolicLink() ? 'link' : 'other';
}

/** What the port tells of a file, from the system's exact (64 bit) answer. */
export function fileFacts(stats: BigIntStats): FileFacts {
  const identity = `${stats.dev}:${stats.ino}`;
  return {
    type: fileType(stats),
    size: Number(stats.size),
    mode: Number(stats.mode & 0o7777n),
    modified: Number(stats.mtimeMs),
    links: Number(stats.nlink),
    identity,
    // Some file systems keep no such time, and some systems tell that of the last change instead.
    ...(stats.birthtimeNs > 0n ? { born: String(stats.birthtimeNs) } : {}),
    // The time of the last change of the inode moves with every write, even one that sets the other time back.
    version: `${identity}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`,
  };
}
