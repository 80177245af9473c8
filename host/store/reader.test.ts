import { appendFileSync, chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Disk } from './disk.ts';
import { Reader } from './reader.ts';
import { type DiskCall, hookedDisk, type Verb } from './testing/hooked-disk.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, openToy, type Toy, toySql } from './testing/toy-engine.ts';
import { toyProjection } from './testing/toy-projection.ts';
import { openToyStore, temporaryFolder } from './testing/toy-store.ts';

// Real worker threads: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const long = (id: string): string => `the body of ${id}, `.repeat(300);
const reading: ReadonlySet<Verb> = new Set<Verb>(['list', 'read']);

function openReader(disk: Disk): {
  readonly reader: Reader;
  readonly notices: readonly string[];
  ids(): readonly string[];
} {
  const notices: string[] = [];
  const reader = new Reader({
    disk,
    sql: toySql,
    projections: [toyProjection],
    events: {
      notify: ({ code }) => notices.push(code),
      stateChanged: () => undefined,
      defect: (error) => notices.push(String(error)),
    },
  });
  return {
    reader,
    notices,
    ids: () => (reader.read('note.all', undefined) as readonly { id: string }[]).map(({ id }) => id),
  };
}

/** The disk, while its owner does something right before a call that fits. */
function meanwhile(disk: Disk, fits: (call: DiskCall, count: number) => boolean, act: () => void): Disk {
  let count = 0;
  return hookedDisk(disk, (call) => {
    expect(reading).toContain(call.verb);
    count += 1;
    if (fits(call, count)) act();
    return undefined;
  });
}

function ownedBy(disk: MemoryDisk): Toy & { step(id: string): void } {
  const toy = openToy(disk, { policy: eager });
  return Object.assign(toy, {
    step(id: string) {
      toy.commit(added(id, long(id)));
      toy.upkeep();
    },
  });
}

test('whatever the owner does between two reads, a reader gets a beginning of the history, and changes nothing', () => {
  for (let at = 1; at < 40; at++) {
    const disk = new MemoryDisk();
    const owner = ownedBy(disk);
    for (const id of ['a', 'b', 'c']) owner.step(id);
    owner.commit(added('d', long('d')));
    const { reader, notices, ids } = openReader(
      meanwhile(
        disk,
        (_, count) => count === at,
        () => {
          for (const id of ['e', 'f', 'g']) owner.step(id);
        },
      ),
    );
    const found = ids();
    expect([at, found]).toEqual([at, 'abcdefg'.split('').slice(0, found.length)]);
    expect(found.length).toBeGreaterThanOrEqual(4);
    expect(notices).toEqual([]);
    expect(reader.state).toEqual({ type: 'read-only', code: 'store.reading', data: {} });
  }
});

test('a body that a snapshot moved meanwhile is found where it is now', () => {
  const disk = new MemoryDisk();
  const owner = ownedBy(disk);
  owner.commit(added('a', long('a')));
  const { reader } = openReader(disk);
  expect(reader.read('note.column', { id: 'a' })).toMatch(/^@/);
  for (const id of ['b', 'c', 'd']) owner.step(id);
  expect(disk.list('.')).not.toContain('journal-0000000000000001.log');
  expect(reader.read('note.get', { id: 'a' })).toBe(long('a'));
});

test('a write of the owner that is only half there is not damage, and not reported', () => {
  const disk = new MemoryDisk();
  const owner = ownedBy(disk);
  owner.commit(added('a'));
  owner.commit(added('b'));
  const file = 'journal-0000000000000001.log';
  const bytes = Buffer.from(disk.read(file));
  const { ids, notices } = openReader(disk.copy({ file, bytes: bytes.subarray(0, bytes.lastIndexOf('}')) }));
  expect(ids()).toEqual(['a']);
  expect(notices).toEqual([]);
});

test('damage that stays is told after a few attempts', () => {
  const disk = new MemoryDisk();
  const owner = ownedBy(disk);
  for (const id of ['a', 'b', 'c']) owner.commit(added(id));
  const file = 'journal-0000000000000001.log';
  const bytes = Buffer.from(disk.read(file));
  bytes.writeUInt8(1, 60);
  let lists = 0;
  const damaged = hookedDisk(disk.copy({ file, bytes }), ({ verb }) => {
    lists += Number(verb === 'list');
    return undefined;
  });
  const { reader, notices } = openReader(damaged);
  expect(reader.state).toMatchObject({ code: 'store.damaged' });
  expect(notices).toEqual(['store.damaged']);
  expect(lists).toBe(10);
});

test('a store opened to read beside its owner answers, refuses commits, and the owner goes on', async () => {
  using folder = temporaryFolder();
  await using owner = await openToyStore(folder.path);
  await owner.commit([{ type: 'note.added', id: 'a', text: long('a') }]);
  await using reader = await openToyStore(folder.path, { ownership: 'read' });
  expect(reader.state).toEqual({ type: 'read-only', code: 'store.reading', data: {} });
  expect(await reader.read('note.get', { id: 'a' })).toBe(long('a'));
  const refused = { code: 'store.reading' };
  await expect(reader.commit([{ type: 'note.added', id: 'b', text: '' }])).rejects.toMatchObject(refused);
  await expect(reader.erase('ses_a')).rejects.toMatchObject(refused);
  expect(await owner.commit([{ type: 'note.added', id: 'b', text: '' }])).toEqual({ seq: 2 });
  expect(owner.state).toEqual({ type: 'writable' });
  expect([...reader.notices, ...owner.notices]).toEqual([]);
});

test('reading a folder changes no byte of it, not even what its owner would mend', async () => {
  using folder = temporaryFolder();
  const owner = await openToyStore(folder.path);
  await owner.commit([{ type: 'note.added', id: 'a', text: 'kept' }]);
  await owner[Symbol.asyncDispose]();
  appendFileSync(join(folder.path, 'journal-0000000000000001.log'), 'torn');
  writeFileSync(join(folder.path, 'snapshot-0000000000000009.bin.tmp'), 'half');
  const before = contents(folder.path);
  chmodSync(folder.path, 0o500);
  const reader = await openToyStore(folder.path, { ownership: 'read', lifetime: 'short' });
  expect(await reader.read('note.get', { id: 'a' })).toBe('kept');
  await reader[Symbol.asyncDispose]();
  chmodSync(folder.path, 0o700);
  expect(contents(folder.path)).toEqual(before);
});

test('a folder that is not there is not made by who wants to read it', async () => {
  using folder = temporaryFolder();
  const directory = join(folder.path, 'none');
  await expect(openToyStore(directory, { ownership: 'read' })).rejects.toMatchObject({
    code: 'store.absent',
    data: { directory },
  });
  expect(readdirSync(folder.path)).toEqual([]);
});

function contents(directory: string): readonly (readonly [string, string])[] {
  return readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'latin1')] as const);
}
