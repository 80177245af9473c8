import { join, resolve } from 'node:path';
import * as Schema from 'effect/Schema';
import { realInside } from '../../config/config-paths.ts';
import { type ContextSource, defineSource } from '../context-source.ts';
import { oneLine } from '../one-line.ts';
import { readSmall, repositoryRoot } from '../repository.ts';
import type { SourceWorld } from '../source-world.ts';

const Head = Schema.Union([
  Schema.Struct({ branch: Schema.String }),
  Schema.Struct({ commit: Schema.String }),
]);
type Head = typeof Head.Type;

/** The branch that is checked out, by reading files only: nothing of git runs for it, trusted or not. */
export function branchSource(world: SourceWorld): ContextSource {
  return defineSource<Head>({
    key: 'git',
    codec: Head,
    observe: () => headOf(world),
    baseline: tell,
    update: (head) => `${tell(head)} (checked out now)`,
    removal: () => 'It is not known any more which git branch is checked out.',
  });
}

function tell(head: Head): string {
  return 'branch' in head ? `Git branch: ${head.branch}` : `Git branch: none, detached at ${head.commit}`;
}

async function headOf(world: SourceWorld): Promise<Head | undefined> {
  const root = await repositoryRoot(world.directory, world.textFiles);
  const path = root && (await headPath(root, world));
  const text = path && (await readSmall(path, world.textFiles, maxBytes));
  return text ? parseHead(text) : undefined;
}

const maxBytes = 4_096;

/** `.git` is a folder, or a file that names one: of a linked worktree, or of a submodule. */
async function headPath(root: string, { textFiles, isTrusted }: SourceWorld): Promise<string | undefined> {
  const dotGit = join(root, '.git');
  const isFolder = (await textFiles.realPath(join(dotGit, 'HEAD'))) !== undefined;
  const folder = isFolder ? dotGit : gitFolder(root, await readSmall(dotGit, textFiles, maxBytes));
  if (folder === undefined) return undefined;
  const real = await realInside(root, join(folder, 'HEAD'), textFiles);
  // A folder that nobody trusts must not choose which file outside of it is looked at.
  if (real === 'outside') return isTrusted() ? join(folder, 'HEAD') : undefined;
  return real?.path;
}

/** Not over the network: only looking there already sends the user's credentials to whoever wrote the file. */
function gitFolder(root: string, text: string | undefined): string | undefined {
  const named = text && gitdir.exec(text)?.[1];
  return named && !networkPath.test(named) ? resolve(root, named) : undefined;
}

const gitdir = /^gitdir: (.+?)\r?\n?$/;
const networkPath = /^[\\/]{2}/;

function parseHead(text: string): Head | undefined {
  const [line = ''] = text.split('\n', 1);
  const branch = branchLine.exec(line.trim())?.[1];
  const commit = commitLine.exec(line.trim())?.[1];
  if (commit) return { commit };
  // What stands there where references are kept in a form of their own.
  return branch === undefined || branch === '.invalid' ? undefined : { branch: oneLine(branch) };
}

const branchLine = /^ref: refs\/heads\/(\S+)$/;
const commitLine = /^([0-9a-f]{10})[0-9a-f]{30,54}$/;
