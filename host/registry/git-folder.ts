import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Files } from '../ports/files.ts';
import type { TextFiles } from '../ports/text-files.ts';
import { comparableRemote, remoteIn } from './remote-url.ts';

export interface GitFolder {
  /** Real path of what all worktrees of the repository share. */
  readonly commonDir: string;
  /** The remote as it is compared, without credentials; undefined where there is none. */
  readonly remote: string | undefined;
  /** From the root of the worktree to the folder that was asked about, with `/`; empty for the root itself. */
  readonly below: string;
}

export interface GitFiles {
  readonly files: Pick<Files, 'inspect'>;
  readonly textFiles: TextFiles;
}

/**
 * The repository that a folder (a real path) lies in, read from its files: no git is started, nothing is written.
 * Worktrees and submodules have a `.git` file that leads to their own folder. Undefined where there is no repository,
 * what calls itself one cannot be read, or one above the folder belongs to another user.
 */
export async function findRepository(directory: string, world: GitFiles): Promise<GitFolder | undefined> {
  for (let root = directory; ; root = dirname(root)) {
    const gitDir = await gitDirOf(root, world);
    if (gitDir !== undefined && root !== directory && (await isOthers(root, world))) return undefined;
    if (gitDir !== undefined) return describe(gitDir, relative(root, directory), world);
    if (dirname(root) === root) return undefined;
  }
}

async function isOthers(root: string, { textFiles }: GitFiles): Promise<boolean> {
  const foreign = await Promise.all([root, join(root, '.git')].map((path) => textFiles.isForeign(path)));
  return foreign.includes(true);
}

async function gitDirOf(root: string, { files, textFiles }: GitFiles): Promise<string | undefined> {
  const real = await textFiles.realPath(join(root, '.git'));
  if (real === undefined) return undefined;
  const found = await files.inspect(real);
  if (found?.type === 'directory') return isGitDir(real, textFiles);
  if (found?.type !== 'file') return undefined;
  const target = pointer.exec((await small(real, textFiles)) ?? '')?.[1];
  if (target === undefined) return undefined;
  const led = await textFiles.realPath(resolve(root, target));
  return led === undefined ? undefined : isGitDir(led, textFiles);
}

const pointer = /^gitdir: (.+?)\r?\n?$/;

async function isGitDir(path: string, textFiles: TextFiles): Promise<string | undefined> {
  return (await textFiles.stamp(join(path, 'HEAD'))) === 'absent' ? undefined : path;
}

async function describe(gitDir: string, below: string, { textFiles }: GitFiles): Promise<GitFolder> {
  const shared = (await small(join(gitDir, 'commondir'), textFiles))?.trim();
  const led = shared ? await textFiles.realPath(resolve(gitDir, shared)) : gitDir;
  const commonDir = led ?? gitDir;
  const url = remoteIn((await small(join(commonDir, 'config'), textFiles)) ?? '');
  return {
    commonDir,
    remote: url === undefined ? undefined : comparableRemote(url),
    below: below.split(sep).join('/'),
  };
}

/** A file's text; undefined where there is none, or none that this user may read and anybody would have written. */
async function small(path: string, textFiles: TextFiles): Promise<string | undefined> {
  try {
    return await textFiles.read(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && unreadable.has(error.code)) return undefined;
    throw error;
  }
}

const unreadable: ReadonlySet<unknown> = new Set(['text.not-regular', 'text.too-large', 'EACCES', 'EPERM']);
