/** Puts calls that share a key in the order in which they came; others do not wait for each other (TL-18). */
export interface CallOrder {
  /**
   * Waits for its turn on all of its keys. Calls queue in the order of `enter`, even while their keys are still being
   * found out. Disposing lets the next one in. Rejects with the signal's reason, leaving the queue as it was.
   */
  enter(keys: () => Promise<readonly string[]>, signal: AbortSignal): Promise<Disposable>;
}

export function createCallOrder(): CallOrder {
  const tails = new Map<string, Promise<void>>();
  let doorkeeper: Promise<unknown> = Promise.resolve();

  const queue = async (keys: readonly string[]) => {
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const before = keys.map((key) => tails.get(key));
    for (const key of keys) {
      const tail = Promise.all([tails.get(key), left]).then(() => undefined);
      tails.set(key, tail);
      void tail.then(() => tails.get(key) === tail && tails.delete(key));
    }
    return { turn: Promise.all(before), leave };
  };

  return {
    enter: async (findKeys, signal) => {
      const place = doorkeeper.then(async () => queue([...new Set(await findKeys())]));
      // One whose keys cannot be found out does not stop those behind it.
      doorkeeper = place.catch(() => undefined);
      const { turn, leave } = await place;
      try {
        await untilAborted(turn, signal);
      } catch (error) {
        leave();
        throw error;
      }
      return { [Symbol.dispose]: leave };
    },
  };
}

/** Waits for something that cannot be aborted itself; leaves no listener behind. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
