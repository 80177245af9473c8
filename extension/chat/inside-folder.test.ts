import { expect, test } from 'vitest';
import { insideFolder } from './inside-folder.ts';

const where = { directory: '/home/one', folders: ['/home/one', '/home/two'] };

test.for([
  ['src/a.ts', '/home/one/src/a.ts'],
  ['/home/one/a.ts', '/home/one/a.ts'],
  ['../two/a.ts', '/home/two/a.ts'],
  ['..a/b.ts', '/home/one/..a/b.ts'],
])('%s lies in the workspace', ([path, resolved]) => {
  expect(insideFolder(path ?? '', where)).toBe(resolved);
});

test.for([
  '../three/a.ts',
  '/etc/passwd',
  '/home/one/../../etc/passwd',
  '/home/one-more/a.ts',
  '..',
  '//server/share/a.ts',
  '\\\\server\\share\\a.ts',
  '/\\server\\share',
])('%s is outside', (path) => {
  expect(insideFolder(path, where)).toBeUndefined();
});

test('without a folder everything is outside', () => {
  expect(insideFolder('/home/one/a.ts', { directory: '/home/one', folders: [] })).toBeUndefined();
});
