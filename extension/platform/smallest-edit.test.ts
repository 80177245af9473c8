import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallestEdit } from './smallest-edit.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n', '😀', '😁') });

test('the edit turns one text into the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { start, end, insert } = smallestEdit(before, after);
      expect(before.slice(0, start) + insert + before.slice(end)).toBe(after);
      expect(end).toBeGreaterThanOrEqual(start);
    }),
  );
});

test('only what differs is replaced', () => {
  expect(smallestEdit('one two three', 'one 2 three')).toEqual({ start: 4, end: 7, insert: '2' });
  expect(smallestEdit('same', 'same')).toEqual({ start: 4, end: 4, insert: '' });
  expect(smallestEdit('aa', 'aaa')).toEqual({ start: 2, end: 2, insert: 'a' });
});

test('a CRLF and a surrogate pair are never split', () => {
  expect(smallestEdit('a\r\nb', 'a\n\nb')).toEqual({ start: 1, end: 3, insert: '\n\n' });
  expect(smallestEdit('😀', '😁')).toEqual({ start: 0, end: 2, insert: '😁' });
});
