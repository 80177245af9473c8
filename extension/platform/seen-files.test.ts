import { expect, test } from 'vitest';
import { countsBelow, editorsBelow } from './seen-files.ts';

const names = ['/home/me/link', '/data/project'];

test('only files of the folder are seen, by their path below it, each once', () => {
  const open = [
    '/home/me/link/src/a.ts',
    '/data/project/src/a.ts',
    '/data/project/b.ts',
    '/data/project-2/c.ts',
    '/data/project',
    '/etc/passwd',
    '/data/project/..hidden',
  ];
  expect(editorsBelow(names, { open, active: '/data/project/b.ts' })).toEqual([
    { path: 'src/a.ts', active: false },
    { path: 'b.ts', active: true },
    { path: '..hidden', active: false },
  ]);
});

test('an active file out of the folder marks none, and one without a tab is seen', () => {
  expect(editorsBelow(names, { open: ['/data/project/a'], active: '/etc/passwd' })).toEqual([
    { path: 'a', active: false },
  ]);
  expect(editorsBelow(names, { open: [], active: '/data/project/a' })).toEqual([{ path: 'a', active: true }]);
  expect(editorsBelow(names, { open: [], active: undefined })).toEqual([]);
});

test('problems are summed up by file, and files without any are left out', () => {
  const of = (path: string, errors: number, warnings: number) => ({ path, errors, warnings });
  const seen = [
    of('/data/project/a', 1, 2),
    of('/home/me/link/a', 1, 0),
    of('/data/project/b', 0, 0),
    of('/x', 9, 9),
  ];
  expect(countsBelow(names, seen)).toEqual([of('a', 2, 2)]);
});
