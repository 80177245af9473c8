import { join } from 'node:path';
import { type HostError, hasCode } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { Clock } from '../ports/clock.ts';
import type { Environment } from '../ports/environment.ts';
import type { Files } from '../ports/files.ts';
import type { TextFiles } from '../ports/text-files.ts';
import { dataFolder } from './data-folder.ts';
import {
  type Answer,
  madeFolder,
  type RegistryContent,
  readRegistry,
  type StoreEntry,
  setAside,
  writeRegistry,
} from './registry-file.ts';
import { lockFolder } from './registry-lock.ts';

/** The registry of stores: which storage folders hold sessions, and of which folders (decision 17). */
export interface Registry {
  /** @throws HostError `registry.newer`, `registry.unreadable` */
  read(): Promise<RegistryContent>;
  /** Enters stores, in the place of earlier entries of theirs, and drops those whose storage is gone. */
  enter(stores: readonly StoreEntry[], signal: AbortSignal): Promise<void>;
  /** Keeps what the user said, so that it is not asked again. */
  answer(answers: readonly Answer[], signal: AbortSignal): Promise<void>;
}

/** Whether an error tells that the registry cannot be read here: whatever does not need it goes on without it. */
export function isUnread(error: unknown): error is HostError {
  return hasCode(error, 'registry.newer') || hasCode(error, 'registry.unreadable');
}

export interface RegistryWorld {
  readonly environment: Environment;
  readonly files: Files;
  readonly textFiles: TextFiles;
  readonly clock: Clock;
  readonly onNotice: (notice: Notice) => void;
}

/** What was used or said last is kept: the rest comes back when it is opened. */
const maxKept = 2000;

/** The registry in this user's data folder. Changes are made under a lock, by any number of processes. */
export function createRegistry(world: RegistryWorld): Registry {
  const { environment, files, textFiles, clock } = world;
  const path = dataFolder(environment);

  const change = async (update: (content: RegistryContent) => RegistryContent, signal: AbortSignal) => {
    const folder = await madeFolder(path, world);
    const lock = { folder: await madeFolder(join(folder, 'registry-lock'), world), clock, signal };
    using _lock = await lockFolder({ ...lock, surface: environment.surface });
    const place = { folder, files, textFiles };
    const found = await readRegistry(place);
    if (found.type === 'content') {
      await writeRegistry(place, update(found.content), found.version);
      return;
    }
    const aside = await setAside(place);
    await writeRegistry(place, update({ stores: [], answers: [] }), found.version);
    world.onNotice(damagedNotice(join(folder, 'registry.json'), aside));
  };

  const read = async (): Promise<RegistryContent> => {
    const folder = await textFiles.realPath(path);
    const found = folder === undefined ? undefined : await readRegistry({ folder, files, textFiles });
    // Set aside by whoever enters something next: nothing is written for a reader.
    return found?.type === 'content' ? found.content : { stores: [], answers: [] };
  };

  return {
    read,
    async enter(stores, signal) {
      const gone = await goneAmong((await read()).stores, textFiles);
      await change(({ stores: known, answers }) => {
        const kept = known.filter((each) => !gone.has(keyOf(each)) && !stores.some(isOf(each)));
        return { stores: newest([...stores, ...kept], ({ lastUsed }) => lastUsed), answers };
      }, signal);
    },
    async answer(answers, signal) {
      await change(
        ({ stores, answers: known }) => ({
          stores,
          answers: newest([...answers, ...known], ({ time }) => time),
        }),
        signal,
      );
    },
  };
}

function isOf({ storage, directory }: StoreEntry): (other: StoreEntry) => boolean {
  return (other) => other.storage === storage && other.directory === directory;
}

/** An entry that was made anew meanwhile has another key. */
function keyOf({ storage, directory, lastUsed }: StoreEntry): string {
  return JSON.stringify([storage, directory, lastUsed]);
}

async function goneAmong(stores: readonly StoreEntry[], files: TextFiles): Promise<ReadonlySet<string>> {
  const storages = [...new Set(stores.map(({ storage }) => storage))];
  const stamps = await Promise.all(storages.map((storage) => files.stamp(storage)));
  const gone = new Set(storages.filter((_, index) => stamps[index] === 'absent'));
  return new Set(stores.filter(({ storage }) => gone.has(storage)).map(keyOf));
}

function newest<T>(items: readonly T[], timeOf: (item: T) => number): readonly T[] {
  return items.toSorted((a, b) => timeOf(b) - timeOf(a)).slice(0, maxKept);
}

function damagedNotice(path: string, aside: string): Notice {
  return { key: 'registry', level: 'warning', code: 'registry.damaged', data: { '0': path, '1': aside } };
}
