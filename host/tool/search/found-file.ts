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

/** The default of `read` for files that hold secrets; `.env.example` shows only their names. */
export function isSecretFile(shown: string): boolean {
  const name = shown.slice(shown.lastIndexOf('/') + 1).toLowerCase();
  return !name.endsWith('.env.example') && secretName.test(name);
}

const secretName = /\.env(?:\..*)?$/s;
