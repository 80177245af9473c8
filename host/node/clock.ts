import type { Clock } from '../ports/clock.ts';

/** What Node can wait for, some 24 days; asked for more it would not wait at all. */
const longestMs = 2 ** 31 - 1;

/** The machine's clocks. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, Math.min(ms, longestMs));
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
