import { expect, test, vi } from 'vitest';
import { headerSize } from './frame.ts';
import { faultyDisk } from './testing/faulty-disk.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, openToy } from './testing/toy-engine.ts';

// Thousands of openings, or real processes' time limits: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

/** Two earlier owners; the last one was killed in mid-write and left something to mend of each sort. */
function usedDisk(): MemoryDisk {
  const disk = new MemoryDisk(new Map([['x.tmp', Buffer.from('half')]]));
  const first = openToy(disk);
  first.commit(added('a'));
  first.engine.close();
  const second = openToy(disk);
  second.commit(added('b'), added('c'));
  const file = 'journal-0000000000000003.log';
  return disk.copy({ file, bytes: Buffer.concat([disk.read(file), Buffer.from('torn')]) });
}

test('a failed write refuses its group, and the next commit goes on in a new segment once the disk takes it (R10)', () => {
  const disk = new MemoryDisk();
  const faulty = faultyDisk(disk, { kind: 'write', at: 4, code: 'ENOSPC', isSticky: true });
  const { commit, engine, notes, notices } = openToy(faulty);
  expect(commit(added('a'))).toBe(1);
  expect(commit(added('b'))).toBe('store.unwritable');
  expect(engine.state).toEqual({ type: 'read-only', code: 'store.unwritable', data: { '0': 'ENOSPC' } });
  expect(commit(added('c'))).toBe('store.unwritable');
  expect(notes()).toEqual([['a', 'text of a']]);
  expect(notices.map(({ code }) => code)).toEqual(['store.readonly']);
  faulty.mend();
  expect(commit(added('d'))).toBe(2);
  expect(engine.state).toEqual({ type: 'writable' });
  expect(disk.list('.')).toEqual(['journal-0000000000000001.log', 'journal-0000000000000002.log']);
  expect(
    openToy(disk)
      .notes()
      .map(([id]) => id),
  ).toEqual(['a', 'd']);
});

test('a handle whose sync failed is never used again, and its records are cut (R11)', () => {
  const disk = new MemoryDisk();
  // Header, folder, the first commit, room behind it, then the second.
  const faulty = faultyDisk(disk, { kind: 'sync', at: 5, code: 'EIO', isSticky: false });
  const { commit, notes } = openToy(faulty);
  expect(commit(added('a'))).toBe(1);
  const good = recordsEnd(disk);
  expect(commit(added('b'))).toBe('store.unwritable');
  expect(disk.read(firstSegment).length).toBe(good);
  expect(commit(added('c'))).toBe(2);
  expect(disk.read(firstSegment).length).toBe(good);
  expect(notes().map(([id]) => id)).toEqual(['a', 'c']);
  expect(
    openToy(disk)
      .notes()
      .map(([id]) => id),
  ).toEqual(['a', 'c']);
});

test('acknowledged records that cannot be read again after a failed sync are reported as damage (R11)', () => {
  const disk = new MemoryDisk();
  const file = 'journal-0000000000000001.log';
  const faulty = faultyDisk(disk, { kind: 'sync', at: 5, code: 'EIO', isSticky: false });
  const { commit, engine } = openToy(faulty);
  commit(added('a'));
  const bytes = Buffer.from(disk.read(file));
  expect(commit(added('b'))).toBe('store.unwritable');
  disk.overwrite(file, bytes.fill(0, headerSize));
  expect(commit(added('c'))).toBe('store.damaged');
  expect(engine.state).toMatchObject({ code: 'store.damaged' });
});

test('a folder that cannot be written opens for reading with everything replayed (R12)', () => {
  for (const code of ['ENOSPC', 'EACCES', 'EROFS']) {
    for (const kind of ['create', 'write', 'sync'] as const) {
      const disk = usedDisk();
      const toy = openToy(faultyDisk(disk, { kind, at: 1, code, isSticky: true }));
      expect(toy.engine.state).toEqual({ type: 'read-only', code: 'store.unwritable', data: { '0': code } });
      expect(toy.notes().map(([id]) => id)).toEqual(['a', 'b', 'c']);
      expect(toy.notices.map((notice) => notice.code)).toContain('store.readonly');
      expect(toy.commit(added('d'))).toBe('store.unwritable');
    }
  }
});

const firstSegment = 'journal-0000000000000001.log';

/** Where the records of the first segment end and the room behind them begins. */
function recordsEnd(disk: MemoryDisk): number {
  return Buffer.from(disk.read(firstSegment)).lastIndexOf('}') + 1;
}

test('a call that fails because a new owner was quicker is put down to that owner, not to the disk', () => {
  const disk = new MemoryDisk(new Map([['x.tmp', Buffer.from('half')]]));
  // Two that open at the same moment both find the same file to remove, behind their own mark of an opening.
  const faulty = faultyDisk(disk, { kind: 'remove', at: 2, code: 'ENOENT', isSticky: false });
  const { engine, commit } = openToy(faulty, { fence: { holds: () => faulty.failed === 0 } });
  expect(faulty.failed).toBe(1);
  expect(engine.state).toMatchObject({ code: 'store.other-owner', data: { '0': 'another window' } });
  expect(commit(added('d'))).toBe('store.other-owner');
});
