import { cpSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { StoreState } from './state.ts';
import { openToyStore, temporaryFolder } from './testing/toy-store.ts';

// Thousands of openings, or real processes' time limits: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

test('a commit is on the disk when it resolves, and there again after a reopen (RT-01)', async () => {
  using folder = temporaryFolder();
  const store = await openToyStore(join(folder.path, 'made', 'for', 'it'));
  expect(store.state).toEqual({ type: 'writable' });
  expect(await store.commit([{ type: 'note.added', id: 'a', text: 'one' }])).toEqual({ seq: 1 });
  expect(journal(join(folder.path, 'made', 'for', 'it'))).toContain('"one"');
  await store[Symbol.asyncDispose]();
  await using again = await openToyStore(join(folder.path, 'made', 'for', 'it'));
  expect(await again.read('note.get', { id: 'a' })).toBe('one');
  expect(await again.commit([{ type: 'note.added', id: 'b', text: 'two' }])).toEqual({ seq: 2 });
  expect(again.notices).toEqual([]);
});

test('commits made together are acknowledged in call order, and published before each promise resolves', async () => {
  using folder = temporaryFolder();
  await using store = await openToyStore(folder.path);
  const order: string[] = [];
  using _ = store.subscribe((events) => {
    for (const { seq, time, event } of events) order.push(`${seq} ${time} ${event.type} published`);
  });
  const first = store.commit([
    { type: 'note.added', id: 'a', text: '' },
    { type: 'note.tagged', id: 'a', name: 'x' },
  ]);
  const refused = store.commit([{ type: 'note.added', id: 'a', text: 'again' }]);
  const third = store.commit([{ type: 'note.changed', id: 'a', text: 'third' }]);
  await Promise.allSettled([
    first.then(({ seq }) => order.push(`${seq} resolved`)),
    refused.catch((error) => order.push(error.code)),
    third.then(({ seq }) => order.push(`${seq} resolved`)),
  ]);
  expect(order.filter((line) => line.endsWith('published'))).toEqual([
    '1 1700000000000 note.added published',
    '2 1700000000000 note.tagged published',
    '3 1700000000000 note.changed published',
  ]);
  expect(order.indexOf('2 resolved')).toBeGreaterThan(order.indexOf('2 1700000000000 note.tagged published'));
  expect(order).toContain('store.constraint');
  expect(order.indexOf('2 resolved')).toBeLessThan(order.indexOf('3 resolved'));
});

test('a read sees every commit called before it and answers only when they are on the disk', async () => {
  using folder = temporaryFolder();
  await using store = await openToyStore(folder.path);
  const acknowledged: string[] = [];
  for (let count = 0; count < 200; count++) {
    void store.commit([{ type: 'note.added', id: `n${count}`, text: `text ${count}` }]).then(() => {
      acknowledged.push(`n${count}`);
    });
    const notes = await store.read('note.all');
    const onDisk = journal(folder.path);
    expect(notes).toHaveLength(count + 1);
    for (const { text } of notes) expect(onDisk).toContain(`"${text}"`);
    expect(acknowledged).toHaveLength(count + 1);
  }
});

test('an unawaited commit that is refused does not end the process; a result that is not plain data fails alone', async () => {
  using folder = temporaryFolder();
  await using store = await openToyStore(folder.path);
  void store.commit([{ type: 'note.changed', id: 'none', text: '' }]);
  const [bad, good] = await Promise.allSettled([store.read('note.function'), store.read('tag.count')]);
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'store.defect' } });
  expect(good).toEqual({ status: 'fulfilled', value: 0 });
  await expect(store.commit([{ type: 'note.changed', id: 'none', text: '' }])).rejects.toMatchObject({
    code: 'store.conflict',
    data: { id: 'none' },
  });
});

test('disposing waits for what was called before it; afterwards everything is refused', async () => {
  using folder = temporaryFolder();
  const store = await openToyStore(folder.path);
  const commits = Array.from({ length: 50 }, (_, count) =>
    store.commit([{ type: 'note.added', id: `n${count}`, text: '' }]),
  );
  await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
  expect((await Promise.all(commits)).at(-1)).toEqual({ seq: 50 });
  await expect(store.commit([{ type: 'note.added', id: 'late', text: '' }])).rejects.toMatchObject({
    code: 'store.closed',
  });
  await expect(store.read('note.all')).rejects.toMatchObject({ code: 'store.closed' });
});

test('a second owner takes over: the first is told, keeps answering, and commits nothing any more', async () => {
  using folder = temporaryFolder();
  await using first = await openToyStore(folder.path, { surface: 'first window' });
  const states: StoreState[] = [];
  using _ = first.onStateChange((state) => states.push(state));
  await first.commit([{ type: 'note.added', id: 'a', text: 'mine' }]);
  await using second = await openToyStore(folder.path, { surface: 'second window' });
  await expect(first.commit([{ type: 'note.added', id: 'b', text: 'late' }])).rejects.toMatchObject({
    code: 'store.other-owner',
  });
  expect(states).toEqual([{ type: 'read-only', code: 'store.other-owner', data: { '0': 'second window' } }]);
  expect(first.notices.map(({ code }) => code)).toEqual(['store.other-owner']);
  expect(await first.read('note.get', { id: 'a' })).toBe('mine');
  expect((await second.read('note.all')).map(({ id }) => id)).toEqual(['a']);
  expect(await second.commit([{ type: 'note.added', id: 'c', text: '' }])).toEqual({ seq: 2 });
  expect(second.notices).toEqual([]);
});

test('with ownership `refuse` a living owner is left in peace, and named', async () => {
  using folder = temporaryFolder();
  await using first = await openToyStore(folder.path, { surface: 'the editor' });
  await expect(openToyStore(folder.path, { ownership: 'refuse' })).rejects.toMatchObject({
    code: 'store.locked',
    data: { pid: process.pid, surface: 'the editor' },
  });
  expect(await first.commit([{ type: 'note.added', id: 'a', text: '' }])).toEqual({ seq: 1 });
});

test('with ownership `refuse` an owner that ends meanwhile is waited for', async () => {
  using folder = temporaryFolder();
  const first = await openToyStore(folder.path);
  const second = openToyStore(folder.path, { ownership: 'refuse' });
  await first[Symbol.asyncDispose]();
  await using store = await second;
  expect(store.state).toEqual({ type: 'writable' });
});

test('a copy of a folder in use is nobody’s and opens at once', async () => {
  using folder = temporaryFolder();
  using copy = temporaryFolder();
  await using store = await openToyStore(folder.path);
  await store.commit([{ type: 'note.added', id: 'a', text: 'kept' }]);
  cpSync(folder.path, copy.path, { recursive: true });
  await using other = await openToyStore(copy.path, { ownership: 'refuse' });
  expect(await other.read('note.get', { id: 'a' })).toBe('kept');
  expect(await store.commit([{ type: 'note.added', id: 'b', text: '' }])).toEqual({ seq: 2 });
});

test('a worker that ends by itself refuses what waits, says so once, and does not take the process with it', async () => {
  using folder = temporaryFolder();
  const workerUrl = new URL('testing/failing-worker.ts', import.meta.url);
  await expect(openToyStore(folder.path, { workerUrl })).rejects.toMatchObject({ code: 'store.failed' });
  await using store = await openToyStore(folder.path, {
    workerUrl: new URL('testing/dying-worker.ts', import.meta.url),
  });
  await expect(store.read('note.all')).rejects.toMatchObject({ code: 'store.failed' });
  await expect(store.commit([{ type: 'note.added', id: 'a', text: '' }])).rejects.toMatchObject({
    code: 'store.failed',
  });
  expect(store.state).toMatchObject({ type: 'read-only', code: 'store.failed' });
  expect(store.notices).toHaveLength(1);
});

test('an opening that is given up rejects with the signal’s reason and leaves no owner behind', async () => {
  using folder = temporaryFolder();
  const aborted = AbortSignal.abort(new Error('closed the window'));
  await expect(openToyStore(folder.path, { signal: aborted })).rejects.toThrow('closed the window');
  const controller = new AbortController();
  const opening = openToyStore(folder.path, { signal: controller.signal });
  controller.abort(new Error('changed my mind'));
  await expect(opening).rejects.toThrow('changed my mind');
  await using store = await openToyStore(folder.path, { ownership: 'refuse' });
  expect(store.state).toEqual({ type: 'writable' });
});

test('the folder, its lock and its journal are for this user alone', async () => {
  using folder = temporaryFolder();
  const directory = join(folder.path, 'store');
  await using store = await openToyStore(directory);
  await store.commit([{ type: 'note.added', id: 'a', text: '' }]);
  expect(readdirSync(directory)).toEqual(['LOCK-1', 'journal-0000000000000001.log']);
  for (const name of ['.', 'LOCK-1', 'journal-0000000000000001.log']) {
    expect(statSync(join(directory, name)).mode & 0o077).toBe(0);
  }
  const lock = JSON.parse(readFileSync(join(directory, 'LOCK-1'), 'utf8'));
  expect(lock).toMatchObject({ pid: process.pid, epoch: 1, surface: 'test', released: false, directory });
});

test('a second without a commit is marked as a clean end, once', async () => {
  using folder = temporaryFolder();
  await using store = await openToyStore(folder.path);
  await store.commit([{ type: 'note.added', id: 'a', text: '' }]);
  const marked = Promise.withResolvers<void>();
  const watcher = watch(folder.path, () => {
    if (journal(folder.path).includes(mark)) marked.resolve();
  });
  await marked.promise;
  watcher.close();
  expect(journal(folder.path).split(mark)).toHaveLength(2);
});

test('a store for a short life keeps and answers as any other', async () => {
  using folder = temporaryFolder();
  const store = await openToyStore(folder.path, { lifetime: 'short' });
  await store.commit([{ type: 'note.added', id: 'a', text: 'x'.repeat(5000) }]);
  await store[Symbol.asyncDispose]();
  await using again = await openToyStore(folder.path, { lifetime: 'short', ownership: 'refuse' });
  expect(await again.read('note.get', { id: 'a' })).toHaveLength(5000);
});

test('a folder that is a file opens for reading, empty, and says why (R12)', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  writeFileSync(path, '');
  await using store = await openToyStore(join(path, 'store'));
  expect(store.state).toEqual({ type: 'read-only', code: 'store.unwritable', data: { '0': 'ENOTDIR' } });
  expect(await store.read('note.all')).toEqual([]);
  await expect(store.commit([{ type: 'note.added', id: 'a', text: '' }])).rejects.toMatchObject({
    code: 'store.unwritable',
  });
});

/** Type and payload of the record that marks a clean end. */
const mark = '\u0002{}';

/** What is on the disk of a store's journal, as text. */
function journal(directory: string): string {
  const files = readdirSync(directory).filter((name) => name.startsWith('journal-'));
  return files.map((name) => readFileSync(join(directory, name), 'latin1')).join('');
}
