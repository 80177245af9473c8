/** Small text files that the host itself reads: configuration and instructions. Tools never use this port. */
export interface TextFiles {
  /** The file's text as UTF-8 without a byte order mark; undefined when there is no such file. Other failures throw. */
  read(path: string): Promise<string | undefined>;
  /** Changes whenever the file's content may have changed; equal for two absent files. Never throws. */
  stamp(path: string): Promise<string>;
  /** The path with every link resolved; undefined when there is no such file. */
  realPath(path: string): Promise<string | undefined>;
}
