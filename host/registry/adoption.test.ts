import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostError, hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import type { Session } from '#shared/session.ts';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodePorts } from '../node/node-ports.ts';
import { createAdoption } from './adoption.ts';
import { identify } from './folder-identity.ts';
import { createRegistry } from './registry.ts';

const { signal } = new AbortController();
const log = { write: () => undefined, level: 'error' } as const;
const node = nodePorts({ surface: 'test', isTrusted: () => true, log });

const session = (id: string, directory: string, parentID?: string): Session => ({
  id: id as SessionID,
  directory,
  ...(parentID ? { parentID: parentID as SessionID } : {}),
  ...{ title: id, version: 'test', cost: 0, tokens: noTokens, time: { created: 1, updated: 1 } },
});

/** A user's machine: folders, a registry, and the sessions that each store holds. */
function machine() {
  const home = tempFolder('adoption');
  const environment = {
    ...node.environment,
    variable: (name: string) => (name === 'XDG_DATA_HOME' ? join(home, 'data') : undefined),
  };
  const registry = createRegistry({ ...node, environment, onNotice: () => undefined });
  const stores = new Map<string, Session[]>();
  /** Sessions and storage folders that cannot be read. */
  const damaged = new Set<string>();
  const storageOf = (name: string) => {
    const storage = join(home, name);
    mkdirSync(storage, { recursive: true });
    return storage;
  };
  return {
    damaged,
    /** Opens a folder in a store, as a host does at its opening. */
    async enter(name: string, directory: string, sessions: Session[] = []) {
      const storage = storageOf(name);
      const identity = await identify(directory, node);
      stores.set(storage, [...(stores.get(storage) ?? []), ...sessions]);
      await registry.enter([{ storage, directory, identity, surface: 'test', lastUsed: 1 }], signal);
      return storage;
    },
    /** The host of a store, with what it copied. */
    host(name: string, { trusted = true } = {}) {
      const storage = storageOf(name);
      const copied: string[] = [];
      const own = stores.get(storage) ?? [];
      stores.set(storage, own);
      const adoption = createAdoption({
        ...{ ...node, environment, registry, storage, isTrusted: () => trusted },
        openOther: async (place) => {
          if (damaged.has(place)) throw new HostError('store.absent', `There is no store in ${place}.`);
          return {
            sessions: async () => stores.get(place) ?? [],
            export: async (id) => {
              if (damaged.has(id)) throw new HostError('store.damaged', `${id} is damaged.`);
              return stores.get(place)?.find((each) => each.id === id);
            },
            [Symbol.asyncDispose]: () => Promise.resolve(),
          };
        },
        has: async (id) => own.some((each) => each.id === id),
        importInto: async (file, { directory }) => {
          const made = { ...(file as Session), directory };
          own.push(made);
          copied.push(made.id);
          return made;
        },
      });
      return { ...adoption, copied, storage };
    },
    repository(name: string) {
      const path = join(home, name);
      mkdirSync(path);
      execFileSync('git', ['-C', path, 'init'], { stdio: 'ignore' });
      return path;
    },
  };
}

test('sessions of a folder that was renamed are offered under its old path, and copied once, oldest first', async () => {
  const { repository, enter, host } = machine();
  const old = repository('old');
  const sessions = [session('ses_2', old), session('ses_1', old), session('ses_3', old, 'ses_2')];
  const storage = await enter('a', old, [...sessions, session('ses_4', '/elsewhere')]);
  const now = join(old, '../new');
  renameSync(old, now);
  const here = host('b');
  expect(await here.adoptable(now, signal)).toEqual([{ storage, directory: old, sessions: 2, lastUsed: 1 }]);
  const both = await Promise.all([
    here.adopt(storage, signal),
    here.adopt(storage, signal).catch((error: unknown) => hasCode(error, 'sessions.not-adoptable')),
  ]);
  expect(both).toEqual([2, true]);
  expect(here.copied).toEqual(['ses_1', 'ses_2']);
  expect(await here.adoptable(now, signal)).toEqual([]);
});

test('what was copied before a copy failed is not copied again', async () => {
  const { repository, enter, host } = machine();
  const old = repository('old');
  const storage = await enter('a', old, [session('ses_2', old), session('ses_1', old)]);
  const now = join(old, '../new');
  renameSync(old, now);
  await enter('b', now, [session('ses_1', now)]);
  const here = host('b');
  expect(await here.adoptable(now, signal)).toMatchObject([{ sessions: 1 }]);
  expect(await here.adopt(storage, signal)).toBe(1);
  expect(here.copied).toEqual(['ses_2']);
});

test('a session that is damaged, or a store that is gone, does not keep the others away', async () => {
  const { repository, enter, host, damaged } = machine();
  const old = repository('old');
  const storage = await enter('a', old, [session('ses_2', old), session('ses_1', old)]);
  damaged.add(await enter('gone', old, [session('ses_9', old)]));
  damaged.add('ses_1');
  const now = join(old, '../new');
  renameSync(old, now);
  const here = host('b');
  expect(await here.adoptable(now, signal)).toMatchObject([{ storage, sessions: 2 }]);
  await expect(here.adopt(storage, signal)).rejects.toThrow('ses_1 is damaged');
  expect(here.copied).toEqual(['ses_2']);
  damaged.clear();
  expect(await here.adoptable(now, signal)).toContainEqual({
    storage,
    directory: old,
    sessions: 1,
    lastUsed: 1,
  });
});

test('an offer that was declined is not made again, in whatever store, and none is made for what has no sessions', async () => {
  const { repository, enter, host } = machine();
  const old = repository('old');
  const storage = await enter('a', old, [session('ses_1', old)]);
  await enter('empty', old);
  const now = join(old, '../new');
  renameSync(old, now);
  const here = host('b');
  expect(await here.adoptable(now, signal)).toHaveLength(1);
  await here.decline(storage, signal);
  expect(await here.adoptable(now, signal)).toEqual([]);
  expect(await host('c').adoptable(now, signal)).toEqual([]);
  await expect(here.adopt(storage, signal)).rejects.toMatchObject({ code: 'sessions.not-adoptable' });
});

test('a worktree that is still there is offered where it was never opened, and not where it was', async () => {
  const { repository, enter, host } = machine();
  const main = repository('main');
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  execFileSync('git', ['-C', main, ...person, 'commit', '--allow-empty', '-m', 'x'], { stdio: 'ignore' });
  const tree = join(main, '../tree');
  execFileSync('git', ['-C', main, 'worktree', 'add', tree], { stdio: 'ignore' });
  await enter('a', main, [session('ses_1', main)]);
  expect(await host('b').adoptable(tree, signal)).toHaveLength(1);
  await enter('both', main);
  expect(await host('both').adoptable(tree, signal)).toEqual([]);
});

test('one folder in two windows is offered; that of the command line is seen anyway, and is not', async () => {
  const { repository, enter, host } = machine();
  const folder = repository('folder');
  await enter('window', folder, [session('ses_1', folder)]);
  await enter('data/millrace/locations/x/1', folder, [session('ses_2', folder)]);
  expect(await host('multi-root').adoptable(folder, signal)).toMatchObject([
    { directory: folder, sessions: 1 },
  ]);
  expect(await host('data/millrace/locations/x/2').adoptable(folder, signal)).toEqual([]);
});

test('another project that has taken the old place does not hide the sessions of the one that was there', async () => {
  const { repository, enter, host } = machine();
  const old = repository('old');
  await enter('a', old, [session('ses_1', old)]);
  const now = join(old, '../new');
  renameSync(old, now);
  repository('old');
  expect(await host('b').adoptable(now, signal)).toMatchObject([{ directory: old }]);
});

test('nothing is offered for a folder that is not trusted, and nothing for one that is not there', async () => {
  const { repository, enter, host } = machine();
  const old = repository('old');
  await enter('a', old, [session('ses_1', old)]);
  const now = join(old, '../new');
  renameSync(old, now);
  expect(await host('b', { trusted: false }).adoptable(now, signal)).toEqual([]);
  rmSync(now, { recursive: true });
  expect(await host('b').adoptable(now, signal)).toEqual([]);
});
