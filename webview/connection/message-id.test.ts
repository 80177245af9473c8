import { expect, test } from 'vitest';
import { createMessageID } from './message-id.ts';

test('message ids have the prefix and rise, also within one millisecond', () => {
  const ids = Array.from({ length: 500 }, createMessageID);
  expect(ids.every((id) => /^msg_[0-9A-Z]{26}$/u.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});
