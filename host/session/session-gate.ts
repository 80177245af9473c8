import type { SessionID } from '#shared/ids.ts';
import { createCallOrder } from '../tool/call-order.ts';

/** Lets one at a time to a session: its drain, or what must not happen beside one. */
export interface SessionGate {
  /** Waits for its turn; disposing lets the next one in. Rejects with the signal's reason. */
  enter(id: SessionID, signal: AbortSignal): Promise<Disposable>;
  /** Interrupts the drains of these sessions and does the work before any other begins. */
  alone<T>(ids: readonly SessionID[], work: () => Promise<T>): Promise<T>;
  /** Resolves when no work that is done alone is left: what was begun is not broken off by a closing host. */
  idle(): Promise<void>;
}

/** `interrupt` ends a session's drain, and resolves when it has settled. */
export function createSessionGate(interrupt: (id: SessionID) => Promise<void>): SessionGate {
  const order = createCallOrder();
  const never = new AbortController().signal;
  const works = new Set<Promise<unknown>>();
  const doAlone = async <T>(ids: readonly SessionID[], work: () => Promise<T>): Promise<T> => {
    // The place in the queue is taken first: a drain that is woken meanwhile stands behind it.
    const entering = order.enter(async () => ids, never);
    await Promise.all(ids.map(interrupt));
    using _turn = await entering;
    return await work();
  };
  return {
    enter: (id, signal) => order.enter(async () => [id], signal),
    async alone(ids, work) {
      const done = doAlone(ids, work);
      works.add(done);
      try {
        return await done;
      } finally {
        works.delete(done);
      }
    },
    async idle() {
      while (works.size > 0) await Promise.allSettled(works);
    },
  };
}
