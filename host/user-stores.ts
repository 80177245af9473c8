import type { HostError } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { Ports } from './ports/ports.ts';
import { type Adoptable, createAdoption } from './registry/adoption.ts';
import { identify } from './registry/folder-identity.ts';
import { createRegistry, isUnread } from './registry/registry.ts';
import type { StoreEntry } from './registry/registry-file.ts';
import type { Notices } from './session/notices.ts';
import type { Sessions } from './session/sessions.ts';
import { openReader } from './session-reader.ts';

/** This host among the other stores of the user. */
export interface UserStores extends AsyncDisposable {
  /** A folder is open in this host: it is entered into the registry in the background, once, and never fails. */
  opened(directories: readonly string[]): void;
  adoptable(directory: string): Promise<readonly Adoptable[]>;
  adopt(storage: string): Promise<number>;
  decline(storage: string): Promise<void>;
}

export interface UserStoresOptions {
  readonly ports: Ports;
  /** This host's own storage folder. */
  readonly storage: string;
  /** A process that ends with its work has nobody to answer a notice: there, offers are made only when asked for. */
  readonly lifetime: 'long' | 'short';
  /** See `HostOptions`. */
  readonly standing?: 'owner' | 'guest';
  /** Open from the start. */
  readonly directories: readonly string[];
  readonly notices: Notices;
  readonly sessions: Pick<Sessions, 'get' | 'import'>;
}

/**
 * Makes this host known to the others and looks for sessions that it would miss: both in the background, so that no
 * prompt waits for it, and without ever failing.
 */
export async function openUserStores(options: UserStoresOptions): Promise<UserStores> {
  const { ports, notices, sessions, lifetime } = options;
  const { textFiles, clock, environment, log } = ports;
  const storage = (await textFiles.realPath(options.storage)) ?? options.storage;
  const registry = createRegistry({ ...ports, onNotice: notices.raise });
  const closing = new AbortController();
  const { signal } = closing;
  const adoption = createAdoption({
    ...ports,
    registry,
    storage,
    isTrusted: ports.trust.isTrusted,
    openOther: (other, opening) => openReader({ storage: other, ports, lifetime, signal: opening }),
    has: async (id) => (await sessions.get(id)) !== undefined,
    importInto: (file, to) => sessions.import(file, to),
  });
  const known = new Set<string>();
  const offers = offerBoard(notices);
  let background: Promise<void> = Promise.resolve();

  const entryOf = async (directory: string): Promise<readonly StoreEntry[]> => {
    const real = await textFiles.realPath(directory);
    if (real === undefined) return [];
    const identity = await identify(real, ports);
    return [{ storage, directory, identity, surface: environment.surface, lastUsed: clock.now() }];
  };
  const enter = async (directories: readonly string[]) => {
    const entries = (await Promise.all(directories.map(entryOf))).flat();
    // Closing does not abort this: a short process is entered before it ends.
    if (entries.length > 0) await registry.enter(entries, new AbortController().signal);
    if (lifetime === 'short') return;
    for (const directory of directories) {
      for (const found of await adoption.adoptable(directory, signal)) offers.add(found);
    }
  };
  const inBackground = (work: () => Promise<void>) => {
    background = background.then(async () => {
      try {
        await work();
      } catch (error) {
        if (isUnread(error)) notices.raise(unreadNotice(error));
        else if (error !== signal.reason) log.error('A folder could not be entered into the registry', error);
      }
    });
  };
  const opened = (directories: readonly string[]) => {
    const fresh = directories.filter((each) => !known.has(each));
    if (fresh.length === 0 || options.standing === 'guest') return;
    for (const each of fresh) known.add(each);
    inBackground(() => enter(fresh));
  };
  // Nothing was offered for a folder that was not trusted yet.
  const granted = ports.trust.onGranted(() => inBackground(() => enter([...known])));

  opened(options.directories);
  return {
    opened,
    adoptable: (directory) => adoption.adoptable(directory, signal),
    async adopt(other) {
      const copied = await adoption.adopt(other, signal);
      offers.settle(other);
      return copied;
    },
    async decline(other) {
      await adoption.decline(other, signal);
      offers.settle(other);
    },
    async [Symbol.asyncDispose]() {
      granted[Symbol.dispose]();
      closing.abort();
      await background;
    },
  };
}

function unreadNotice({ code, data }: HostError): Notice {
  return { key: 'registry', level: 'warning', code, data: { '0': String(data['0']) } };
}

/** What is offered stands on the board of notices: one for each store, whatever number of folders it had. */
function offerBoard(notices: Notices) {
  const offered = new Map<string, readonly Adoptable[]>();
  return {
    add(found: Adoptable) {
      const { storage } = found;
      const others = (offered.get(storage) ?? []).filter(({ directory }) => directory !== found.directory);
      offered.set(storage, [...others, found]);
      notices.raise(offerNotice(storage, [...others, found]));
    },
    settle(storage: string) {
      offered.delete(storage);
      notices.clear(keyOf(storage));
    },
  };
}

/** All that answering it is about: a store may hold the sessions of several folders. */
function offerNotice(storage: string, offers: readonly Adoptable[]): Notice {
  const directories = offers.map(({ directory }) => directory).join(', ');
  const sessions = offers.reduce((sum, each) => sum + each.sessions, 0);
  const data = { '0': directories, '1': sessions, storage };
  return { key: keyOf(storage), level: 'info', code: 'sessions.adoptable', data };
}

function keyOf(storage: string): string {
  return `adoptable:${storage}`;
}
