import type { Clock } from '../../ports/clock.ts';

/** A clock that stands still until a test moves it. */
export interface SteppedClock {
  readonly clock: Clock;
  /** Milliseconds from now of the timers that are set. */
  readonly waiting: readonly number[];
  elapse(ms: number): void;
}

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

export function steppedClock(start = 0): SteppedClock {
  let now = start;
  const timers = new Set<Timer>();
  return {
    clock: {
      now: () => now,
      monotonic: () => now,
      after(ms, fire) {
        const timer = { due: now + ms, fire };
        timers.add(timer);
        return { [Symbol.dispose]: () => void timers.delete(timer) };
      },
    },
    get waiting() {
      return [...timers].map(({ due }) => due - now);
    },
    elapse(ms) {
      now += ms;
      for (const timer of [...timers].filter(({ due }) => due <= now)) {
        timers.delete(timer);
        timer.fire();
      }
    },
  };
}
