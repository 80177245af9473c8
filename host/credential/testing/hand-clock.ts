import type { Clock } from '../../ports/clock.ts';

/** A clock that stands until it is moved. */
export interface HandClock extends Clock {
  advance(ms: number): void;
  /** Resolves when somebody waits, or already does, for exactly so long from now. */
  waited(ms: number): Promise<void>;
  /** Timers that have not fired. */
  readonly timers: number;
}

export function handClock(start = 1_000_000_000_000): HandClock {
  let now = start;
  const timers = new Set<{ readonly due: number; readonly fire: () => void }>();
  const watchers = new Set<() => void>();
  return {
    now: () => now,
    monotonic: () => now - start,
    after(ms, fire) {
      const timer = { due: now + ms, fire };
      timers.add(timer);
      for (const look of [...watchers]) look();
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
    advance(ms) {
      now += ms;
      for (const timer of [...timers]) {
        if (timer.due > now) continue;
        timers.delete(timer);
        timer.fire();
      }
    },
    waited(ms) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (![...timers].some(({ due }) => due === now + ms)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      return promise;
    },
    get timers() {
      return timers.size;
    },
  };
}
