import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { HostError } from '#shared/host-error.ts';
import { diskErrorCode, openDisk } from './disk.ts';
import { Engine, type EngineEvents } from './engine.ts';
import type { Ownership } from './fence.ts';
import { type Claim, claimFolder } from './lock.ts';
import { bootID } from './lock-file.ts';
import type { WorkerStart } from './messages.ts';
import type { AnyProjection } from './projection.ts';
import { Reader } from './reader.ts';
import { highestEpoch } from './recovery.ts';
import { loadSql } from './sql.ts';
import { readOnly } from './state.ts';

/**
 * Opens the store of a folder as its owner, who claims it and makes it if need be, or to read it. A folder that cannot
 * be written is opened for reading as well (R12).
 * @throws HostError `store.locked`, `store.absent`
 */
export async function openFolder(
  start: WorkerStart,
  projections: readonly AnyProjection[],
  events: EngineEvents,
): Promise<OpenFolder> {
  const { ownership } = start;
  if (ownership !== 'read') return ownFolder({ ...start, ownership }, projections, events);
  if (!isFolder(start.directory)) throw absent(start.directory);
  const sql = await loadSql(new URL(start.wasmUrl), start.lifetime);
  const reader = new Reader({ disk: openDisk(start.directory), sql, projections, events });
  return { type: 'read', reader };
}

export type OpenFolder = OwnedFolder | { readonly type: 'read'; readonly reader: Reader };

export interface OwnedFolder {
  readonly type: 'owned';
  readonly engine: Engine;
  /** Frees the folder for others, after the engine was closed. */
  release(): void;
}

interface OwnerStart extends WorkerStart {
  readonly ownership: 'take-over' | 'refuse';
}

async function ownFolder(
  start: OwnerStart,
  projections: readonly AnyProjection[],
  events: EngineEvents,
): Promise<OwnedFolder> {
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
    bootID: bootID(),
    policy: start.policy,
  });
  return { type: 'owned', engine, release: folder.release };
}

interface Claimed {
  readonly directory: string;
  readonly owner: Ownership;
  release(): void;
}

async function claim(start: OwnerStart, onYield: (surface: string) => void): Promise<Claimed> {
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

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function absent(directory: string): HostError {
  const text = `There is no history in ${directory}: nothing was done there yet.`;
  return new HostError('store.absent', text, { data: { directory } });
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
