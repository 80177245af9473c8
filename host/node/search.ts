import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, relative, sep } from 'node:path';
import type { Search } from '../ports/search.ts';
import { systemCode } from './file-errors.ts';

export interface SearchOptions {
  /** Where an editor keeps its ripgrep; the first that runs is taken. */
  readonly ripgrepCandidates: readonly string[];
  /** A PATH, looked at after the candidates. */
  readonly path: string;
}

/** Looks for programs on the disk; what was found for a workspace is remembered. */
export function nodeSearch({ ripgrepCandidates, path }: SearchOptions): Search {
  const found = new Map<string, Promise<string | undefined>>();
  const look = async (workspace: string) => {
    const name = process.platform === 'win32' ? 'rg.exe' : 'rg';
    const fromPath = path.split(delimiter).filter(isAbsolute);
    for (const candidate of [...ripgrepCandidates, ...fromPath.map((folder) => join(folder, name))]) {
      const program = await runnable(candidate);
      if (program !== undefined && !isWithin(workspace, program)) return program;
    }
    return undefined;
  };
  return {
    ripgrep: (workspace) => {
      const looked = found.get(workspace) ?? look(workspace);
      found.set(workspace, looked);
      return looked;
    },
  };
}

/** The real path of an executable file. */
async function runnable(path: string): Promise<string | undefined> {
  try {
    const program = await realpath(path);
    await access(program, constants.X_OK);
    return (await stat(program)).isFile() ? program : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(systemCode(error))) return undefined;
    throw error;
  }
}

/** A program inside the workspace is the repository's word, not the user's. */
function isWithin(folder: string, path: string): boolean {
  const from = relative(folder, path);
  return from !== '..' && !from.startsWith(`..${sep}`) && !isAbsolute(from);
}
