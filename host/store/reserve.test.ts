import { expect, test } from 'vitest';
import { faultyDisk } from './testing/faulty-disk.ts';
import { hookedDisk } from './testing/hooked-disk.ts';
import { diskError, MemoryDisk } from './testing/memory-disk.ts';
import { added, openToy } from './testing/toy-engine.ts';

const megabyte = 1024 * 1024;

test('a reserve is made in a quiet moment where room is, given back when the disk is full, and made again (R10)', () => {
  const disk = new MemoryDisk();
  disk.free = 100 * megabyte;
  const { engine, commit } = openToy(disk);
  commit(added('a'));
  engine.rest();
  expect(disk.read('reserve.bin')).toHaveLength(megabyte);
  engine.rest();
  const used = [...disk.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  disk.capacity = used + 1000;
  expect(commit(added('large', 'x'.repeat(200_000)))).toBe('store.unwritable');
  expect(disk.list('.')).not.toContain('reserve.bin');
  // What went on can be written down now.
  expect(commit(added('failure', 'the disk is full'))).toBe(2);
  disk.free = 10 * megabyte;
  engine.rest();
  expect(disk.list('.')).not.toContain('reserve.bin');
  disk.capacity = Number.MAX_SAFE_INTEGER;
  disk.free = 100 * megabyte;
  engine.rest();
  expect(disk.list('.')).toContain('reserve.bin');
  engine.close();
  expect(
    openToy(disk)
      .notes()
      .map(([id]) => id),
  ).toEqual(['a', 'failure']);
});

test.each(['create', 'write', 'sync', 'rename'])(
  'a reserve whose %s fails is no failure of the store, and tried again',
  (verb) => {
    const disk = new MemoryDisk();
    disk.free = 100 * megabyte;
    let failures = 0;
    const failing = hookedDisk(disk, (call) => {
      if (call.verb !== verb || !call.file.startsWith('reserve') || failures > 0) return undefined;
      failures += 1;
      throw diskError('ENOSPC', verb);
    });
    const { engine, commit, notices } = openToy(failing);
    engine.rest();
    expect(failures).toBe(1);
    expect(disk.list('.')).not.toContain('reserve.bin');
    expect(commit(added('a'))).toBe(1);
    expect([engine.state, notices]).toEqual([{ type: 'writable' }, []]);
    engine.rest();
    expect(disk.list('.').filter((name) => name.startsWith('reserve'))).toEqual(['reserve.bin']);
  },
);

test('another failure than a full disk leaves the reserve', () => {
  const disk = new MemoryDisk();
  disk.free = 100 * megabyte;
  const faulty = faultyDisk(disk, { kind: 'write', at: 5, code: 'EIO', isSticky: false });
  const { engine, commit } = openToy(faulty);
  engine.rest();
  commit(added('a'));
  for (let count = 0; count < 3; count++) commit(added(`b${count}`));
  expect(faulty.failed).toBe(1);
  expect(disk.list('.')).toContain('reserve.bin');
});
