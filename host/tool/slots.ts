import { untilAborted } from './call-order.ts';

/** A number of places; who comes later waits, first come first served. */
export interface Slots {
  /** Disposing gives the place to the next. */
  take(signal: AbortSignal): Promise<Disposable>;
}

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  const give = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return { [Symbol.dispose]: give };
      }
      const { promise: turn, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      try {
        await untilAborted(turn, signal);
      } catch (error) {
        const at = waiting.indexOf(resolve);
        // Its turn may have come in the same moment: then it is passed on.
        if (at >= 0) waiting.splice(at, 1);
        else give();
        throw error;
      }
      return { [Symbol.dispose]: give };
    },
  };
}
