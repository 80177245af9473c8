import { dirname, join } from 'node:path';
import * as Schema from 'effect/Schema';
import { HostError, hasCode } from '#shared/host-error.ts';
import type { Files } from '../ports/files.ts';
import type { TextFiles } from '../ports/text-files.ts';

/** A store, as far as others may know of it: one entry for each folder that was opened in it. */
export const StoreEntry = Schema.Struct({
  /** Real path of the storage folder. */
  storage: Schema.String,
  /** The Location, as the sessions of that store name it. */
  directory: Schema.String,
  /** See `identify`. */
  identity: Schema.Array(Schema.String),
  /** Name and version of the editor or command line that opened it last. */
  surface: Schema.String,
  /** When it was opened last, in milliseconds since the epoch. */
  lastUsed: Schema.Int,
});
export type StoreEntry = typeof StoreEntry.Type;

/** The user was asked whether the sessions of a store are to be adopted, and said this. */
export const Answer = Schema.Struct({
  storage: Schema.String,
  directory: Schema.String,
  /** Real path of the folder that they were to come into. */
  into: Schema.String,
  answer: Schema.Literals(['adopted', 'declined']),
  time: Schema.Int,
});
export type Answer = typeof Answer.Type;

const Content = Schema.Struct({
  format: Schema.Literal('millrace-registry'),
  version: Schema.Literal(1),
  stores: Schema.Array(StoreEntry),
  answers: Schema.Array(Answer),
});
export type RegistryContent = Pick<typeof Content.Type, 'stores' | 'answers'>;

/** What is in the file; `version` is what stands there, for whoever holds the lock to replace it. */
export type Found =
  | { readonly type: 'content'; readonly content: RegistryContent; readonly version: string | 'absent' }
  | { readonly type: 'damaged'; readonly version: string | 'absent' };

export interface RegistryPlace {
  /** Real path of the folder. */
  readonly folder: string;
  readonly files: Files;
  readonly textFiles: TextFiles;
}

const name = 'registry.json';
const asideName = 'registry.damaged.json';
/** More than the entries that are kept can take. */
const maxBytes = 16 * 1024 * 1024;

const decodeContent = Schema.decodeUnknownResult(Schema.fromJsonString(Content));
const decodeHead = Schema.decodeUnknownResult(
  Schema.fromJsonString(Schema.Struct({ format: Schema.Literal('millrace-registry'), version: Schema.Int })),
);

/**
 * Readers hold no lock: they find one whole file or the next.
 * @throws HostError `registry.newer`, `registry.unreadable`
 */
export async function readRegistry({ folder, files, textFiles }: RegistryPlace): Promise<Found> {
  const path = join(folder, name);
  const version = (await files.inspect(path))?.version ?? 'absent';
  const text = await textOf(path, textFiles);
  if (text === undefined) return { type: 'content', content: { stores: [], answers: [] }, version };
  const head = decodeHead(text);
  if (head._tag === 'Success' && head.success.version > 1) {
    const says = 'was written by a newer Millrace and is left as it is. Update Millrace to have it read';
    throw new HostError('registry.newer', `${path} ${says}.`, { data: { '0': path } });
  }
  const decoded = decodeContent(text);
  if (decoded._tag === 'Failure') return { type: 'damaged', version };
  const { stores, answers } = decoded.success;
  return { type: 'content', content: { stores, answers }, version };
}

/** Nothing that anybody could decode, where it is too large to be a registry. */
async function textOf(path: string, textFiles: TextFiles): Promise<string | undefined> {
  try {
    return await textFiles.read(path, maxBytes);
  } catch (error) {
    if (hasCode(error, 'text.too-large')) return '';
    if (!(error instanceof Error && 'code' in error)) throw error;
    const says = `cannot be read (${String(error.code)}). Look at what stands there`;
    throw new HostError('registry.unreadable', `${path} ${says}.`, { data: { '0': path }, cause: error });
  }
}

/** Replaces the file in one piece; whoever does not hold the lock must not call it. */
export async function writeRegistry(
  { folder, files }: RegistryPlace,
  content: RegistryContent,
  expected: string | 'absent',
): Promise<void> {
  const text = JSON.stringify({ format: 'millrace-registry', version: 1, ...content });
  await files.replace(join(folder, name), Buffer.from(text), { expected, mode: 0o600 });
}

/** Keeps a damaged file's bytes beside it, in the place of those damaged before; under the lock. Returns the path. */
export async function setAside({ folder, files }: RegistryPlace): Promise<string> {
  const path = join(folder, asideName);
  await using damaged = await files.open(join(folder, name));
  const bytes = await damaged.read(0, damaged.facts.size);
  const older = await files.inspect(path);
  await files.replace(path, bytes, { expected: older?.version ?? 'absent', mode: 0o600 });
  return path;
}

/** Makes a folder with its parents, for this user alone. Returns its real path. */
export async function madeFolder(
  path: string,
  world: { readonly files: Files; readonly textFiles: TextFiles },
): Promise<string> {
  const real = await world.textFiles.realPath(path);
  if (real !== undefined) return real;
  const parent = dirname(path) === path ? path : await madeFolder(dirname(path), world);
  const made = join(parent, path.slice(dirname(path).length));
  await world.files.makeDirectory(made, 0o700);
  return made;
}
