import type { AuthorizedPath } from '../../location/authorized-path.ts';

/** Where a search starts. */
export interface SearchBase {
  /** Authorized to be listed; a directory, or a single file. */
  readonly path: AuthorizedPath;
  readonly isFile: boolean;
}

/** The path of something found, as it is shown and as the file tools take it. */
export function shownBelow({ path, isFile }: SearchBase, relative: string): string {
  if (isFile || relative === '') return path.shown;
  if (path.place !== 'inside') return `${path.real}/${relative}`;
  return path.shown === '.' ? relative : `${path.shown}/${relative}`;
}

/**
 * The values that rules of `read` are matched against: a file with secrets also by its name in lower case, which is
 * how the rules are written, and the same file on many disks.
 */
export function readPatterns(shown: string): readonly string[] {
  const folded = shown.toLowerCase();
  return isSecretFile(shown) && folded !== shown ? [shown, folded] : [shown];
}

/**
 * The default of `read` for files that hold secrets, matched on the whole path as rules are: what lies in a folder
 * such as `.env.d` counts too. `.env.example` shows only their names.
 */
export function isSecretFile(shown: string): boolean {
  const path = shown.toLowerCase();
  return !path.endsWith('.env.example') && secretName.test(path);
}

const secretName = /\.env(?:\..*)?$/s;
