import { constants, watch } from 'node:fs';
import { type FileHandle, mkdir, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import { HostError, hasCode } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { Secrets } from '../ports/secrets.ts';
import { fileError, systemCode } from './file-errors.ts';
import { fileFacts } from './file-facts.ts';
import { nodeFiles } from './files.ts';
import { nameLock } from './name-lock.ts';

export interface SecretFileOptions {
  /** Made when the first secret is kept; holds nothing else. */
  readonly folder: string;
  /** Tells that the folder or the file stood open to others, and is closed now: `secrets.repaired`, with its path. */
  readonly onNotice: (notice: Notice) => void;
}

/**
 * Secrets in one file, `secrets.json`, readable by this user alone (0600 in a 0700 folder): what there is without an
 * editor. Each change reads the file anew under a lock and puts a whole new one in its place. A link, a stranger's file
 * or a file that cannot be read as secrets is refused and left as it is.
 */
export function secretFile(options: SecretFileOptions): Secrets {
  const lock = nameLock(options.folder);
  const watching = createWatch(options);
  const change = async (key: string, update: (all: Map<string, string>) => void) => {
    using _held = await lock('secrets.json', new AbortController().signal);
    const folder = await safeFolder(options, 'make');
    const found = await readSecrets(folder, options);
    const all = new Map(found.secrets);
    update(all);
    await writeSecrets(folder, all, found.version);
    watching.changed(key, all);
  };
  return {
    get: async (key) => (await readAll(options)).get(key),
    set: (key, value) => change(key, (all) => void all.set(key, value)),
    delete: async (key) => {
      if ((await readAll(options)).has(key)) await change(key, (all) => void all.delete(key));
    },
    onDidChange: watching.add,
    lock: (name, signal) => lock(`of ${name}`, signal),
  };
}

const fileName = 'secrets.json';
/** More than keys and tokens ever take. */
const maxBytes = 4 * 1024 * 1024;
const noSecrets: ReadonlyMap<string, string> = new Map();

const Content = Schema.Struct({
  format: Schema.Literal('millrace-secrets'),
  version: Schema.Literal(1),
  secrets: Schema.Record(Schema.String, Schema.String),
});
const decodeContent = Schema.decodeUnknownResult(Schema.fromJsonString(Content));

async function readAll(options: SecretFileOptions): Promise<ReadonlyMap<string, string>> {
  try {
    const folder = await safeFolder(options, 'look');
    return (await readSecrets(folder, options)).secrets;
  } catch (error) {
    if (hasCode(error, 'file.not-found')) return noSecrets;
    throw error;
  }
}

/** The folder's real path, when it is a folder of this user that nobody else can look into. */
async function safeFolder(options: SecretFileOptions, mode: 'look' | 'make'): Promise<string> {
  const { folder } = options;
  try {
    if (mode === 'make') await mkdir(folder, { recursive: true, mode: 0o700 });
    // Windows opens no folder, and keeps a user's folders to the user by inheritance.
    if (process.platform === 'win32') return await realpath(folder);
    await using handle = await open(
      folder,
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    );
    await closeToOthers(handle, folder, options);
    return await realpath(folder);
  } catch (error) {
    if (['ELOOP', 'ENOTDIR', 'EEXIST'].includes(systemCode(error))) throw unsafe(folder, 'is not a folder');
    throw fileError(error, folder);
  }
}

interface Found {
  readonly secrets: ReadonlyMap<string, string>;
  readonly version: string | 'absent';
}

async function readSecrets(folder: string, options: SecretFileOptions): Promise<Found> {
  const path = join(folder, fileName);
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    await closeToOthers(handle, path, options);
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw unsafe(path, 'is not a regular file');
    if (stats.size > maxBytes) throw damaged(path);
    const decoded = decodeContent(await handle.readFile('utf8'));
    // The failure would quote what it found.
    if (decoded._tag === 'Failure') throw damaged(path);
    const secrets = new Map(Object.entries(decoded.success.secrets));
    return { secrets, version: fileFacts(stats).version };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { secrets: noSecrets, version: 'absent' };
    if (systemCode(error) === 'ELOOP') throw unsafe(path, 'is a link');
    throw fileError(error, path);
  }
}

async function writeSecrets(
  folder: string,
  secrets: ReadonlyMap<string, string>,
  expected: string | 'absent',
): Promise<void> {
  const content = { format: 'millrace-secrets', version: 1, secrets: Object.fromEntries(secrets) };
  const bytes = Buffer.from(`${JSON.stringify(content)}\n`);
  await nodeFiles.replace(join(folder, fileName), bytes, { expected, mode: 0o600 });
  await nodeFiles.syncDirectory(folder);
}

/** What others could read is closed and told: whoever put it there may have copied it meanwhile. */
async function closeToOthers(handle: FileHandle, path: string, options: SecretFileOptions): Promise<void> {
  if (process.platform === 'win32') return;
  const stats = await handle.stat();
  if (stats.uid !== process.getuid?.()) throw unsafe(path, 'belongs to another user');
  if ((stats.mode & 0o077) === 0) return;
  await handle.chmod(stats.isDirectory() ? 0o700 : 0o600);
  options.onNotice({
    key: `secrets:${path}`,
    level: 'warning',
    code: 'secrets.repaired',
    data: { '0': path },
  });
}

function unsafe(path: string, says: string): HostError {
  return new HostError(
    'secrets.unsafe',
    `${path} ${says}: no secret is read from there or kept there. Move it away.`,
    {
      data: { '0': path },
    },
  );
}

function damaged(path: string): HostError {
  return new HostError(
    'secrets.damaged',
    `${path} cannot be read as Millrace's secrets and is left as it is. Update Millrace if a newer one wrote it; else move it away and sign in again.`,
    { data: { '0': path } },
  );
}

type Listener = (key: string) => void;

/** The file is looked after only while somebody listens. */
function createWatch(options: SecretFileOptions) {
  const listeners = new Set<Listener>();
  let seen: ReadonlyMap<string, string> = noSecrets;
  let stop: (() => void) | undefined;
  const tell = (key: string) => {
    for (const listener of [...listeners]) listener(key);
  };
  const compare = (now: ReadonlyMap<string, string>) => {
    const before = seen;
    seen = now;
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(key) !== now.get(key)) tell(key);
    }
  };
  const look = async () => {
    try {
      compare(await readAll(options));
    } catch (error) {
      // Whoever reads next is told what is wrong with it.
      if (!(error instanceof HostError)) throw error;
    }
  };
  return {
    changed(key: string, all: ReadonlyMap<string, string>) {
      seen = all;
      tell(key);
    },
    add(listener: Listener): Disposable {
      listeners.add(listener);
      stop ??= startWatching(options, look);
      return {
        [Symbol.dispose]() {
          listeners.delete(listener);
          if (listeners.size > 0) return;
          stop?.();
          stop = undefined;
        },
      };
    },
  };
}

/** Reads when something happens in the folder, once at a time. */
function startWatching(options: SecretFileOptions, look: () => Promise<void>): () => void {
  const stopped = new AbortController();
  let looking: Promise<void> = Promise.resolve();
  const again = () => {
    looking = looking.then(() => (stopped.signal.aborted ? undefined : look()));
  };
  const begin = async () => {
    try {
      const folder = await safeFolder(options, 'make');
      if (stopped.signal.aborted) return;
      const watcher = watch(folder, { persistent: false, signal: stopped.signal }, (_, name) => {
        if (name === null || name === fileName) again();
      });
      // A folder that is removed is watched no more; without a watcher each process still reads before it refreshes.
      watcher.on('error', () => stopped.abort());
      again();
    } catch (error) {
      // The same is said by the next read.
      if (!(error instanceof HostError)) throw error;
    }
  };
  looking = begin();
  return () => stopped.abort();
}
