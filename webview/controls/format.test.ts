import { expect, test } from 'vitest';
import { formatDuration, shortPath, splitPath } from './format.ts';

test.each([
  [0, '0.0 s'],
  [-5, '0.0 s'],
  [3_240, '3.2 s'],
  [9_960, '10 s'],
  [41_000, '41 s'],
  [59_700, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_720_000, '1 h 2 min'],
])('%d ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  ['/w/app/a.ts', '/w', 'app/a.ts'],
  ['/w/app/a.ts', '/w/', 'app/a.ts'],
  ['/wide/a.ts', '/w', '/wide/a.ts'],
  ['/w', '/w', '/w'],
  ['C:\\w\\a.ts', 'C:\\w', 'a.ts'],
  ['a.ts', '/w', 'a.ts'],
  ['/a.ts', '', '/a.ts'],
])('%s in %s is shown as %s', (path, directory, short) => {
  expect(shortPath(path, directory)).toBe(short);
});

test('a path is cut before its name', () => {
  expect(splitPath('a/b/c.ts')).toEqual({ folder: 'a/b/', name: 'c.ts' });
  expect(splitPath('c.ts')).toEqual({ folder: '', name: 'c.ts' });
});
