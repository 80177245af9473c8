import { crc32 } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import type { Disk } from './disk.ts';
import { headerSize, recordHeadSize } from './frame.ts';
import { type Fault, type FaultKind, faultyDisk } from './testing/faulty-disk.ts';
import { liveAndDie, Violation } from './testing/lives.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, freeToys, openToy } from './testing/toy-engine.ts';

// Thousands of openings, or real processes' time limits: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const kinds: readonly FaultKind[] = [
  'write',
  'sync',
  'create',
  'rename',
  'remove',
  'truncate',
  'folder',
  'list',
  'read',
];

function* everyFault(): Generator<Fault> {
  const manners = ['EIO', 'ENOSPC', 'EROFS'].flatMap((code) => [
    { code, isSticky: false },
    { code, isSticky: true },
  ]);
  for (const kind of kinds) {
    for (const manner of manners) {
      for (let at = 1; at <= 9; at++) yield { kind, at, ...manner };
    }
  }
}

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

test('whichever call of the disk fails, once or for good: what is acknowledged stays, what is refused does not come back', () => {
  let failures = 0;
  for (const fault of everyFault()) {
    const disk = usedDisk();
    const faulty = faultyDisk(disk, fault);
    const toy = openToy(faulty);
    const acknowledged = ['a', 'b', 'c'];
    for (const id of ['d', 'e', 'f', 'g']) {
      const isKept = typeof toy.commit(added(id)) === 'number';
      if (isKept) acknowledged.push(id);
      if (toy.engine.state.type === 'writable')
        expect(toy.notes().map(([each]) => each)).toEqual(acknowledged);
    }
    if (toy.engine.state.type === 'read-only') expect(toy.notices.at(-1)?.level).toBe('error');
    toy.engine.close();
    failures += faulty.failed;
    const again = openToy(disk.copy());
    expect([fault, again.engine.state]).toEqual([fault, { type: 'writable' }]);
    expect([fault, again.notes().map(([id]) => id)]).toEqual([fault, acknowledged]);
    expect(openToy(disk.copy()).notes()).toEqual(again.notes());
    freeToys();
  }
  expect(failures).toBeGreaterThan(300);
});

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

test('no power cut or kill, at whatever call, loses or alters what was acknowledged, or raises a false alarm (RT-01)', () => {
  let images = 0;
  let torn = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const report = inSeed(seed, () => liveAndDie(seed));
    images += report.images;
    torn += report.torn;
  }
  expect(images).toBeGreaterThan(200);
  expect(torn).toBeGreaterThan(20);
});

const mutants: Readonly<Record<string, (disk: Disk) => Disk>> = {
  'does not sync its records': (disk) => ({
    ...bound(disk),
    create: (file) => ({ ...disk.create(file), sync: () => undefined }),
  }),
  'does not sync its folder': (disk) => ({ ...bound(disk), syncFolder: () => undefined }),
  'does not sync what a killed owner left': (disk) => ({ ...bound(disk), sync: () => undefined }),
  'does not look at checksums': (disk) => ({
    ...bound(disk),
    read: (file) => withGoodChecksums(disk.read(file)),
  }),
  'writes a segment before its header is durable': (disk) => ({
    ...bound(disk),
    create(file) {
      const handle = disk.create(file);
      let syncs = 0;
      // The first sync is the header's.
      return { ...handle, sync: () => (syncs++ === 0 ? undefined : handle.sync()) };
    },
    syncFolder: () => undefined,
  }),
};

test.each(Object.entries(mutants))('a store that %s is found out by the power cuts', (_, spoil) => {
  const findings: string[] = [];
  for (let seed = 1; seed <= 150 && findings.length === 0; seed++) {
    try {
      liveAndDie(seed, spoil);
    } catch (error) {
      findings.push(error instanceof Error ? error.message : String(error));
    }
  }
  expect(findings).toHaveLength(1);
});

test('a store that does not cut back a refused write is found out: what was refused would come back', () => {
  const disk = new MemoryDisk();
  const spoiled = { ...bound(disk), truncate: () => undefined };
  const { commit } = openToy(faultyDisk(spoiled, { kind: 'sync', at: 5, code: 'EIO', isSticky: true }));
  commit(added('a'));
  expect(commit(added('b'))).toBe('store.unwritable');
  expect(
    openToy(disk)
      .notes()
      .map(([id]) => id),
  ).toEqual(['a', 'b']);
});

const firstSegment = 'journal-0000000000000001.log';

/** Where the records of the first segment end and the room behind them begins. */
function recordsEnd(disk: MemoryDisk): number {
  return Buffer.from(disk.read(firstSegment)).lastIndexOf('}') + 1;
}

function inSeed<T>(seed: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Violation) throw new Error(`Seed ${seed}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A disk whose methods can be spread. */
function bound(disk: Disk): Disk {
  return {
    list: (folder) => disk.list(folder),
    read: (file) => disk.read(file),
    readPart: (file, part) => disk.readPart(file, part),
    create: (file) => disk.create(file),
    rename: (from, to) => disk.rename(from, to),
    remove: (file) => disk.remove(file),
    truncate: (file, size) => disk.truncate(file, size),
    sync: (file) => disk.sync(file),
    makeFolder: (folder) => disk.makeFolder(folder),
    syncFolder: (folder) => disk.syncFolder(folder),
  };
}

/** Writes a right checksum over every record, whatever its bytes: nothing is checked then. */
function withGoodChecksums(bytes: Uint8Array): Uint8Array {
  const all = Buffer.from(bytes);
  if (all.length < headerSize) return all;
  const seed = all.readUInt32LE(28);
  for (let at = headerSize; at + recordHeadSize <= all.length; ) {
    const end = at + recordHeadSize + all.readUInt32LE(at);
    if (end > all.length) break;
    const crc = crc32(all.subarray(at + 8, end), crc32(all.subarray(at, at + 4), seed));
    all.writeUInt32LE(crc, at + 4);
    at = end;
  }
  return all;
}
