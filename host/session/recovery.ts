import { hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Log } from '../ports/log.ts';
import type { Trust } from '../ports/trust.ts';
import { closeInterrupted, type RecoverWorld } from './close-interrupted.ts';
import { type DeleteWorld, finishUpkeep } from './manage/delete-session.ts';
import { type FinishWorld, finishReverts } from './revert/finish-reverts.ts';

export interface RecoveryWorld extends FinishWorld, DeleteWorld {
  readonly trust: Trust;
  readonly log: Log;
  /** At opening: sessions whose open question was answered before the process ended, or none. */
  readonly resumes?: 'answered' | 'nothing';
}

/** What the end of a process left is being set right. */
export interface Recovery extends Disposable {
  /** Resolves when nothing is being removed any more; broken off, that goes on at the next opening. */
  upkeep(): Promise<void>;
}

/**
 * Closes, once the store can be written, what the end of a process left open, and finishes what it left half done; in a
 * folder that is not trusted as soon as it is. Resolves when nothing may run before it any more. Disposing ends waiting.
 */
export async function startRecovery(world: RecoveryWorld): Promise<Recovery> {
  const { store, log } = world;
  let recovered = false;
  let upkeep: Promise<void> = Promise.resolve();
  const finishBroken = async () => {
    const reverts = await finishReverts(world);
    reverts.done.catch((error: unknown) => log.error('A revert that was broken off was not finished', error));
  };
  const recover = async () => {
    if (recovered) return;
    recovered = true;
    const closed = await closeInterrupted(world);
    if (closed > 0) log.info('Closed turns that were cut off', { closed });
    await finishBroken();
    // Nobody waits for it, and broken off it goes on at the next opening.
    upkeep = finishUpkeep(world).catch((error: unknown) => {
      if (!hasCode(error, 'store.closed')) log.error('What was deleted could not be removed whole', error);
    });
    if (world.resumes === 'nothing') return;
    for (const id of await answeredMeanwhile(world)) world.wake(id);
  };
  if (store.state.type === 'writable') await recover();
  // A store that could only be read at first is recovered once it can be written.
  const mended = store.onStateChange(({ type }) => {
    if (type !== 'writable') return;
    recover().catch((error: unknown) => log.error('Turns that were cut off could not be closed', error));
  });
  const granted = world.trust.onGranted(() => {
    if (!recovered) return;
    finishBroken().catch((error: unknown) => log.error('Broken off reverts were not looked for', error));
  });
  return {
    upkeep: () => upkeep,
    [Symbol.dispose]() {
      mended[Symbol.dispose]();
      granted[Symbol.dispose]();
    },
  };
}

/**
 * Sessions with a call that waited for an answer, got it, and was not begun before the process ended (decision 7). Calls
 * beside it that have no answer yet do not hold it up: they wait on, as they did before.
 */
async function answeredMeanwhile({ store, permissions }: RecoverWorld): Promise<readonly SessionID[]> {
  const turns = await store.read('session.open-turns');
  const answered = await Promise.all(
    turns.map(async ({ parts }) => {
      const calls = parts.filter((part) => part.type === 'tool' && part.state.status === 'pending');
      const rows = await Promise.all(
        calls.map((part) => (part.type === 'tool' ? permissions.ofCall(part) : [])),
      );
      return rows.some((asked) => asked.length > 0 && asked.every(({ reply }) => reply !== undefined));
    }),
  );
  return [...new Set(turns.filter((_, index) => answered[index]).map(({ info }) => info.sessionID))];
}
