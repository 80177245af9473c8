import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Environment } from '../ports/environment.ts';
import type { TextFiles } from '../ports/text-files.ts';

const names = ['opencode.json', 'opencode.jsonc'] as const;

/** The user's own files, lowest precedence first (OpenCode's order). */
export function userConfigPaths(environment: Environment): readonly string[] {
  const folder = userConfigFolder(environment);
  const extra = environment.variable('OPENCODE_CONFIG');
  return [join(folder, 'config.json'), ...names.map((name) => join(folder, name)), ...(extra ? [extra] : [])];
}

/** `$XDG_CONFIG_HOME/opencode`, where OpenCode keeps what is the user's. */
export function userConfigFolder(environment: Environment): string {
  const xdg = environment.variable('XDG_CONFIG_HOME') || join(environment.homeDirectory, '.config');
  return join(xdg, 'opencode');
}

/** The project's files in these folders, the repository's root first, then those of `.opencode/`. */
export function projectConfigPaths(folders: readonly string[]): readonly string[] {
  const within = (sub: string) => folders.flatMap((folder) => names.map((name) => join(folder, sub, name)));
  return [...within(''), ...within('.opencode')];
}

/**
 * The real path of a project's file, if it lies in the project's folder with every link followed: a repository must
 * not point the host at the user's files. `outside` when it does, undefined when there is no such file.
 */
export async function realInside(
  folder: string,
  path: string,
  files: TextFiles,
): Promise<{ readonly path: string } | 'outside' | undefined> {
  const [root, target] = await Promise.all([files.realPath(folder), files.realPath(path)]);
  if (target === undefined) return undefined;
  const below = root === undefined ? '..' : relative(root, target);
  const isOutside = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return isOutside ? 'outside' : { path: target };
}

/** From the folder that holds `.git` down to `directory`; only `directory` where there is no repository. */
export async function foldersFromRoot(directory: string, files: TextFiles): Promise<readonly string[]> {
  return (await projectFolders(directory, files)).folders;
}

export interface ProjectFolders {
  /** From the folder that holds `.git` down to the Location. */
  readonly folders: readonly string[];
  /** Folders above the Location that would be among them, and belong to another user. */
  readonly foreign: readonly string[];
}

/**
 * Above the Location, which the user opened, anybody may have made a `.git`: a repository or folder of another user is
 * none of this project (CVE-2022-24765).
 */
export async function projectFolders(directory: string, files: TextFiles): Promise<ProjectFolders> {
  const upwards = [directory];
  for (let folder = directory; dirname(folder) !== folder; folder = dirname(folder))
    upwards.push(dirname(folder));
  const stamps = await Promise.all(upwards.map((folder) => files.stamp(join(folder, '.git'))));
  const root = stamps.findIndex((stamp) => stamp !== 'absent');
  const above = root < 0 ? [] : upwards.slice(1, root + 1);
  const [foreign, isRootForeign] = await Promise.all([
    Promise.all(above.map((folder) => files.isForeign(folder))),
    above.length > 0 && files.isForeign(join(above.at(-1) ?? '', '.git')),
  ]);
  if (isRootForeign || foreign.at(-1)) return { folders: [directory], foreign: above.slice(-1) };
  return {
    folders: [...above.filter((_, index) => !foreign[index]).reverse(), directory],
    foreign: above.filter((_, index) => foreign[index]),
  };
}
