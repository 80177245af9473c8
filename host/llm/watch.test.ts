import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { IdleTimeout, watchStream } from './watch.ts';

/** A clock that stands until it is moved. */
function handClock(): Clock & { advance(ms: number): void; readonly timers: number } {
  let now = 0;
  const timers = new Map<() => void, number>();
  return {
    now: () => now,
    after(ms, callback) {
      timers.set(callback, now + ms);
      return () => void timers.delete(callback);
    },
    advance(ms) {
      now += ms;
      for (const [callback, due] of [...timers]) {
        if (due > now) continue;
        timers.delete(callback);
        callback();
      }
    },
    get timers() {
      return timers.size;
    },
  };
}

const never = new Promise<never>(() => undefined);

test('silence ends a wait with IdleTimeout, and bytes put it off', async () => {
  const clock = handClock();
  using watch = watchStream({ signal: new AbortController().signal, idleMs: 1000, clock });
  const waiting = watch.guard(never);
  clock.advance(900);
  watch.touch();
  clock.advance(900);
  expect(watch.signal.aborted).toBe(false);
  clock.advance(200);
  await expect(waiting).rejects.toThrow(IdleTimeout);
  expect(watch.signal.aborted).toBe(true);
});

test('silence while nobody waits is no timeout', async () => {
  const clock = handClock();
  using watch = watchStream({ signal: new AbortController().signal, idleMs: 1000, clock });
  clock.advance(5000);
  await expect(watch.guard(Promise.resolve('late reader'))).resolves.toBe('late reader');
});

test('an abort ends the wait at once with its reason, and the first reason wins', async () => {
  const clock = handClock();
  const caller = new AbortController();
  using watch = watchStream({ signal: caller.signal, idleMs: 1000, clock });
  const waiting = watch.guard(never);
  const reason = new Error('enough');
  caller.abort(reason);
  clock.advance(5000);
  await expect(waiting).rejects.toBe(reason);
  expect(() => watch.throwIfStopped()).toThrow(reason);
  await expect(watch.guard(never)).rejects.toBe(reason);
});

test('a watch leaves no listener and no timer behind', () => {
  const clock = handClock();
  const caller = new AbortController();
  {
    using watch = watchStream({ signal: caller.signal, idleMs: 1000, clock });
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
    expect(clock.timers).toBe(1);
    watch.settle();
  }
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  expect(clock.timers).toBe(0);
});

test('leaving a stream before its end lets go of the connection, leaving it after does not', () => {
  const terms = { signal: new AbortController().signal, idleMs: 1000, clock: handClock() };
  const left = watchStream(terms);
  left[Symbol.dispose]();
  expect(left.signal.aborted).toBe(true);
  const ended = watchStream(terms);
  ended.settle();
  ended[Symbol.dispose]();
  expect(ended.signal.aborted).toBe(false);
});
