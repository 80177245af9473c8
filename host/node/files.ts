import { constants } from 'node:fs';
import { lstat, mkdir, open, opendir, readlink, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { HostError } from '#shared/host-error.ts';
import type { DirectoryEntry, FileSink, Files, OpenFile } from '../ports/files.ts';
import { anchor, type Place } from './anchor.ts';
import { fileError, movedError, systemCode } from './file-errors.ts';
import { fileFacts, fileType } from './file-facts.ts';
import { replaceFile } from './replace-file.ts';

/** The local disk. */
export const nodeFiles: Files = {
  inspect: async (path) => {
    try {
      const facts = fileFacts(await lstat(path, { bigint: true }));
      return facts.type === 'link' ? { ...facts, target: await readlink(path) } : facts;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return undefined;
      throw fileError(error, path);
    }
  },
  list: listDirectory,
  open: (path) => inParent(path, openRegular),
  replace: (path, bytes, replacement) => inParent(path, (place) => replaceFile(place, bytes, replacement)),
  create: (path, mode) => inParent(path, (place) => createSink(place, mode)),
  makeDirectory: (path, mode) => inParent(path, ({ at }) => makeOne(at, mode)),
  remove: (path, expected) => inParent(path, (place) => removeOne(place, expected)),
  syncDirectory,
};

async function inParent<T>(path: string, use: (place: Place) => Promise<T>): Promise<T> {
  const name = basename(path);
  if (name === '') throw new HostError('file.not-a-file', `${path} is the root of the file system.`);
  await using directory = await anchor(dirname(path));
  try {
    return await use({ directory, name, path, at: directory.at(name) });
  } catch (error) {
    throw fileError(error, path);
  }
}

async function listDirectory(
  path: string,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
) {
  const entries: DirectoryEntry[] = [];
  await using held = await anchor(path);
  await using directory = await opendir(held.at('.'));
  for await (const entry of directory) {
    signal.throwIfAborted();
    if (entries.length === limit) return { entries, more: true };
    entries.push({ name: entry.name, type: fileType(entry) });
  }
  await held.verify();
  return { entries, more: false };
}

async function openRegular({ directory, at, path }: Place): Promise<OpenFile> {
  const seen = await lstat(at, { bigint: true });
  refuseIrregular(fileType(seen), path);
  // Should a FIFO have taken its place meanwhile, opening it does not wait for a writer.
  const handle = await open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = fileFacts(await handle.stat({ bigint: true }));
    refuseIrregular(facts.type, path);
    await directory.verify();
    if (facts.identity !== fileFacts(seen).identity) throw movedError(at);
    return {
      facts,
      read: async (position, length) => {
        const buffer = Buffer.allocUnsafe(length);
        const { bytesRead } = await handle.read(buffer, 0, length, position);
        return buffer.subarray(0, bytesRead);
      },
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function refuseIrregular(type: string, path: string): void {
  if (type === 'file') return;
  if (type === 'link') throw movedError(path);
  throw new HostError('file.not-a-file', `${path} is not a regular file.`, { data: { type } });
}

async function createSink({ at, path }: Place, mode: number): Promise<FileSink> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(at, flags, mode);
  return {
    write: async (bytes) => {
      try {
        // A write may take less than it is given.
        for (let done = 0; done < bytes.length; ) {
          done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
        }
      } catch (error) {
        throw fileError(error, path);
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function makeOne(at: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(at, { mode });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || fileType(await lstat(at)) !== 'directory') throw error;
  }
}

async function removeOne({ at, path }: Place, expected: string | undefined): Promise<void> {
  try {
    const facts = fileFacts(await lstat(at, { bigint: true }));
    if (expected !== undefined && facts.version !== expected) {
      throw new HostError('file.changed', `${path} is not the version that was to be removed.`);
    }
    await (facts.type === 'directory' ? rmdir(at) : unlink(at));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Windows cannot open a folder to sync it; its file system journals names by itself. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using held = await anchor(path);
  try {
    await using handle = await open(held.at('.'), constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    throw fileError(error, path);
  }
}
