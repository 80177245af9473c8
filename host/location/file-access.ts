import type { PlatformPath } from 'node:path';
import { HostError } from '#shared/host-error.ts';
import type { FileFacts, Files, FileType, OpenFile, Replacement } from '../ports/files.ts';
import type { AuthorizedPath, PathOperation } from './authorized-path.ts';

export interface AuthorizedEntry {
  readonly name: string;
  readonly type: FileType;
  /** Absent for what is neither a file nor a directory: a link is authorized by its own path, if somebody names it. */
  readonly path?: AuthorizedPath;
}

export interface AuthorizedListing {
  readonly entries: readonly AuthorizedEntry[];
  readonly more: boolean;
}

export interface FileAccess {
  /** Makes a handle; the authority's alone. */
  issue(path: AuthorizedPath): AuthorizedPath;
  stat(path: AuthorizedPath): Promise<FileFacts | undefined>;
  open(path: AuthorizedPath): Promise<OpenFile>;
  list(
    path: AuthorizedPath,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<AuthorizedListing>;
  write(path: AuthorizedPath, bytes: Uint8Array, replacement: string | Replacement): Promise<FileFacts>;
  remove(path: AuthorizedPath, expected: string): Promise<void>;
}

/** The verbs on authorized paths; each refuses what was not issued here, or was issued for another operation. */
export function createAccess({
  files,
  paths,
}: {
  readonly files: Files;
  readonly paths: PlatformPath;
}): FileAccess {
  const issued = new WeakSet<AuthorizedPath>();
  const issue = (path: AuthorizedPath) => {
    issued.add(path);
    return path;
  };
  const check = (path: AuthorizedPath, operations: readonly PathOperation[]) => {
    if (!issued.has(path) || !operations.includes(path.operation)) {
      throw new HostError('location.not-authorized', `${path.real} was not authorized for this.`);
    }
  };
  return {
    issue,
    stat: async (path) => {
      check(path, ['read', 'list', 'write']);
      return files.inspect(path.real);
    },
    open: async (path) => {
      // Whoever may write a file reads what stands there first.
      check(path, ['read', 'list', 'write']);
      return files.open(path.real);
    },
    list: async (path, options) => {
      check(path, ['read', 'list']);
      const { entries, more } = await files.list(path.real, options);
      const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      return { entries: sorted.map((entry) => ({ ...entry, ...child(path, entry) })), more };
    },
    write: async (path, bytes, given) => {
      check(path, ['write']);
      const replacement = typeof given === 'string' ? { expected: given } : given;
      if (replacement.expected === 'absent') await makeParents(paths.dirname(path.real), { files, paths });
      return files.replace(path.real, bytes, replacement);
    },
    remove: async (path, expected) => {
      check(path, ['write']);
      await files.remove(path.real, expected);
    },
  };

  function child(parent: AuthorizedPath, { name, type }: { readonly name: string; readonly type: FileType }) {
    if (type !== 'file' && type !== 'directory') return {};
    const real = paths.join(parent.real, name);
    const shown = parent.place === 'inside' ? joinShown(parent.shown, name) : real;
    const operation = type === 'directory' ? 'list' : 'read';
    return { path: issue({ operation, real, shown, place: parent.place }) };
  }
}

function joinShown(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}

/** Makes the folders that are missing, each in its verified parent. */
async function makeParents(
  folder: string,
  world: { readonly files: Files; readonly paths: PlatformPath },
): Promise<void> {
  if ((await world.files.inspect(folder)) !== undefined) return;
  const parent = world.paths.dirname(folder);
  if (parent !== folder) await makeParents(parent, world);
  await world.files.makeDirectory(folder);
}
