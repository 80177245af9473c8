/** `link` is a symbolic link or junction; `other` a FIFO, socket or device, which no verb opens. */
export type FileType = 'file' | 'directory' | 'link' | 'other';

/** A file seen at one moment, links not followed. */
export interface FileFacts {
  readonly type: FileType;
  readonly size: number;
  /** Permission bits, `0o644`. */
  readonly mode: number;
  /** Last change of the content, milliseconds since the epoch. */
  readonly modified: number;
  /** Names that this file has; more than one means hard links. */
  readonly links: number;
  /** Device and inode: the same file under whatever name. */
  readonly identity: string;
  /** When it was made, in nanoseconds since the epoch; where the file system does not tell, absent or a later time. */
  readonly born?: string;
  /** Equal as long as it is the same file and nothing was written to it. */
  readonly version: string;
  /** Where a link leads, as it is written in the link. */
  readonly target?: string;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly type: FileType;
}

export interface DirectoryListing {
  /** In no order. */
  readonly entries: readonly DirectoryEntry[];
  /** There are more entries than were asked for. */
  readonly more: boolean;
}

/** A regular file held open: it stays this one, whatever happens to its name. */
export interface OpenFile extends AsyncDisposable {
  readonly facts: FileFacts;
  /** At most `length` bytes from `position`; fewer at the end, none behind it. The bytes are the caller's. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** A new file being written, front to back. Disposing keeps what was written. */
export interface FileSink extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
}

export interface Replacement {
  /** The version that is to be replaced, or `absent` when no file may stand there yet. */
  readonly expected: string | 'absent';
  /** Permission bits; without them those of the replaced file, or what the process gives new files. */
  readonly mode?: number;
}

/**
 * The file system, for `host/location` and managed output; tools reach files through the authority alone.
 *
 * Every path is a real path: absolute, no link in it. Opening verbs (all but `inspect`) hold the parent directory,
 * verify that it still is the one that the path names, and refuse with `file.moved` where a link or another
 * directory has taken its place, so that no rename between a check and its use leads anywhere else.
 *
 * Errors are HostErrors: `file.not-found`, `file.exists`, `file.no-access`, `file.not-a-file`,
 * `file.not-a-directory`, `file.not-empty`, `file.moved`, `file.changed`, `file.no-space`, `file.name-too-long`,
 * `file.failed`.
 */
export interface Files {
  /** Undefined when nothing is there, or when a parent is not a directory. Follows no link at the end of the path. */
  inspect(path: string): Promise<FileFacts | undefined>;
  list(
    path: string,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<DirectoryListing>;
  /** Opens a regular file for reading; never blocks on a FIFO or a device. */
  open(path: string): Promise<OpenFile>;
  /** Puts a whole new file in the place of the old, or nothing at all; returns what stands there then. */
  replace(path: string, bytes: Uint8Array, replacement: Replacement): Promise<FileFacts>;
  /** Creates a file that must not exist. */
  create(path: string, mode: number): Promise<FileSink>;
  /** Makes one directory; does nothing where one is. */
  makeDirectory(path: string, mode?: number): Promise<void>;
  /**
   * Removes a file, or an empty directory; does nothing where nothing is. With `expected` only that version: another
   * one is refused with `file.changed`.
   */
  remove(path: string, expected?: string): Promise<void>;
  /** Makes the names in a directory durable: what was put there survives a power cut. */
  syncDirectory(path: string): Promise<void>;
}
