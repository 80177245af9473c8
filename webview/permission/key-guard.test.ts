import { expect, test } from 'vitest';
import { answerOf, deafFor, hearsKey, onlyMoves } from './key-guard.ts';

test('a card hears no key in its first 400 milliseconds', () => {
  expect(deafFor).toBe(400);
  expect(hearsKey({ shownAt: 1_000, at: 1_000, repeat: false })).toBe(false);
  expect(hearsKey({ shownAt: 1_000, at: 1_399, repeat: false })).toBe(false);
  expect(hearsKey({ shownAt: 1_000, at: 1_400, repeat: false })).toBe(true);
});

test('a key that is held down is never heard', () => {
  expect(hearsKey({ shownAt: 0, at: 10_000, repeat: true })).toBe(false);
});

test('an event from before the card is not heard', () => {
  expect(hearsKey({ shownAt: 1_000, at: 900, repeat: false })).toBe(false);
});

test('1 to 4 are the four answers in the order of the buttons (TL-09)', () => {
  expect(['1', '2', '3', '4'].map((key) => answerOf(key, true))).toEqual([
    'once',
    'always',
    'reject',
    'never',
  ]);
});

test('a key for what is not offered does nothing', () => {
  expect(answerOf('2', false)).toBeUndefined();
  for (const key of ['0', '5', 'Enter', ' ', 'y', '12', 'Escape'])
    expect(answerOf(key, true)).toBeUndefined();
});

test('keys that only move the focus are told from those that act', () => {
  for (const key of ['Tab', 'Shift', 'ArrowDown', 'PageUp', 'Escape']) expect(onlyMoves(key)).toBe(true);
  for (const key of ['Enter', ' ', '1', 'a']) expect(onlyMoves(key)).toBe(false);
});
