import { expect, test } from 'vitest';
import { nodeClock } from './clock.ts';

test('what is longer than Node can wait for does not end at once', async () => {
  let ended = false;
  using _years = nodeClock.after(2 ** 40, () => {
    ended = true;
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  // Asked for later and longer than the millisecond that Node makes of too much.
  using _later = nodeClock.after(20, resolve);
  await promise;
  expect(ended).toBe(false);
});
