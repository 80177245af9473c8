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

/** The project's files from the repository's root down to the Location, then those of `.opencode/`. */
export async function projectConfigPaths(directory: string, files: TextFiles): Promise<readonly string[]> {
  const folders = await foldersFromRoot(directory, files);
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
  const upwards = [directory];
  for (let folder = directory; dirname(folder) !== folder; folder = dirname(folder))
    upwards.push(dirname(folder));
  const stamps = await Promise.all(upwards.map((folder) => files.stamp(join(folder, '.git'))));
  const root = stamps.findIndex((stamp) => stamp !== 'absent');
  return root < 0 ? [directory] : upwards.slice(0, root + 1).reverse();
}
