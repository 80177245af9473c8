import { expect, test } from 'vitest';
import { chooseFolder, type EditorFolder, folderAt } from './choose-folder.ts';

const folder = (name: string, scheme = 'file'): EditorFolder => ({
  name,
  uri: { scheme, fsPath: `/home/${name}` },
});

test('a new session is tied to the folder of the active editor, else to the first', () => {
  const all = [folder('first'), folder('second')];
  expect(chooseFolder(all[1], all)).toEqual({ name: 'second', directory: '/home/second' });
  expect(chooseFolder(undefined, all)).toEqual({ name: 'first', directory: '/home/first' });
});

test('a folder that is not on the disk is passed over for the first that is', () => {
  const all = [folder('remote', 'memfs'), folder('local')];
  expect(chooseFolder(all[0], all)?.name).toBe('local');
  expect(chooseFolder(undefined, all)?.name).toBe('local');
  expect(chooseFolder(all[0], [folder('remote', 'memfs')])).toBeUndefined();
});

test('a folder that the window does not have open is not found', () => {
  const all = [folder('here'), folder('there', 'memfs')];
  expect(folderAt('/home/here', all)?.name).toBe('here');
  expect(folderAt('/home/there', all)).toBeUndefined();
  expect(folderAt('/home/gone', all)).toBeUndefined();
});
