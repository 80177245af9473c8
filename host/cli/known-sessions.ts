import { HostError } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { Session } from '#shared/session.ts';
import { type FolderStore, storesOf } from '../folder-stores.ts';
import type { Ports } from '../ports/ports.ts';
import { openReader, type SessionReader } from '../session-reader.ts';

/** A session, and the store that it lies in. */
export interface KnownSession {
  readonly info: Session;
  readonly store: FolderStore;
}

export interface KnownWorld {
  readonly ports: Ports;
  /** Real path of the folder. */
  readonly directory: string;
  /** A store that cannot be read, or not whole: the others are read all the same. */
  readonly onTrouble: (store: FolderStore, trouble: Notice | Error) => void;
  /** The list of stores cannot be read: those of editors are not looked into. */
  readonly onRegistry: (error: HostError) => void;
  readonly signal: AbortSignal;
}

/** The sessions of a folder in all its stores, the one changed last first. None is opened for writing. */
export async function knownSessions(world: KnownWorld): Promise<readonly KnownSession[]> {
  const seen = new Set<string>();
  const lists: (readonly KnownSession[])[] = [];
  for (const store of await storesOf(world.directory, world.ports, world.onRegistry)) {
    await using reader = await tryReading(store, world);
    const all = reader ? await sessionsOf(reader, store) : [];
    // The copy that was adopted comes before the one in the old place.
    lists.push(all.filter(({ id }) => !seen.has(id)).map((info) => ({ info, store })));
    for (const { id } of all) seen.add(id);
  }
  return merged(lists);
}

/** Each store has its own order, which stays; between stores only the time of day tells. */
function merged(lists: readonly (readonly KnownSession[])[]): readonly KnownSession[] {
  const next = lists.map(() => 0);
  const headOf = (list: number) => lists[list]?.[next[list] ?? 0];
  const timeOf = (list: number) => headOf(list)?.info.time.updated ?? Number.NEGATIVE_INFINITY;
  return lists.flat().flatMap(() => {
    const list = lists.reduce((best, _, each) => (timeOf(each) > timeOf(best) ? each : best), 0);
    const head = headOf(list);
    next[list] = (next[list] ?? 0) + 1;
    return head ? [head] : [];
  });
}

/** The newest session that one would go on with; undefined when there is none. */
export async function newestSession(world: KnownWorld): Promise<KnownSession | undefined> {
  const all = await knownSessions(world);
  return all.find(({ info, store }) => !info.parentID && info.time.archived === undefined && !store.moved);
}

/** A session that was found, with its store still open for reading. */
export interface FoundSession extends KnownSession, AsyncDisposable {
  readonly reader: SessionReader;
}

/** @throws HostError `session.unknown` */
export async function findSession(id: string, world: KnownWorld): Promise<FoundSession> {
  let unread = 0;
  const onTrouble: KnownWorld['onTrouble'] = (store, trouble) => {
    unread += 1;
    world.onTrouble(store, trouble);
  };
  const onRegistry: KnownWorld['onRegistry'] = (error) => {
    unread += 1;
    world.onRegistry(error);
  };
  for (const store of await storesOf(world.directory, world.ports, onRegistry)) {
    const found = await findIn(store, id, { ...world, onTrouble });
    if (found) return found;
  }
  const maybe = unread > 0 ? ' It may lie in the history that could not be read.' : '';
  throw new HostError(
    'session.unknown',
    `There is no session ${id} of ${world.directory}.${maybe} "millrace session list" shows those there are.`,
  );
}

async function findIn(store: FolderStore, id: string, world: KnownWorld): Promise<FoundSession | undefined> {
  const reader = await tryReading(store, world);
  if (!reader) return undefined;
  const close = () => reader[Symbol.asyncDispose]();
  let info: Session | undefined;
  try {
    info = (await sessionsOf(reader, store)).find((each) => each.id === id);
  } finally {
    if (!info) await close();
  }
  return info && { info, store, reader, [Symbol.asyncDispose]: close };
}

async function sessionsOf(reader: SessionReader, { directories }: FolderStore): Promise<readonly Session[]> {
  return (await reader.sessions()).filter(({ directory }) => directories.includes(directory));
}

async function tryReading(store: FolderStore, world: KnownWorld): Promise<SessionReader | undefined> {
  const { ports, onTrouble, signal } = world;
  try {
    const reader = await openReader({ storage: store.storage, ports, lifetime: 'short', signal });
    for (const trouble of reader.trouble) onTrouble(store, trouble);
    return reader;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    // A storage folder without a store in it has no sessions.
    if (error.code !== 'store.absent') onTrouble(store, error);
    return undefined;
  }
}
