import { join, posix } from 'node:path';
import { Minimatch } from 'minimatch';
import { hasCode } from '#shared/host-error.ts';
import type { DirectoryEntry, Files } from '../ports/files.ts';

export interface FileSearch {
  /** Real path of the folder that the pattern starts in. */
  readonly base: string;
  /** A glob, relative to it. */
  readonly pattern: string;
  readonly files: Pick<Files, 'list'>;
  readonly budget: FolderBudget;
  readonly signal: AbortSignal;
}

/** How many folders may still be looked into; one budget can serve several searches. */
export interface FolderBudget {
  left: number;
}

export interface FoundFiles {
  /** Relative to `base`, with slashes, nearest first, then by name. */
  readonly paths: readonly string[];
  /** Not every folder was looked into. */
  readonly cut: boolean;
}

interface Place {
  readonly real: string;
  /** From the base, with slashes; empty for the base itself. */
  readonly relative: string;
}

interface Entry extends Place {
  readonly type: DirectoryEntry['type'];
}

const maxEntries = 10_000;
const maxAlternatives = 1_000;
const foldersAtOnce = 32;

/**
 * The files below a folder that a glob matches. Enters only folders in which something can match; hidden ones and
 * `node_modules` only where the pattern names them. Links are found, never entered.
 */
export async function findFiles(search: FileSearch): Promise<FoundFiles> {
  const { base, pattern, budget } = search;
  const glob = new Minimatch(pattern, { nocomment: true, nonegate: true, braceExpandMax: maxAlternatives });
  const found: string[] = [];
  let cut = false;
  let level: readonly Place[] = [{ real: base, relative: '' }];
  while (level.length > 0) {
    const looked = level.slice(0, budget.left);
    budget.left -= looked.length;
    const { entries, more } = await listAll(looked, search);
    cut ||= more || looked.length < level.length;
    const isFolder = ({ type }: Entry) => type === 'directory';
    found.push(
      ...entries
        .filter((entry) => !isFolder(entry) && glob.match(entry.relative))
        .map(({ relative }) => relative),
    );
    level = entries.filter(
      (entry) => isFolder(entry) && glob.match(entry.relative, true) && isSearched(entry, pattern),
    );
  }
  return { paths: found, cut };
}

/** What others wrote is not what this project's people want told, unless they say so. */
function isSearched({ relative }: Entry, pattern: string): boolean {
  return posix.basename(relative) !== 'node_modules' || pattern.includes('node_modules');
}

interface Listed {
  readonly entries: readonly Entry[];
  /** A folder holds too much to be listed; nothing of it is among the entries. */
  readonly more: boolean;
}

/** What lies in these folders: folder by folder, each by name. */
async function listAll(folders: readonly Place[], search: FileSearch): Promise<Listed> {
  const listed: Listed[] = [];
  for (let at = 0; at < folders.length; at += foldersAtOnce) {
    const some = folders.slice(at, at + foldersAtOnce);
    listed.push(...(await Promise.all(some.map((folder) => list(folder, search)))));
  }
  return { entries: listed.flatMap(({ entries }) => entries), more: listed.some(({ more }) => more) };
}

async function list(folder: Place, { files, signal }: FileSearch): Promise<Listed> {
  signal.throwIfAborted();
  try {
    const { entries, more } = await files.list(folder.real, { limit: maxEntries, signal });
    // Which of them were listed would be chance.
    if (more) return { entries: [], more };
    const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return { entries: sorted.map((entry) => below(folder, entry)), more };
  } catch (error) {
    // Gone, or not ours to read: a search goes on with the rest.
    if (unusable.some((code) => hasCode(error, code))) return { entries: [], more: false };
    throw error;
  }
}

const unusable = ['file.no-access', 'file.moved', 'file.not-found', 'file.not-a-directory'];

function below({ real, relative }: Place, { name, type }: DirectoryEntry): Entry {
  return { real: join(real, name), relative: relative === '' ? name : `${relative}/${name}`, type };
}
