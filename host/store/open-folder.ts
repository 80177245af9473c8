import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { diskErrorCode, openDisk } from './disk.ts';
import { Engine, type EngineEvents } from './engine.ts';
import type { Ownership } from './fence.ts';
import { type Claim, claimFolder } from './lock.ts';
import type { WorkerStart } from './messages.ts';
import type { AnyProjection } from './projection.ts';
import { highestEpoch } from './recovery.ts';
import { loadSql } from './sql.ts';
import { readOnly } from './state.ts';

/**
 * Claims a folder, which is made if need be, and opens its store. A folder that cannot be written is opened
 * for reading (R12).
 * @throws HostError `store.locked`
 */
export async function openFolder(
  start: WorkerStart,
  projections: readonly AnyProjection[],
  events: EngineEvents,
): Promise<OpenFolder> {
  let askedBy: string | undefined;
  let engine: Engine | undefined;
  const onYield = (surface: string): void => {
    askedBy = surface;
    engine?.yieldTo(surface);
  };
  // The lock waits for other processes while SQLite is compiled.
  const [sql, folder] = await Promise.all([
    loadSql(new URL(start.wasmUrl), start.lifetime),
    claim(start, onYield),
  ]);
  const { owner, directory } = folder;
  // Another owner may have asked while SQLite was still being compiled.
  const isAsked = owner.type === 'owner' && askedBy !== undefined;
  const state = readOnly('store.other-owner', askedBy ?? '');
  engine = new Engine({
    disk: openDisk(directory),
    sql,
    projections,
    events,
    owner: isAsked ? { type: 'none', state } : owner,
  });
  return { engine, release: folder.release };
}

export interface OpenFolder {
  readonly engine: Engine;
  /** Frees the folder for others, after the engine was closed. */
  release(): void;
}

interface Claimed {
  readonly directory: string;
  readonly owner: Ownership;
  release(): void;
}

async function claim(start: WorkerStart, onYield: (surface: string) => void): Promise<Claimed> {
  try {
    makeFolder(start.directory);
    const directory = fs.realpathSync(start.directory);
    // The thread is ended from outside when its opening is given up.
    const { signal } = new AbortController();
    const lowestEpoch = highestEpoch(openDisk(directory));
    const fence = await claimFolder({ ...start, directory, lowestEpoch, onYield, signal });
    return { directory, owner: { type: 'owner', fence }, release: () => release(fence) };
  } catch (error) {
    const code = diskErrorCode(error);
    if (code === undefined) throw error;
    const owner: Ownership = { type: 'none', state: readOnly('store.unwritable', code) };
    return { directory: start.directory, owner, release: () => undefined };
  }
}

/** A full disk must not keep the store from closing: the socket is free, and that is what counts. */
function release(fence: Claim): void {
  try {
    fence.release();
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
  }
}

/** Makes the folder, for this user alone, and its name durable. */
function makeFolder(directory: string): void {
  const first = fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) {
    openDisk(dirname(made)).syncFolder('.');
  }
}
