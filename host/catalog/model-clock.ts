import type { Clock as ModelClock } from '../llm/clock.ts';
import type { Clock } from '../ports/clock.ts';

/** The host's time for the model core, which knows no ports. */
export function modelClock(clock: Clock): ModelClock {
  return {
    now: () => clock.now(),
    after(ms, callback) {
      const timer = clock.after(ms, callback);
      return () => timer[Symbol.dispose]();
    },
  };
}
