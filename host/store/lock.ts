import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { HostError } from '#shared/host-error.ts';
import type { Fence } from './fence.ts';
import {
  describeOwner,
  holdsClaim,
  isOver,
  listClaims,
  type OwnerInfo,
  readClaim,
  releaseClaim,
  writeClaim,
} from './lock-file.ts';
import { askToYield, isOwnerAlive, listenAsOwner } from './owner-socket.ts';

/**
 * Makes this process the owner of a folder (decision 15).
 *
 *     take-over   asks a living owner over its socket, waits 2 s at most, then raises the epoch
 *     refuse      `store.locked` at once where the owner answers; where only its file says that it lives, 2 s later
 *
 * @throws HostError `store.locked` with the owner's `pid` and `surface`; Node's file-system errors when the
 *   folder cannot be written.
 */
export async function claimFolder(options: ClaimOptions): Promise<Claim> {
  const { directory, signal } = options;
  const deadline = performance.now() + patience;
  const nonce = randomUUID();
  // An epoch whose socket is taken, by an owner that is just about to write its lock file.
  let taken = 0;
  for (;;) {
    signal.throwIfAborted();
    const last = Math.max(options.lowestEpoch, taken, ...listClaims(directory));
    const isFree = await makeWay(options, { epoch: last, deadline });
    if (!isFree) {
      // Its own rejection says only that it was aborted, not why.
      await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
      continue;
    }
    const claim = await tryClaiming(options, describeOwner({ ...options, nonce, epoch: last + 1 }));
    if (claim !== undefined) return claim;
    taken = last + 1;
  }
}

export interface ClaimOptions {
  /** Real path of the folder. */
  readonly directory: string;
  readonly ownership: 'take-over' | 'refuse';
  /** Who this is, for the people in front of the other window. */
  readonly surface: string;
  /** The highest epoch in the journal: lock files may have been removed by hand. */
  readonly lowestEpoch: number;
  /** A new owner asks. When this returns, nothing may be written any more. */
  readonly onYield: (surface: string) => void;
  readonly signal: AbortSignal;
}

export interface Claim extends Fence {
  /** Frees the folder. Nothing may be written any more. */
  release(): void;
}

/** Never notified: waiting on it is how a thread blocks for a while. */
const nothing = new Int32Array(new SharedArrayBuffer(4));
const patience = 2000;
const pause = 50;

/** @returns true when no owner of `epoch` is in the way, or none needs to be waited for any longer. */
async function makeWay(
  { directory, ownership, surface, signal }: ClaimOptions,
  { epoch, deadline }: { readonly epoch: number; readonly deadline: number },
): Promise<boolean> {
  const owner = readClaim(directory, epoch);
  const name = { directory, epoch };
  if (ownership === 'take-over') {
    await askToYield(name, { nonce: owner?.nonce ?? '', surface }, { ms: patience, signal });
    return true;
  }
  if (await isOwnerAlive(name)) throw locked(owner);
  if (owner === undefined || isOver(owner, directory)) return true;
  if (performance.now() >= deadline) throw locked(owner);
  return false;
}

async function tryClaiming(options: ClaimOptions, info: OwnerInfo): Promise<Claim | undefined> {
  const { directory } = options;
  const { epoch } = info;
  // The socket first: whoever sees the lock file can reach its owner.
  const socket = await listenAsOwner({ directory, epoch }, (request) => {
    if (request.nonce === info.nonce) options.onYield(request.surface);
  });
  if (socket === undefined) return undefined;
  let isClaimed = false;
  try {
    isClaimed = writeClaim(directory, info);
  } finally {
    if (!isClaimed) socket[Symbol.dispose]();
  }
  if (!isClaimed) return undefined;
  return {
    epoch,
    holds: () => holdsClaim(directory, epoch),
    successor: () => readClaim(directory, listClaims(directory).at(-1) ?? 0)?.surface ?? '',
    waitFor(check) {
      const deadline = performance.now() + patience;
      while (!check() && performance.now() < deadline) Atomics.wait(nothing, 0, 0, pause);
    },
    release() {
      socket[Symbol.dispose]();
      if (holdsClaim(directory, epoch)) releaseClaim(directory, info);
    },
  };
}

function locked(owner: OwnerInfo | undefined): HostError {
  const surface = owner?.surface ?? '';
  return new HostError('store.locked', `Another process works on this folder (${surface}). Close it first.`, {
    data: { pid: owner?.pid ?? 0, surface },
  });
}
