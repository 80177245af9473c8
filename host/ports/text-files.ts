/** 1 MiB: more than anybody writes by hand. */
export const maxTextBytes = 1_048_576;

/** Small text files that the host itself reads: configuration and instructions. Tools never use this port. */
export interface TextFiles {
  /**
   * The file's text as UTF-8 without a byte order mark; undefined when there is no such file. Throws
   * `text.not-regular` for what is no regular file (it never waits on a FIFO or device), `text.too-large` over
   * `maxBytes` (default `maxTextBytes`), and other failures as they come.
   */
  read(path: string, maxBytes?: number): Promise<string | undefined>;
  /** Changes whenever the file's content may have changed; equal for two absent files. Never throws. */
  stamp(path: string): Promise<string>;
  /** The path with every link resolved; undefined when there is no such file. */
  realPath(path: string): Promise<string | undefined>;
  /**
   * Whether a file or folder belongs to another user than the one this process runs as, by git's rule for repositories.
   * False where there is none, and where users are not told apart by numbers (Windows). Never throws.
   */
  isForeign(path: string): Promise<boolean>;
}
