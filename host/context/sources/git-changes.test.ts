import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../../location/testing/temp-folder.ts';
import type { Command } from '../../ports/processes.ts';
import type { SourceWorld } from '../source-world.ts';
import { promoting, sourceWorld } from '../testing/source-world.ts';
import { changesSource } from './git-changes.ts';

let project: string;

beforeEach(() => {
  project = join(tempFolder('git'), 'project');
  mkdirSync(project);
});

async function told(given: Partial<SourceWorld> = {}, directory = project): Promise<string | undefined> {
  const source = changesSource(sourceWorld(directory, given));
  const value = await source.observe(promoting);
  return value === undefined ? undefined : source.read(value)?.baseline();
}

const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.test'];
const git = (...args: readonly string[]) =>
  execFileSync('git', [...identity, ...args], { cwd: project, stdio: 'ignore' });
const put = (name: string, text = name) => writeFileSync(join(project, name), text);

/** A repository with three committed files. */
function repository(): void {
  git('init', '-q');
  for (const name of ['a', 'b', 'c']) put(name);
  git('add', '.');
  git('commit', '-q', '-m', 'x');
}

function executable(path: string, text: string): string {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

test('what is uncommitted is counted by kind', async () => {
  repository();
  expect(await told()).toBe('Git status of the working folder: nothing uncommitted.');
  put('a', 'changed');
  put('b', 'staged');
  git('add', 'b');
  put('b', 'and changed again');
  put('new');
  mkdirSync(join(project, 'folder'));
  put('folder/x');
  put('folder/y');
  expect(await told()).toBe('Git status of the working folder: 1 staged, 2 changed, 2 untracked.');
});

test('a conflict is counted as such', async () => {
  repository();
  git('checkout', '-q', '-b', 'other');
  put('a', 'theirs');
  git('commit', '-q', '-a', '-m', 'theirs');
  git('checkout', '-q', '-');
  put('a', 'mine');
  git('commit', '-q', '-a', '-m', 'mine');
  expect(() => git('merge', '-q', 'other')).toThrow();
  expect(await told()).toBe('Git status of the working folder: 1 conflicted.');
});

test('a Location below the root tells what lies in it', async () => {
  repository();
  put('a', 'changed');
  mkdirSync(join(project, 'app'));
  put('app/new');
  expect(await told({}, join(project, 'app'))).toBe('Git status of the working folder: 1 untracked.');
});

test('in an untrusted folder nothing of git runs (QA-02)', async () => {
  repository();
  const processes = {
    start: ({ program }: Command) => Promise.reject(new Error(`${program} was started`)),
    environment: () => ({}),
  };
  expect(await told({ processes, isTrusted: () => false })).toBeUndefined();
});

test('no hook and no watcher of the repository runs, and nothing is written into .git', async () => {
  repository();
  const trace = join(project, '..', 'trace');
  const script = `#!/bin/sh\necho ran >> '${trace}'\n`;
  const hooks = join(project, '..', 'hooks');
  mkdirSync(hooks);
  executable(join(hooks, 'post-index-change'), script);
  git('config', 'core.hooksPath', hooks);
  git('config', 'core.fsmonitor', executable(join(project, '..', 'watcher'), script));
  // The same content at another time: git would like to write down that it looked.
  put('a');
  const before = statSync(join(project, '.git', 'index'), { bigint: true }).mtimeNs;
  const index = execFileSync('sha1sum', [join(project, '.git', 'index')], { encoding: 'utf8' });
  expect(await told()).toBe('Git status of the working folder: nothing uncommitted.');
  expect(existsSync(trace)).toBe(false);
  expect(statSync(join(project, '.git', 'index'), { bigint: true }).mtimeNs).toBe(before);
  expect(execFileSync('sha1sum', [join(project, '.git', 'index')], { encoding: 'utf8' })).toBe(index);
});

test('a repository that lies hidden among the project’s own files is not taken for one', async () => {
  repository();
  const trace = join(project, '..', 'trace');
  const filter = executable(join(project, '..', 'filter'), `#!/bin/sh\necho ran >> '${trace}'\ncat\n`);
  const hidden = join(project, 'hidden');
  execFileSync('git', ['init', '-q', '--bare', hidden]);
  for (const [key = '', value = ''] of [
    ['core.bare', 'false'],
    ['core.worktree', hidden],
    ['filter.x.clean', filter],
  ])
    execFileSync('git', ['config', '-f', join(hidden, 'config'), key, value]);
  put('hidden/.gitattributes', '* filter=x');
  put('hidden/tracked', 'one');
  execFileSync('git', ['--git-dir', hidden, 'add', 'tracked'], { cwd: hidden, stdio: 'ignore' });
  rmSync(trace);
  put('hidden/tracked', 'two');
  await expect(told({}, hidden)).rejects.toMatchObject({ code: 'context.git' });
  expect(existsSync(trace)).toBe(false);
});

test('without git or a repository there is nothing to tell; a git that refuses is a failure', async () => {
  expect(await told()).toBeUndefined();
  mkdirSync(join(project, '.git'));
  await expect(told()).rejects.toMatchObject({
    code: 'context.git',
    message: expect.stringContaining('not a git repository'),
  });
  const search = { ripgrep: async () => undefined, program: async () => undefined };
  expect(await told({ search })).toBeUndefined();
});

test('a git that hangs is ended when the observation is told to stop', async () => {
  repository();
  const started = join(project, '..', 'started');
  const slow = executable(join(project, '..', 'git'), `#!/bin/sh\necho $$ > '${started}'\nexec sleep 600\n`);
  const search = { ripgrep: async () => undefined, program: async () => slow };
  const stop = new AbortController();
  const reason = new Error('enough');
  const observing = changesSource(sourceWorld(project, { search })).observe({
    ...promoting,
    signal: stop.signal,
  });
  await expect.poll(() => existsSync(started) && statSync(started).size > 0).toBe(true);
  const pid = execFileSync('cat', [started], { encoding: 'utf8' }).trim();
  stop.abort(reason);
  await expect(observing).rejects.toBe(reason);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('counting stops at 10,000 entries and says so', async () => {
  mkdirSync(join(project, '.git'));
  const many = executable(join(project, '..', 'git'), `#!/bin/sh\nyes '?? x' | tr '\\n' '\\0'\n`);
  const search = { ripgrep: async () => undefined, program: async () => many };
  expect(await told({ search })).toBe('Git status of the working folder: at least 10000 untracked.');
});
