import { expect, test } from 'vitest';
import { forkTitle, titleLine } from './session-title.ts';

test('a title is one line of at most 200 characters', () => {
  expect(titleLine('  two\n\tlines  ')).toBe('two lines');
  expect(titleLine(' \n ')).toBe('');
  const long = titleLine(`${'a'.repeat(198)}😀 and more`);
  expect(long.length).toBeLessThanOrEqual(200);
  expect(long.isWellFormed()).toBe(true);
  expect(long.endsWith('…')).toBe(true);
});

test('forks are numbered by the first number that is free, whichever fork they came from (RT-19)', () => {
  expect(forkTitle('Rename', [])).toBe('Rename (fork 1)');
  expect(forkTitle('Rename', ['Rename (fork 1)', 'Rename (fork 3)'])).toBe('Rename (fork 2)');
  expect(forkTitle('Rename (fork 1)', ['Rename (fork 1)'])).toBe('Rename (fork 2)');
  expect(forkTitle('a'.repeat(200), []).length).toBeLessThanOrEqual(200);
});
