import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HostError } from '#shared/host-error.ts';
import type { Clock } from '../ports/clock.ts';
import {
  describeOwner,
  isOver,
  type OwnerInfo,
  readClaim,
  removeClaim,
  writeClaim,
} from '../store/lock-file.ts';
import { listenAsOwner } from '../store/owner-socket.ts';

export interface LockOptions {
  /** Real path of a folder that holds nothing else. */
  readonly folder: string;
  readonly surface: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Who holds the lock does so for some milliseconds: longer than this it is stuck. */
const patience = 5000;
const pause = 10;
/** A lock file that says nothing for so many looks was cut off by a power failure. */
const looks = 50;
/** Nobody takes this lock over, so that there is one name for ever. */
const epoch = 1;

/**
 * Waits until no other process, and nobody else in this one, holds the folder. First a socket's name, which the system
 * gives to one and frees when its process ends: so only one at a time looks at the lock file, and a file that is void
 * is removed by one alone. The file, made with O_EXCL, is for those who cannot see the socket, such as other containers.
 * @throws HostError `registry.busy`
 */
export async function lockFolder(options: LockOptions): Promise<Disposable> {
  const { folder, clock } = options;
  const deadline = clock.monotonic() + patience;
  const socket = await untilHeld(options, deadline, () =>
    listenAsOwner({ directory: folder, epoch }, nothing),
  );
  try {
    const info = describeOwner({ directory: folder, nonce: randomUUID(), epoch, surface: options.surface });
    let unreadable = 0;
    await untilHeld(options, deadline, () => {
      if (writeClaim(folder, info)) return true;
      const owner = readClaim(folder, epoch);
      unreadable = owner ? 0 : unreadable + 1;
      if (owner ? isOver(owner, folder) : unreadable > looks) removeClaim(folder, epoch);
      return undefined;
    });
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
  return {
    [Symbol.dispose]() {
      // The file first: whoever has the socket's name must not come upon ours.
      try {
        removeClaim(folder, epoch);
      } finally {
        socket[Symbol.dispose]();
      }
    },
  };
}

async function untilHeld<Held>(
  { folder, clock, signal }: LockOptions,
  deadline: number,
  attempt: () => Promise<Held | undefined> | Held | undefined,
): Promise<Held> {
  for (;;) {
    signal.throwIfAborted();
    const held = await attempt();
    if (held !== undefined) return held;
    if (clock.monotonic() >= deadline) throw busy(folder, readClaim(folder, epoch));
    // Its own rejection says only that it was aborted, not why.
    await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function nothing(): void {
  // Requests to yield are for stores.
}

function busy(folder: string, owner: OwnerInfo | undefined): HostError {
  const who = owner ? `${owner.surface} (process ${owner.pid})` : 'another process';
  return new HostError(
    'registry.busy',
    `The registry in ${dirname(folder)} is held by ${who}. Close it if it hangs; nothing was changed.`,
    { data: { pid: owner?.pid ?? 0, surface: owner?.surface ?? '' } },
  );
}
