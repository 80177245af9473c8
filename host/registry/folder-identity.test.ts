import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodeFiles } from '../node/files.ts';
import { nodeTextFiles } from '../node/text-files.ts';
import { identify, isSame } from './folder-identity.ts';
import { findRepository } from './git-folder.ts';

const world = { files: nodeFiles, textFiles: nodeTextFiles };

function git(directory: string, ...args: readonly string[]): void {
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main'];
  execFileSync('git', ['-C', directory, ...person, ...args], { stdio: 'ignore' });
}

/** A repository with one commit, in a folder of this name. */
function repository(home: string, name: string, remote?: string): string {
  const path = join(home, name);
  mkdirSync(join(path, 'src/deep'), { recursive: true });
  git(path, 'init');
  git(path, 'commit', '--allow-empty', '-m', 'first');
  if (remote !== undefined) git(path, 'remote', 'add', 'origin', remote);
  return path;
}

test('a repository that was renamed is the same, with a remote and without', async () => {
  const home = tempFolder('identity');
  for (const remote of [undefined, 'https://key:secret@example.com/a/b.git']) {
    const before = await identify(repository(home, 'old', remote), world);
    renameSync(join(home, 'old'), join(home, 'new'));
    const after = await identify(join(home, 'new'), world);
    expect(isSame(before, after)).toBe(true);
    expect(JSON.stringify(after)).not.toMatch(/secret|example/);
    rmSync(join(home, 'new'), { recursive: true });
  }
});

test('a folder that is no repository is the same under another name, and a copy of it is not', async () => {
  const home = tempFolder('identity');
  mkdirSync(join(home, 'old'));
  writeFileSync(join(home, 'old/a.txt'), 'a');
  const before = await identify(join(home, 'old'), world);
  cpSync(join(home, 'old'), join(home, 'copy'), { recursive: true });
  renameSync(join(home, 'old'), join(home, 'new'));
  expect(isSame(before, await identify(join(home, 'new'), world))).toBe(true);
  expect(isSame(before, await identify(join(home, 'copy'), world))).toBe(false);
});

test('a worktree and a clone are the same project, another folder of it is not', async () => {
  const home = tempFolder('identity');
  const main = repository(home, 'main', 'git@example.com:a/b.git');
  git(main, 'worktree', 'add', join(home, 'tree'));
  const clone = repository(home, 'clone', 'https://example.com/a/b');
  const other = repository(home, 'other', 'https://example.com/a/c');
  const identity = await identify(main, world);
  expect(isSame(identity, await identify(join(home, 'tree'), world))).toBe(true);
  expect(isSame(identity, await identify(clone, world))).toBe(true);
  expect(isSame(identity, await identify(other, world))).toBe(false);
  expect(isSame(identity, await identify(join(main, 'src'), world))).toBe(false);
  const deep = await identify(join(clone, 'src/deep'), world);
  expect(isSame(await identify(join(main, 'src/deep'), world), deep)).toBe(true);
});

test('a .git file that leads nowhere, or to no repository, makes no repository', async () => {
  const home = tempFolder('identity');
  for (const text of ['gitdir: /nowhere', 'gitdir: ..', 'nonsense', '']) {
    writeFileSync(join(home, '.git'), text);
    expect(await findRepository(home, world)).toBeUndefined();
  }
});

test('a repository whose configuration cannot be read is still known by where it is', async () => {
  const path = repository(tempFolder('identity'), 'main', 'https://example.com/a/b');
  const whole = await identify(path, world);
  rmSync(join(path, '.git/config'));
  mkdirSync(join(path, '.git/config'));
  expect(isSame(whole, await identify(path, world))).toBe(true);
});

// Only root can give a file to another user.
test.skipIf(process.geteuid?.() !== 0)(
  'a repository of another user above a folder does not say which project it is',
  async () => {
    const path = repository(tempFolder('identity'), 'theirs', 'https://example.com/a/b.git');
    const deep = join(path, 'src/deep');
    expect((await findRepository(deep, world))?.remote).toBe('example.com/a/b');
    for (const each of ['.git', '.']) {
      chownSync(join(path, each), 4242, 4242);
      expect(await findRepository(deep, world)).toBeUndefined();
      chownSync(join(path, each), 0, 0);
    }
    // The folder that was opened is the user's to judge.
    chownSync(path, 4242, 4242);
    expect((await findRepository(path, world))?.remote).toBe('example.com/a/b');
  },
);
