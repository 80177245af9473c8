import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { HostError } from '#shared/host-error.ts';
import type { Ports } from './ports/ports.ts';
import { dataFolder } from './registry/data-folder.ts';
import { identify, isSame } from './registry/folder-identity.ts';
import { createRegistry, isUnread } from './registry/registry.ts';
import type { RegistryContent, StoreEntry } from './registry/registry-file.ts';

/** A store that holds sessions of a folder. */
export interface FolderStore {
  readonly storage: string;
  /** Who opened it last, by name and version. */
  readonly surface: string;
  /** How its sessions name the folder. */
  readonly directories: readonly string[];
  /** The sessions are tied to a folder that is gone: this one was there before, or was called that. */
  readonly moved: boolean;
}

/** More runs of the command line than this at one time in one folder are refused. */
export const maxStores = 64;

/** Storage folder of the command line for a folder (a real path); `number` counts from 1. */
export function cliStorage(directory: string, number: number, { environment }: Ports): string {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(dataFolder(environment), 'locations', hash, String(number));
}

/**
 * All stores of a folder (a real path): the command line's own, those of editors, and last those of the same project in
 * a place that is gone. Where the registry cannot be read that is told, and the command line's own are all there are.
 */
export async function storesOf(
  directory: string,
  ports: Ports,
  onRegistry: (error: HostError) => void,
): Promise<readonly FolderStore[]> {
  const { stores } = await registryOf(ports, onRegistry);
  const entries = await entriesOf(directory, stores, ports);
  const found = new Map<string, FolderStore>();
  for (const storage of await cliStorages(directory, ports)) {
    const surface = entries.here.find((each) => each.storage === storage)?.surface ?? 'millrace';
    found.set(storage, { storage, surface, directories: [directory], moved: false });
  }
  const add = ({ storage, surface, directory: named }: StoreEntry, moved: boolean) => {
    const known = found.get(storage);
    // One store may hold the sessions of the folder under two names.
    const directories = [...new Set([...(known?.directories ?? []), named])];
    if (known?.moved === moved || !known) found.set(storage, { storage, surface, directories, moved });
  };
  for (const entry of entries.here) add(entry, false);
  for (const entry of entries.gone) add(entry, true);
  return [...found.values()];
}

async function cliStorages(directory: string, ports: Ports): Promise<readonly string[]> {
  const all = Array.from({ length: maxStores }, (_, index) => cliStorage(directory, index + 1, ports));
  const stamps = await Promise.all(all.map((storage) => ports.textFiles.stamp(storage)));
  return all.filter((_, index) => stamps[index] !== 'absent');
}

interface Entries {
  readonly here: readonly StoreEntry[];
  readonly gone: readonly StoreEntry[];
}

async function registryOf(
  ports: Ports,
  onRegistry: (error: HostError) => void,
): Promise<Pick<RegistryContent, 'stores'>> {
  try {
    // A reader sets nothing aside, so there is nothing to tell.
    return await createRegistry({ ...ports, onNotice: () => undefined }).read();
  } catch (error) {
    if (!isUnread(error)) throw error;
    onRegistry(error);
    return { stores: [] };
  }
}

async function entriesOf(directory: string, stores: readonly StoreEntry[], ports: Ports): Promise<Entries> {
  const [reals, stamps] = await Promise.all([
    Promise.all(stores.map((each) => ports.textFiles.realPath(each.directory))),
    Promise.all(stores.map((each) => ports.textFiles.stamp(each.storage))),
  ]);
  const there = stores.filter((_, index) => stamps[index] !== 'absent');
  const realOf = (entry: StoreEntry) => reals[stores.indexOf(entry)];
  const lost = there.filter((each) => realOf(each) === undefined);
  const identity = lost.length > 0 ? await identify(directory, ports) : [];
  return {
    here: there.filter((each) => realOf(each) === directory),
    gone: lost.filter((each) => isSame(each.identity, identity)),
  };
}
