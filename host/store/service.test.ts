import { existsSync, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openToyStore, temporaryFolder } from './testing/toy-store.ts';

// Real worker threads on a real disk: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const long = (id: string): string => `the body of ${id}, `.repeat(300);
const never = { bytes: 1e12, records: 1e12, worthBytes: 1e12, worthRecords: 1e12, idle: 1e9 };

function snapshots(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => /^snapshot-.*\.bin$/.test(name));
}

function journalBytes(directory: string): number {
  return readdirSync(directory)
    .filter((name) => name.startsWith('journal-'))
    .reduce((sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Resolves when the folder looks so. */
async function seen(directory: string, isSo: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (isSo()) resolve();
  };
  const watcher = watch(directory, check);
  check();
  await promise;
  watcher.close();
}

test('over its threshold the store makes a snapshot when no request waits, and the journal gets short', async () => {
  using folder = temporaryFolder();
  await using store = await openToyStore(folder.path, { policy: { ...never, bytes: 50_000 } });
  const newest = (): string | undefined => snapshots(folder.path).toSorted().at(-1);
  for (let round = 0; round < 10; round++) {
    const before = newest();
    const notes = Array.from({ length: 16 }, (_, index) => `n${round}-${index}`);
    await Promise.all(notes.map((id) => store.commit([{ type: 'note.added', id, text: long(id) }])));
    // How much comes in before the store finds a pause is the machine's affair: here it gets one.
    await seen(folder.path, () => newest() !== before);
  }
  const isShort = (): boolean => journalBytes(folder.path) < (160 * long('n').length) / 2;
  await seen(folder.path, () => snapshots(folder.path).length === 2 && isShort());
  const found = await store.read('note.all');
  expect(found).toHaveLength(160);
  expect(found.every(({ id, text }) => text === long(id))).toBe(true);
  expect(store.notices).toEqual([]);
});

test('commits and reads that come while a snapshot is made are answered, in order', async () => {
  using folder = temporaryFolder();
  const store = await openToyStore(folder.path, { policy: { ...never, records: 0 } });
  for (let count = 0; count < 60; count++) {
    const commit = store.commit([{ type: 'note.added', id: `n${count}`, text: long(`n${count}`) }]);
    expect(await store.read('note.get', { id: `n${count}` })).toBe(long(`n${count}`));
    expect(await commit).toEqual({ seq: count + 1 });
  }
  await store[Symbol.asyncDispose]();
  expect([store.errors, store.notices]).toEqual([[], []]);
  await using again = await openToyStore(folder.path);
  expect((await again.read('note.all')).map(({ id }) => id)).toEqual(
    Array.from({ length: 60 }, (_, n) => `n${n}`),
  );
});

test('a long life ends with a snapshot if that is worth it, a short one only when it is due', async () => {
  for (const [lifetime, due, expected] of [
    ['long', false, 1],
    ['short', false, 0],
    ['short', true, 1],
  ] as const) {
    using folder = temporaryFolder();
    const policy = { ...never, worthRecords: 1, records: due ? 0 : 1e12 };
    const store = await openToyStore(folder.path, { lifetime, policy });
    await store.commit([{ type: 'note.added', id: 'a', text: long('a') }]);
    await store[Symbol.asyncDispose]();
    expect([lifetime, due, snapshots(folder.path).length]).toEqual([lifetime, due, expected]);
    await using again = await openToyStore(folder.path, { policy: never });
    expect(await again.read('note.get', { id: 'a' })).toBe(long('a'));
    expect(again.notices).toEqual([]);
  }
});

test('nothing new makes no snapshot at the end', async () => {
  using folder = temporaryFolder();
  for (let round = 0; round < 3; round++) {
    await using store = await openToyStore(folder.path);
    await store.read('note.all');
  }
  expect(snapshots(folder.path)).toEqual([]);
});

test('a store that nobody used for long makes the snapshot that is worth it', async () => {
  using folder = temporaryFolder();
  await using store = await openToyStore(folder.path, { policy: { ...never, worthRecords: 1, idle: 50 } });
  await store.commit([{ type: 'note.added', id: 'a', text: long('a') }]);
  await seen(folder.path, () => snapshots(folder.path).length === 1);
  expect(await store.read('note.get', { id: 'a' })).toBe(long('a'));
});

test('an erasure resolves when no file holds the words any more, while commits go on (decision 13)', async () => {
  using folder = temporaryFolder();
  const store = await openToyStore(folder.path);
  await store.commit([
    { type: 'note.added', id: 'ses_a.1', text: `secret ${long('a')}` },
    { type: 'note.added', id: 'ses_b.1', text: long('b') },
  ]);
  await store.commit([{ type: 'owner.deleted', owner: 'ses_a' }]);
  const erased = store.erase('ses_a');
  const commits = ['c', 'd', 'e'].map((id) => store.commit([{ type: 'note.added', id, text: long(id) }]));
  await erased;
  expect(holding(folder.path, 'secret')).toEqual([]);
  expect(existsSync(join(folder.path, 'bodies', 'ses_a.log'))).toBe(false);
  await Promise.all(commits);
  await store[Symbol.asyncDispose]();
  await using again = await openToyStore(folder.path);
  expect((await again.read('note.all')).map(({ id, text }) => [id, text.length])).toEqual(
    ['ses_b.1', 'c', 'd', 'e'].map((id) => [id, long(id.replace('ses_b.1', 'b')).length]),
  );
  expect([store.notices, again.notices]).toEqual([[], []]);
});

test('an erasure that is refused says why; one under way ends before the store does', async () => {
  using folder = temporaryFolder();
  const store = await openToyStore(folder.path, { lifetime: 'short', policy: never });
  await store.commit([{ type: 'note.added', id: 'ses_b.1', text: long('b') }]);
  await store.erase('ses_none');
  await expect(store.erase('ses_b')).rejects.toMatchObject({
    code: 'store.conflict',
    data: { shelf: 'ses_b' },
  });
  await store.commit([{ type: 'note.added', id: 'ses_a.1', text: 'secret' }]);
  await store.commit([{ type: 'owner.deleted', owner: 'ses_a' }]);
  const erased = store.erase('ses_a');
  const closed = store[Symbol.asyncDispose]();
  await erased;
  await closed;
  expect(holding(folder.path, 'secret')).toEqual([]);
});

test('the files that snapshots make are for this user alone', async () => {
  using folder = temporaryFolder();
  const store = await openToyStore(folder.path, { policy: { ...never, worthRecords: 1 } });
  await store.commit([{ type: 'note.added', id: 'ses_a.1', text: long('a') }]);
  await store[Symbol.asyncDispose]();
  for (const name of ['bodies', 'bodies/ses_a.log', ...snapshots(folder.path)]) {
    expect([name, statSync(join(folder.path, name)).mode & 0o077]).toEqual([name, 0]);
  }
});

function holding(directory: string, text: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(directory, name)).isFile())
    .filter((name) => readFileSync(join(directory, name)).includes(text));
}
