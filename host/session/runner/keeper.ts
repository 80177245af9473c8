import { hasCode } from '#shared/host-error.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionStore } from '../session-store.ts';

/** How a drain makes facts durable. Facts become durable in the order they were given in, whichever way. */
export interface Keeper {
  /** Holds facts back, to share a commit with those that follow: nobody waits for them. */
  carry(events: readonly SessionEvent[]): void;
  /** Keeps facts without waiting: a failure comes out of the next `commit`. */
  keep(events: readonly SessionEvent[]): void;
  /** Resolves when these facts and all given before them are durable; rejects if any of them is not. */
  commit(events: readonly SessionEvent[]): Promise<void>;
}

/** Of one drain: made anew for each. */
export function createKeeper(store: SessionStore): Keeper {
  let carried: SessionEvent[] = [];
  let failure: { readonly error: unknown } | undefined;
  let underWay: Promise<void> = Promise.resolve();
  const send = (events: readonly SessionEvent[]) => {
    const all = [...carried, ...events];
    carried = [];
    return all.length > 0 ? store.commit(all) : undefined;
  };
  return {
    carry(events) {
      carried.push(...events);
    },
    keep(events) {
      const sent = send(events);
      underWay = Promise.all([underWay, sent]).then(
        () => undefined,
        (error: unknown) => {
          failure ??= { error };
        },
      );
    },
    async commit(events) {
      const held = carried;
      try {
        await send(events);
      } catch (error) {
        // Nothing of a refused commit is kept: what went along with it goes with the next.
        if (hasCode(error, 'store.conflict')) carried = [...held, ...carried];
        throw error;
      }
      await underWay;
      if (failure) throw failure.error;
    },
  };
}
