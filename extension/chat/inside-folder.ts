import { isAbsolute, relative, resolve, sep } from 'node:path';

/** `\\\\server` and `//server`, in every mixture that Windows takes. */
const networkPath = /^[\\/]{2}/;

/**
 * Where a path that a conversation names lies: relative ones in `directory`. Undefined outside of `folders`, and for
 * network paths: only looking at those already sends the user's credentials to whoever wrote them.
 */
export function insideFolder(
  path: string,
  { directory, folders }: { readonly directory: string; readonly folders: readonly string[] },
): string | undefined {
  if (networkPath.test(path)) return undefined;
  const resolved = resolve(directory, path);
  return folders.some((folder) => isWithin(folder, resolved)) ? resolved : undefined;
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
