import { expect, test } from 'vitest';
import type { FromWebview } from '#shared/protocol.ts';
import { describeFault, watchFaults } from './faults.ts';

const rejection = (reason: unknown) => Object.assign(new Event('unhandledrejection'), { reason });

function watch() {
  const target = new EventTarget();
  const posted: FromWebview[] = [];
  const shown: string[] = [];
  let resyncs = 0;
  const stop = watchFaults(target as Window, {
    post: (message) => posted.push(message),
    show: (message) => shown.push(message),
    resync: () => {
      resyncs += 1;
    },
  });
  return { target, posted, shown, stop, resyncs: () => resyncs };
}

test('a rejected promise is reported, shown, and the state asked for again (UI-06)', () => {
  const { target, posted, shown, resyncs } = watch();
  target.dispatchEvent(rejection(new Error('lost')));
  expect(posted).toMatchObject([{ type: 'error.report', message: 'lost' }]);
  expect(shown).toEqual(['lost']);
  expect(resyncs()).toBe(1);
});

test('a thrown error is reported', () => {
  const { target, posted } = watch();
  target.dispatchEvent(Object.assign(new Event('error'), { error: new TypeError('bad'), message: 'bad' }));
  expect(posted).toMatchObject([{ type: 'error.report', message: 'bad' }]);
});

test('a fault in a loop does not flood the host', () => {
  const { target, posted } = watch();
  for (let index = 0; index < 1_000; index += 1) target.dispatchEvent(rejection(index));
  expect(posted).toHaveLength(20);
});

test('a resize that needs a second frame is no fault', () => {
  const { target, posted } = watch();
  const message = 'ResizeObserver loop completed with undelivered notifications.';
  target.dispatchEvent(Object.assign(new Event('error'), { message }));
  expect(posted).toEqual([]);
});

test('nothing is heard after the end', () => {
  const { target, posted, stop } = watch();
  stop();
  target.dispatchEvent(rejection('late'));
  expect(posted).toEqual([]);
});

test.each([
  ['text', 'text'],
  [undefined, 'undefined'],
  [{ a: 1 }, '[object Object]'],
])('anything can be thrown: %j', (fault, message) => {
  expect(describeFault(fault)).toEqual({ message, stack: '' });
});

test('a report is bounded', () => {
  expect(describeFault(new Error('x'.repeat(100_000))).message).toHaveLength(4_000);
});
