import { join, sep } from 'node:path';
import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Environment } from '../ports/environment.ts';
import type { Files } from '../ports/files.ts';
import type { TextFiles } from '../ports/text-files.ts';
import { dataFolder } from './data-folder.ts';
import { identify, isSame } from './folder-identity.ts';
import type { Registry } from './registry.ts';
import type { Answer, RegistryContent, StoreEntry } from './registry-file.ts';

/** Sessions of another store that belong to this project, by what it is known by (see `identify`). */
export interface Adoptable {
  /** Real path of the storage folder that they lie in. */
  readonly storage: string;
  /** The folder that they were tied to. */
  readonly directory: string;
  /** How many are not here yet; child sessions come with theirs. */
  readonly sessions: number;
  /** When that store was opened last, in milliseconds since the epoch. */
  readonly lastUsed: number;
}

/** A store of somebody else's, open for reading. */
export interface OtherStore extends AsyncDisposable {
  sessions(): Promise<readonly Session[]>;
  /** What `import` takes; without permission rules (decision 18). */
  export(id: SessionID): Promise<unknown>;
}

export interface AdoptionWorld {
  readonly registry: Registry;
  /** Real path of this host's own storage folder. */
  readonly storage: string;
  readonly environment: Environment;
  readonly files: Files;
  readonly textFiles: TextFiles;
  readonly clock: Clock;
  /** What the `.git` of a folder that is not trusted says is not believed. */
  readonly isTrusted: (directory: string) => boolean;
  readonly openOther: (storage: string, signal: AbortSignal) => Promise<OtherStore>;
  /** Whether this host's store has the session. */
  readonly has: (id: SessionID) => Promise<boolean>;
  readonly importInto: (file: unknown, to: { readonly directory: string }) => Promise<Session>;
}

/** Offers the sessions of a folder that was moved or renamed, and copies them when the user says so (decision 18). */
export interface Adoption {
  /** What can be adopted into a folder, and was not asked before. Nothing for a folder that is not trusted. */
  adoptable(directory: string, signal: AbortSignal): Promise<readonly Adoptable[]>;
  /**
   * Copies what was offered of a store, oldest first, and leaves that store as it is; what is here already is not
   * copied again. @returns how many were copied
   * @throws HostError `sessions.not-adoptable` for what was not offered; or, once the others are copied, why a session
   *   could not be: what is missing stays on offer
   */
  adopt(storage: string, signal: AbortSignal): Promise<number>;
  /** Keeps that the user does not want what was offered of a store. */
  decline(storage: string, signal: AbortSignal): Promise<void>;
}

interface Offer {
  readonly entry: StoreEntry;
  /** As the sessions will name it, and its real path. */
  readonly directory: string;
  readonly into: string;
}

export function createAdoption(world: AdoptionWorld): Adoption {
  const { registry, clock } = world;
  /** By storage; what was last offered for each folder. */
  const offers = new Map<string, readonly Offer[]>();
  let last: Promise<unknown> = Promise.resolve();

  const offeredOf = (storage: string): readonly Offer[] => {
    const found = offers.get(storage);
    if (found) return found;
    throw new HostError(
      'sessions.not-adoptable',
      `No sessions of ${storage} are offered. Look at the offers again.`,
    );
  };
  const settle = async (storage: string, answer: Answer['answer'], signal: AbortSignal) => {
    const time = clock.now();
    const answers = offeredOf(storage).map(({ entry: { directory }, into }) => ({
      ...{ storage, directory, into, answer, time },
    }));
    await registry.answer(answers, signal);
    offers.delete(storage);
  };

  return {
    async adoptable(directory, signal) {
      const candidates = await candidatesFor(directory, world);
      const found: Adoptable[] = [];
      for (const offer of candidates) {
        const { storage, directory: from, lastUsed } = offer.entry;
        const sessions = await countMissing(offer, world, signal);
        if (sessions === 0) continue;
        const others = (offers.get(storage) ?? []).filter((each) => !isSameOffer(each, offer));
        offers.set(storage, [...others, offer]);
        found.push({ storage, directory: from, sessions, lastUsed });
      }
      return found;
    },
    adopt(storage, signal) {
      // One after the other: of two at the same moment both would find that a session is not here yet.
      const done = last.then(async () => {
        const copied = await copyAll(offeredOf(storage), world, signal);
        await settle(storage, 'adopted', signal);
        return copied;
      });
      last = done.catch(() => undefined);
      return done;
    },
    decline: (storage, signal) => settle(storage, 'declined', signal),
  };
}

function isSameOffer(one: Offer, other: Offer): boolean {
  return one.entry.directory === other.entry.directory && one.directory === other.directory;
}

/** A store that cannot be read has nothing to offer, and must not hide what others have. */
async function countMissing(offer: Offer, world: AdoptionWorld, signal: AbortSignal): Promise<number> {
  try {
    await using other = await world.openOther(offer.entry.storage, signal);
    return (await missingFrom(other, offer, world)).length;
  } catch (error) {
    if (error instanceof HostError) return 0;
    throw error;
  }
}

async function copyAll(offers: readonly Offer[], world: AdoptionWorld, signal: AbortSignal): Promise<number> {
  const failures: HostError[] = [];
  let copied = 0;
  for (const offer of offers) {
    await using other = await world.openOther(offer.entry.storage, signal);
    const sessions = await missingFrom(other, offer, world);
    for (const { id } of sessions.toReversed()) {
      signal.throwIfAborted();
      const failure = await copyOne(id, { other, offer, world });
      if (failure) failures.push(failure);
      else copied += 1;
    }
  }
  if (failures[0]) throw failures[0];
  return copied;
}

interface Copy {
  readonly other: OtherStore;
  readonly offer: Offer;
  readonly world: AdoptionWorld;
}

/** Damage of one session must not keep the others away. */
async function copyOne(id: SessionID, { other, offer, world }: Copy): Promise<HostError | undefined> {
  try {
    await world.importInto(await other.export(id), offer);
    return undefined;
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
}

/** The sessions of the offered folder that are not here yet, the one changed last first. */
async function missingFrom(
  other: OtherStore,
  { entry }: Offer,
  { has }: AdoptionWorld,
): Promise<readonly Session[]> {
  const all = await other.sessions();
  const there = all.filter(({ directory, parentID }) => directory === entry.directory && !parentID);
  const known = await Promise.all(there.map(({ id }) => has(id)));
  return there.filter((_, index) => !known[index]);
}

/** The stores of the same project that the user was not asked about, newest first. */
async function candidatesFor(directory: string, world: AdoptionWorld): Promise<readonly Offer[]> {
  const { registry, storage, textFiles, isTrusted } = world;
  const into = await textFiles.realPath(directory);
  if (into === undefined || !isTrusted(directory)) return [];
  const content = await registry.read();
  const others = content.stores.filter(
    (each) => each.storage !== storage && !isAnswered(content, each, into),
  );
  if (others.length === 0) return [];
  const identity = await identify(into, world);
  const same = others.filter((each) => isSame(each.identity, identity));
  const elsewhere = await Promise.all(same.map((each) => isElsewhere(each, { into, content, world })));
  return same.filter((_, index) => elsewhere[index]).map((entry) => ({ entry, directory, into }));
}

function isAnswered({ answers }: RegistryContent, { storage, directory }: StoreEntry, into: string): boolean {
  return answers.some(
    (each) => each.storage === storage && each.directory === directory && each.into === into,
  );
}

interface Here {
  readonly into: string;
  readonly content: RegistryContent;
  readonly world: AdoptionWorld;
}

/**
 * Whether the user would miss the sessions of this entry: its folder is gone, or was never opened in this store. The
 * stores of the command line and of an editor on one folder see each other's sessions anyway.
 */
async function isElsewhere(entry: StoreEntry, { into, content, world }: Here): Promise<boolean> {
  const real = await world.textFiles.realPath(entry.directory);
  if (real === into) return !isCommandLine(entry.storage, world) && !isCommandLine(world.storage, world);
  if (real === undefined) return true;
  return !content.stores.some((each) => each.storage === world.storage && each.directory === entry.directory);
}

function isCommandLine(storage: string, { environment }: AdoptionWorld): boolean {
  return storage.startsWith(join(dataFolder(environment), 'locations') + sep);
}
