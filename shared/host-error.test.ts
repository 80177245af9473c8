import { expect, test } from 'vitest';
import { HostError, hasCode } from './host-error.ts';

test('an error that another bundle’s copy of the class made is one, and others are none', () => {
  class Copy extends Error {
    override readonly name = 'HostError';
    readonly code = 'store.locked';
    readonly data = {};
  }
  expect(new Copy()).toBeInstanceOf(HostError);
  expect(hasCode(new Copy(), 'store.locked')).toBe(true);
  expect(hasCode(new Copy(), 'store.newer')).toBe(false);
  expect(new HostError('a', 'b')).toBeInstanceOf(HostError);
  for (const other of [
    new Error('HostError'),
    Object.assign(new Error('x'), { code: 'ENOENT' }),
    { code: 'a' },
    null,
  ])
    expect(other).not.toBeInstanceOf(HostError);
});
