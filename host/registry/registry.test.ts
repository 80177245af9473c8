import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Notice } from '#shared/notice.ts';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodePorts } from '../node/node-ports.ts';
import type { Ports } from '../ports/ports.ts';
import { describeOwner } from '../store/lock-file.ts';
import { dataFolder } from './data-folder.ts';
import { createRegistry } from './registry.ts';
import type { StoreEntry } from './registry-file.ts';

const program = resolve(import.meta.dirname, '../../test-fixtures/programs/registry-writer.ts');
const { signal } = new AbortController();

function portsAt(home: string): Ports {
  const log = { write: () => undefined, level: 'error' } as const;
  const node = nodePorts({ surface: 'test', isTrusted: () => true, log });
  const variable = (name: string) => (name === 'XDG_DATA_HOME' ? join(home, 'data') : undefined);
  return { ...node, environment: { ...node.environment, homeDirectory: home, variable } };
}

function openRegistry(home: string) {
  const notices: Notice[] = [];
  const registry = createRegistry({ ...portsAt(home), onNotice: (notice) => notices.push(notice) });
  return { registry, notices, path: join(home, 'data/millrace/registry.json') };
}

function storage(home: string, name: string): string {
  mkdirSync(join(home, name), { recursive: true });
  return join(home, name);
}

const entry = (place: string, directory: string, lastUsed = 1): StoreEntry => ({
  ...{ storage: place, directory, identity: ['mark'], surface: 'test', lastUsed },
});

test('the registry lies in a folder of no editor, for this user alone, and a store is in it once for each folder', async () => {
  const home = tempFolder('registry');
  const { registry, path } = openRegistry(home);
  expect(await registry.read()).toEqual({ stores: [], answers: [] });
  const place = storage(home, 'one');
  await registry.enter([entry(place, '/a'), entry(place, '/b')], signal);
  await registry.enter([entry(place, '/a', 2)], signal);
  expect((await registry.read()).stores).toEqual([entry(place, '/a', 2), entry(place, '/b')]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, 'data/millrace')).mode & 0o777).toBe(0o700);
});

test.for([
  [{ platform: 'linux', XDG_DATA_HOME: '/data' }, '/data/millrace'],
  [{ platform: 'linux', XDG_DATA_HOME: 'relative' }, '/home/one/.local/share/millrace'],
  [{ platform: 'linux' }, '/home/one/.local/share/millrace'],
  [{ platform: 'darwin' }, '/home/one/Library/Application Support/millrace'],
  [{ platform: 'win32', LOCALAPPDATA: '/local' }, '/local/millrace'],
] as const)('with %j the data folder is %s', ([facts, expected]) => {
  const { platform, ...variables } = facts;
  const all: Record<string, string> = variables;
  const variable = (name: string) => all[name];
  expect(dataFolder({ platform, homeDirectory: '/home/one', surface: 'test', variable })).toBe(expected);
});

test('processes that enter their stores at the same time lose nothing', { timeout: 60_000 }, async () => {
  const home = tempFolder('registry');
  const env = { PATH: process.env['PATH'], HOME: home, XDG_DATA_HOME: join(home, 'data') };
  const writers = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    spawn(process.execPath, [program, storage(home, name), '8'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const { registry } = openRegistry(home);
  const here = storage(home, 'here');
  const own = ['/1', '/2', '/3'].map((directory) => registry.enter([entry(here, directory)], signal));
  const ends = await Promise.all(writers.map((writer) => once(writer, 'exit')));
  await Promise.all(own);
  expect(ends.map(([code]) => code)).toEqual([0, 0, 0, 0, 0]);
  expect((await registry.read()).stores).toHaveLength(5 * 8 + 3);
});

/** What a process leaves behind that is killed while it holds the lock. */
function leaveLock(path: string, pid: number | undefined, more: object = {}): void {
  const directory = join(path, '../registry-lock');
  const facts = { nonce: 'n', epoch: 1, surface: 'Code 1.101', pid: pid ?? 0 };
  const claim = { ...describeOwner({ ...facts, directory }), ...facts, ...more };
  writeFileSync(join(directory, 'LOCK-1'), JSON.stringify(claim));
}

test('a process that was killed while it held the lock is not waited for', async () => {
  const home = tempFolder('registry');
  const { registry, path } = openRegistry(home);
  await registry.enter([entry(storage(home, 'one'), '/a')], signal);
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'exit');
  for (const pid of [dead.pid, process.pid]) {
    leaveLock(path, pid);
    const start = performance.now();
    await registry.enter([entry(storage(home, 'two'), `/${pid}`)], signal);
    expect(performance.now() - start).toBeLessThan(2000);
  }
  expect((await registry.read()).stores).toHaveLength(3);
  writeFileSync(join(path, '../registry-lock/LOCK-1'), '');
  await registry.enter([entry(storage(home, 'two'), '/cut')], signal);
  expect(readdirSync(join(path, '../registry-lock'))).toEqual([]);
});

test('a process that is not seen from here is waited for, and named', { timeout: 20_000 }, async () => {
  const home = tempFolder('registry');
  const { registry, path } = openRegistry(home);
  await registry.enter([entry(storage(home, 'one'), '/a')], signal);
  leaveLock(path, 1, { host: 'another-container' });
  const late = registry.enter([entry(storage(home, 'two'), '/b')], signal);
  await expect(late).rejects.toMatchObject({
    code: 'registry.busy',
    message: expect.stringContaining('Code 1.101 (process 1)'),
  });
  expect((await registry.read()).stores).toHaveLength(1);
  await expect(registry.enter([], AbortSignal.abort(new Error('closed')))).rejects.toThrow('closed');
});

test.for([
  '',
  '{"format":"millrace-registry","version":1,"stores":[{"storage":1}],"answers":[]}',
  '{"format":"millrace-registry","version":1,"sto',
])('a registry that is damaged (%j) is set aside with a notice, and made anew', async (text) => {
  const home = tempFolder('registry');
  const { registry, notices, path } = openRegistry(home);
  await registry.enter([entry(storage(home, 'one'), '/a')], signal);
  writeFileSync(path, text);
  expect((await registry.read()).stores).toEqual([]);
  expect(readFileSync(path, 'utf8')).toBe(text);
  await registry.enter([entry(storage(home, 'two'), '/b')], signal);
  expect((await registry.read()).stores.map(({ directory }) => directory)).toEqual(['/b']);
  expect(readFileSync(join(path, '../registry.damaged.json'), 'utf8')).toBe(text);
  expect(notices).toMatchObject([{ code: 'registry.damaged', level: 'warning', data: { '0': path } }]);
});

test('a registry of a newer Millrace is told apart from a damaged one, and left as it is', async () => {
  const home = tempFolder('registry');
  const { registry, notices, path } = openRegistry(home);
  await registry.enter([entry(storage(home, 'one'), '/a')], signal);
  const text = '{"format":"millrace-registry","version":2,"places":{}}';
  writeFileSync(path, text);
  await expect(registry.read()).rejects.toMatchObject({ code: 'registry.newer' });
  await expect(registry.enter([entry('/s', '/b')], signal)).rejects.toMatchObject({ code: 'registry.newer' });
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(notices).toEqual([]);
});

test('a store whose folder is gone is dropped when another is entered', async () => {
  const home = tempFolder('registry');
  const { registry } = openRegistry(home);
  const [one, two] = [storage(home, 'one'), storage(home, 'two')];
  await registry.enter([entry(one, '/a'), entry(two, '/b')], signal);
  rmSync(one, { recursive: true });
  await registry.enter([entry(storage(home, 'three'), '/c')], signal);
  expect((await registry.read()).stores.map(({ directory }) => directory).sort()).toEqual(['/b', '/c']);
});

test('of more stores than are kept those that were used longest ago are dropped', async () => {
  const home = tempFolder('registry');
  const { registry } = openRegistry(home);
  const place = storage(home, 'one');
  const many = Array.from({ length: 2005 }, (_, index) => entry(place, `/${index}`, index));
  await registry.enter(many, signal);
  const { stores } = await registry.read();
  expect(stores).toHaveLength(2000);
  expect(stores.at(-1)?.lastUsed).toBe(5);
});
