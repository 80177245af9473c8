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
  const folders = path.split(delimiter).filter(isAbsolute);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const look = (name: string, { candidates, workspace }: Look) => {
    const key = `${name}\0${workspace}`;
    const places = [...candidates, ...folders.map((folder) => join(folder, `${name}${suffix}`))];
    const looked = found.get(key) ?? firstRunnable(places, workspace);
    found.set(key, looked);
    return looked;
  };
  return {
    ripgrep: (workspace) => look('rg', { candidates: ripgrepCandidates, workspace }),
    program: (name, workspace) => look(name, { candidates: [], workspace }),
  };
}

interface Look {
  readonly candidates: readonly string[];
  readonly workspace: string;
}

async function firstRunnable(places: readonly string[], workspace: string): Promise<string | undefined> {
  for (const place of places) {
    const program = await runnable(place);
    if (program !== undefined && !isWithin(workspace, program)) return program;
  }
  return undefined;
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
