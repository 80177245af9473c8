import { crc32 } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { encodeHeader, encodeRecord, headerSize } from './frame.ts';
import { highestEpoch } from './recovery.ts';
import { hookedDisk } from './testing/hooked-disk.ts';
import { Ending, randomNumbers } from './testing/lives.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, freeToys, openToy, type Toy } from './testing/toy-engine.ts';

// Thousands of openings, or real processes' time limits: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const firstSegment = 'journal-0000000000000001.log';

/** A folder as three owners left it: two closed, the last killed after `c6`. */
function threeOwners(end: 'killed' | 'closed'): MemoryDisk {
  const disk = new MemoryDisk();
  for (const owner of [1, 2, 3]) {
    const toy = openToy(disk);
    toy.commit(added(`c${owner * 2 - 1}`, 'x'.repeat(40)));
    toy.commit(added(`c${owner * 2}`));
    if (owner < 3 || end === 'closed') toy.engine.close();
  }
  return disk;
}

function idsOf(disk: MemoryDisk): readonly string[] {
  return openToy(disk)
    .notes()
    .map(([id]) => id);
}

const all = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];

test('files that were being made when the process ended are removed and never read (R1)', () => {
  const disk = new MemoryDisk(new Map([['snapshot-1.bin.tmp', Buffer.from('half')]]));
  openToy(disk);
  expect(disk.list('.')).toEqual([firstSegment]);
});

test('an empty file is no segment and no database: it is set aside (R6)', () => {
  const disk = threeOwners('closed');
  const files = new Map(disk.files);
  files.set('journal-000000000000000a.log', Buffer.alloc(0));
  const copy = new MemoryDisk(files);
  expect(idsOf(copy)).toEqual(all);
  expect(copy.list('quarantine')).toEqual(['journal-000000000000000a.log.1']);
});

test('a journal cut at any byte of its last three records keeps every whole record before the cut (R4, R8, R14)', () => {
  const disk = new MemoryDisk();
  const { commit } = openToy(disk);
  const ends = [1, 2, 3, 4, 5, 6].map((count) => {
    commit(added(`c${count}`));
    return withoutRoom(disk.read(firstSegment)).length;
  });
  const bytes = withoutRoom(disk.read(firstSegment));
  for (let size = ends[2] ?? 0; size < bytes.length; size++) {
    const copy = disk.copy({ file: firstSegment, bytes: bytes.subarray(0, size) });
    const whole = ends.filter((end) => end <= size).length;
    const first = openToy(copy);
    expect(first.notes().map(([id]) => id)).toEqual(all.slice(0, whole));
    const isTorn = !ends.includes(size);
    expect(first.notices.map(({ code }) => code)).toEqual(isTorn ? ['store.torn'] : []);
    if (isTorn) {
      const kept = copy.read(String(first.notices[0]?.data['1']));
      const tail = bytes.subarray(ends[whole - 1], size);
      expect(kept).toEqual(tail.subarray(0, kept.length));
      expect(tail.subarray(kept.length).every((byte) => byte === 0)).toBe(true);
      expect(first.notices[0]?.data['0']).toBe(kept.length);
      expect(copy.read(firstSegment).length).toBe(ends[whole - 1]);
    }
    expect(first.commit(added('after'))).toBe(whole + 1);
    const second = openToy(copy);
    expect(second.notices).toEqual([]);
    expect(second.notes().map(([id]) => id)).toEqual([...all.slice(0, whole), 'after']);
  }
});

test('zeros behind the last record are room that was made, or what a power failure left: given back, not reported (R8)', () => {
  const disk = threeOwners('killed');
  const file = 'journal-0000000000000007.log';
  const bytes = Buffer.concat([disk.read(file), Buffer.alloc(5000)]);
  const copy = disk.copy({ file, bytes });
  const { notes, notices } = openToy(copy);
  expect(notes().map(([id]) => id)).toEqual(all);
  expect(notices).toEqual([]);
  expect(copy.read(file).length).toBe(withoutRoom(disk.read(file)).length);
});

test('a flip of any bit never gives wrong data, and damage of what was acknowledged is always reported (R5, R6)', () => {
  const disk = threeOwners('closed');
  const whole = openToy(disk.copy()).notes();
  const vanished: string[] = [];
  for (const [file, bytes] of disk.files) {
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
      const copy = disk.copy({ file, bytes: flipped });
      const { engine, notes, notices } = openToy(copy);
      const found = notes();
      expect(found).toEqual(whole.slice(0, found.length));
      if (engine.state.type === 'read-only') {
        expect(notices.map(({ code }) => code)).toEqual(['store.damaged']);
        expect(copy.files.get(file)).toEqual(flipped);
      } else {
        expect(found).toEqual(whole);
        vanished.push(file);
      }
      freeToys();
    }
  }
  // All that can vanish unreported is the mark of the last clean end: 25 bytes and `{}`.
  expect(vanished).toEqual(Array.from({ length: 27 }, () => 'journal-0000000000000007.log'));
});

test('without the mark of a clean end, only damage of the very last record passes for a torn write', () => {
  const disk = new MemoryDisk();
  const { commit } = openToy(disk);
  for (const id of all) commit(added(id));
  const bytes = withoutRoom(disk.read(firstSegment));
  let unreported = 0;
  for (let at = headerSize; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at);
    const { engine, notes } = openToy(disk.copy({ file: firstSegment, bytes: flipped }));
    if (engine.state.type === 'read-only') continue;
    expect(notes()).toHaveLength(5);
    unreported += 1;
  }
  expect(unreported).toBe(Math.floor((bytes.length - headerSize) / 6));
});

test('a missing, doubled or exchanged segment is damage: open for reading, up to the gap (R7)', () => {
  const disk = threeOwners('closed');
  const files = disk.files;
  const names = [...files.keys()];
  const [first = '', second = '', third = ''] = names;
  const without = new Map([...files].filter(([name]) => name !== second));
  const gap = openToy(new MemoryDisk(without));
  expect(gap.engine.state).toMatchObject({
    code: 'store.damaged',
    data: { '0': expect.stringContaining(`${first}:`) },
  });
  expect(gap.notes().map(([id]) => id)).toEqual(['c1', 'c2']);

  const beheaded = openToy(new MemoryDisk(new Map([...files].filter(([name]) => name !== first))));
  expect(beheaded.engine.state).toMatchObject({ code: 'store.damaged', data: { '0': `${second}:0` } });
  expect(beheaded.notes()).toEqual([]);

  const exchanged = new Map(files);
  exchanged.set(second, files.get(third) ?? Buffer.alloc(0));
  expect(openToy(new MemoryDisk(exchanged)).engine.state).toMatchObject({ code: 'store.damaged' });

  const doubled = new Map(files);
  doubled.set('journal-000000000000000a.log', files.get(first) ?? Buffer.alloc(0));
  expect(openToy(new MemoryDisk(doubled)).engine.state).toMatchObject({ code: 'store.damaged' });
});

test('a whole record with an LSN that is skipped or repeated is damage (R7)', () => {
  for (const [second, found] of [
    [1, 1],
    [3, 1],
    [2, 2],
  ] as const) {
    const head = header({ version: 1 });
    const records = [1, second].map((lsn, index) => {
      const data = { id: `c${index}`, text: '' };
      const payload = JSON.stringify({
        time: 0,
        seq: index + 1,
        events: [{ type: 'note.added', v: 2, data }],
      });
      return encodeRecord({ seed: head.readUInt32LE(28), lsn, durable: 0, kind: 1, payload });
    });
    const { engine, notes } = openToy(
      new MemoryDisk(new Map([[firstSegment, Buffer.concat([head, ...records])]])),
    );
    expect(notes()).toHaveLength(found);
    expect(engine.state.type).toBe(second === 2 ? 'writable' : 'read-only');
  }
});

test('records of another segment never pass for records of this one', () => {
  const disk = threeOwners('closed');
  const [first = '', second = ''] = [...disk.files.keys()];
  const foreign = Buffer.from(disk.read(first)).subarray(headerSize);
  const bytes = Buffer.concat([Buffer.from(disk.read(second)).subarray(0, headerSize), foreign]);
  const { engine, notes } = openToy(disk.copy({ file: second, bytes }));
  expect(engine.state).toMatchObject({ code: 'store.damaged' });
  expect(notes().map(([id]) => id)).toEqual(['c1', 'c2']);
});

test('a segment or a record of a newer format opens for reading only (R9)', () => {
  const newerHeader = openToy(new MemoryDisk(new Map([[firstSegment, header({ version: 2 })]])));
  expect(newerHeader.engine.state).toMatchObject({ code: 'store.newer' });

  const bytes = header({ version: 1 });
  const record = encodeRecord({ seed: bytes.readUInt32LE(28), lsn: 1, durable: 0, kind: 9, payload: '{}' });
  const newerRecord = openToy(new MemoryDisk(new Map([[firstSegment, Buffer.concat([bytes, record])]])));
  expect(newerRecord.engine.state).toMatchObject({ code: 'store.newer' });
  expect(newerRecord.notices.map(({ code }) => code)).toEqual(['store.newer']);
});

test('what an overruled owner appends after the takeover is ignored', () => {
  const disk = new MemoryDisk();
  const old = openToy(disk, { fence: { holds: () => false } });
  expect(old.engine.state).toMatchObject({ code: 'store.other-owner' });

  let holds = true;
  const stopped = openToy(disk, { fence: { holds: () => holds } });
  stopped.commit(added('mine'));
  const next = openToy(disk);
  next.commit(added('theirs'));
  holds = false;
  const before = withoutRoom(disk.read(firstSegment)).length;
  expect(stopped.commit(added('late'))).toBe('store.other-owner');
  expect(withoutRoom(disk.read(firstSegment)).length).toBeGreaterThan(before);
  expect(stopped.notes()).toEqual([['mine', 'text of mine']]);
  expect(stopped.notices.map(({ code, data }) => [code, data['0']])).toEqual([
    ['store.other-owner', 'another window'],
  ]);
  expect(stopped.commit(added('again'))).toBe('store.other-owner');
  next.commit(added('more'));
  expect(idsOf(disk)).toEqual(['mine', 'theirs', 'more']);
});

test('an opening goes on where somebody else has put the same empty segment aside', () => {
  const disk = threeOwners('closed');
  const unborn = 'journal-0000000000000010.log';
  disk.create(unborn).close();
  const raced = hookedDisk(disk, ({ verb, file }) => {
    if (verb === 'rename' && file.includes(unborn)) disk.remove(unborn);
    return undefined;
  });
  const { engine, commit } = openToy(raced);
  expect(engine.state).toEqual({ type: 'writable' });
  expect(commit(added('d'))).toEqual(expect.any(Number));
});

test('what an opening could not finish for a full disk is finished by the commit after it', () => {
  const disk = threeOwners('killed');
  const torn =
    disk
      .list('.')
      .filter((file) => file.startsWith('journal'))
      .at(-1) ?? '';
  disk.overwrite(torn, Buffer.concat([withoutRoom(disk.read(torn)), Buffer.from('half a record')]));
  disk.create('journal-0000000000000099.log').close();
  let isFull = true;
  const filling = hookedDisk(disk, ({ verb, file }) => {
    if (isFull && verb === 'create' && file.startsWith('journal'))
      throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'open' });
    return undefined;
  });
  const { engine, commit } = openToy(filling);
  expect(engine.state).toMatchObject({ code: 'store.unwritable', data: { '0': 'ENOSPC' } });
  const kept = disk.list('quarantine');
  isFull = false;
  expect(commit(added('d'))).toEqual(expect.any(Number));
  expect(disk.list('quarantine')).toEqual(kept);
  expect(idsOf(disk)).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'd']);
});

test('one that was overruled while it cleaned up leaves alone what the next owner is making', () => {
  const next = 'snapshot-0000000000000009.bin.999999.tmp';
  const disk = threeOwners('closed');
  for (const file of ['snapshot-0000000000000001.bin.1.tmp', 'reserve.bin.tmp', next])
    disk.create(file).close();
  openToy(disk);
  expect(disk.list('.').filter((file) => file.endsWith('.tmp'))).toEqual([next]);
});

test('a folder whose owner lets old segments go can be claimed and opened all the same', () => {
  const disk = threeOwners('closed');
  const listed = disk.list('.').filter((file) => file.startsWith('journal'));
  const cleaned = hookedDisk(disk, ({ verb, file }) => {
    if (verb === 'read' && file === firstSegment && disk.list('.').includes(file)) disk.remove(file);
    return undefined;
  });
  const claimed = highestEpoch(cleaned);
  expect(disk.list('.')).not.toContain(listed[0]);
  expect(claimed).toBe(highestEpoch(disk));
  expect(claimed).toBeGreaterThan(0);
});

test('a body that a new owner took over is told as such, also before its loss was noticed', () => {
  const disk = new MemoryDisk();
  let holds = true;
  const old = openToy(disk, { fence: { holds: () => holds } });
  old.commit(added('mine', 'long '.repeat(1000)));
  const next = openToy(disk, { policy: eager });
  next.commit(added('theirs'));
  next.upkeep();
  next.commit(added('more'));
  next.upkeep();
  expect(disk.list('.')).not.toContain(firstSegment);
  holds = false;
  expect(() => old.notes()).toThrow(expect.objectContaining({ code: 'store.other-owner' }));
});

test.each([
  ['whole', 2],
  ['half', 1],
])(
  'of a group that a new owner found written %s, so much is acknowledged, though the lock is lost',
  (found, kept) => {
    const disk = new MemoryDisk();
    let next: Toy | undefined;
    let isStopped = false;
    const holds = (): boolean => {
      // Stopped between the sync and this look at the lock; another owner opens the folder meanwhile.
      if (isStopped && next === undefined) {
        if (found === 'half')
          disk.overwrite(firstSegment, withoutRoom(disk.read(firstSegment)).subarray(0, -9));
        next = openToy(disk);
      }
      return next === undefined;
    };
    const { engine, commit, notes } = openToy(disk, { fence: { holds } });
    commit(added('a'));
    for (const id of ['b', 'c']) {
      engine.stage({ time: 0, events: JSON.stringify([added(id, id.repeat(3000))]) });
    }
    isStopped = true;
    expect(engine.flush()).toMatchObject({ kept, error: { code: 'store.other-owner' } });
    engine.settle();
    expect(notes().map(([id]) => id)).toEqual(['a', 'b', 'c'].slice(0, 1 + kept));
    expect(next?.notes()).toEqual(notes());
    expect(commit(added('d'))).toBe('store.other-owner');
    expect(notes()).toHaveLength(1 + kept);
  },
);

test('a commit whose owner was overruled by one that never came to write is told as unknown, and may be found', () => {
  const disk = new MemoryDisk();
  let holds = true;
  const old = openToy(disk, { fence: { holds: () => holds } });
  old.commit(added('a'));
  // The next owner claims the folder, and dies before its first segment.
  holds = false;
  expect(old.commit(added('b'))).toBe('store.outcome-unknown');
  expect(old.engine.state).toMatchObject({ code: 'store.other-owner' });
  expect(old.notes().map(([id]) => id)).toEqual(['a']);
  expect(old.commit(added('c'))).toBe('store.other-owner');
  expect(idsOf(disk)).toEqual(['a', 'b']);
});

test('a commit refused because the next owner goes on without it stays away, whatever the power takes from that owner', () => {
  const disk = new MemoryDisk();
  let holds = true;
  const stopped = openToy(disk, { fence: { holds: () => holds } });
  stopped.commit(added('a'));
  // The next owner's segment is written, and neither it nor its name is synced yet.
  const dying = hookedDisk(disk, ({ verb, file }) => {
    if (verb === 'sync' && file !== firstSegment) throw new Ending();
    return undefined;
  });
  expect(() => openToy(dying)).toThrow(Ending);
  holds = false;
  expect(stopped.commit(added('late'))).toBe('store.other-owner');
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomNumbers(seed);
    expect(idsOf(disk.powerCut({ random, entries: 'subset' }))).toEqual(['a']);
  }
});

test('an owner that wakes when the segments of its time are gone is not told that its record was found', () => {
  const disk = new MemoryDisk();
  let holds = true;
  const stopped = openToy(disk, { fence: { holds: () => holds } });
  stopped.commit(added('a'));
  const next = openToy(disk, { policy: eager });
  for (const id of ['b', 'c', 'd']) {
    next.commit(added(id));
    next.upkeep();
  }
  expect(disk.files.has(firstSegment)).toBe(false);
  holds = false;
  expect(stopped.commit(added('late'))).toBe('store.outcome-unknown');
  expect(idsOf(disk)).toEqual(['a', 'b', 'c', 'd']);
});

test('an owner asked to yield marks its end, keeps answering and refuses commits', () => {
  const disk = new MemoryDisk();
  const { engine, commit, notes, notices } = openToy(disk);
  commit(added('a'));
  engine.yieldTo('the other window');
  expect(engine.state).toEqual({
    type: 'read-only',
    code: 'store.other-owner',
    data: { '0': 'the other window' },
  });
  expect(notices).toHaveLength(1);
  const before = disk.files;
  expect(commit(added('b'))).toBe('store.other-owner');
  engine.close();
  expect(disk.files).toEqual(before);
  expect(notes).toThrow();
});

/** A segment without the zeros that are written ahead of its records. */
function withoutRoom(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.subarray(0, Buffer.from(bytes).lastIndexOf('}') + 1));
}

/** A segment header of another format version, with its checksum. */
function header({ version }: { readonly version: number }): Buffer {
  const bytes = encodeHeader({ epoch: 1, firstLsn: 1 });
  bytes.writeUInt32LE(version, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  return bytes;
}
