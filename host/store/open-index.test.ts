import { expect, test, vi } from 'vitest';
import { defineProjection } from './projection.ts';
import { encodeSnapshotHead, snapshotHeadSize } from './snapshot-file.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, freeToys, openToy, type Toy } from './testing/toy-engine.ts';
import { toyProjection } from './testing/toy-projection.ts';

// Thousands of openings: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const long = (id: string): string => `the body of ${id}, `.repeat(300);

/** Three snapshots' worth of history, the last one still in the journal; two of the snapshots are kept. */
function threeSnapshots(): MemoryDisk {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  for (const id of ['a', 'b', 'c']) {
    toy.commit(added(id, long(id)), added(`${id}2`));
    expect(toy.upkeep()).toBeUndefined();
  }
  toy.commit(added('d', long('d')));
  toy.engine.close();
  return disk;
}

const all = ['a', 'a2', 'b', 'b2', 'c', 'c2', 'd'];
const newest = 'snapshot-0000000000000003.bin';
const second = 'snapshot-0000000000000002.bin';

function ids({ notes }: Toy): readonly string[] {
  const found = notes();
  for (const [id, text] of found) expect(text).toBe(id.length === 1 ? long(id) : `text of ${id}`);
  return found.map(([id]) => id);
}

test('two snapshots are kept, and of the journal only what the older one needs (R3)', () => {
  const disk = threeSnapshots();
  expect(disk.list('.')).toEqual([
    'journal-0000000000000003.log',
    'journal-0000000000000004.log',
    second,
    newest,
  ]);
  const toy = openToy(disk);
  expect(ids(toy)).toEqual(all);
  expect(toy.notices).toEqual([]);
  expect(toy.commit(added('e2'))).toBe(8);
});

const snapshotDamage: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  empty: () => Buffer.alloc(0),
  'cut in its head': (bytes) => bytes.subarray(0, 20),
  'a head alone': (bytes) => bytes.subarray(0, snapshotHeadSize),
  'cut in its middle': (bytes) => bytes.subarray(0, bytes.length / 2),
  'whole and empty': () => encodeSnapshotHead(3, Buffer.alloc(0)),
  'one byte short': (bytes) => bytes.subarray(0, -1),
  'one byte too long': (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
  'all zeros': (bytes) => Buffer.alloc(bytes.length),
  'the one before it': () => Buffer.from(threeSnapshots().read(second)),
  'whole, and no database': () => {
    const text = Buffer.from('no database at all'.repeat(100));
    return Buffer.concat([encodeSnapshotHead(3, text), text]);
  },
};

test.each(Object.entries(snapshotDamage))(
  'a newest snapshot that is %s is set aside, and nothing is lost (R2)',
  (_, damage) => {
    const disk = threeSnapshots();
    const damaged = disk.copy({ file: newest, bytes: damage(Buffer.from(disk.read(newest))) });
    const toy = openToy(damaged);
    expect(ids(toy)).toEqual(all);
    expect(toy.engine.state).toEqual({ type: 'writable' });
    expect(toy.notices.map(({ code, data }) => [code, data['0']])).toEqual([['store.bad-snapshot', newest]]);
    expect(damaged.list('quarantine')).toEqual([`${newest}.1`]);
    expect(toy.commit(added('e2'))).toBe(8);
    const again = openToy(damaged);
    expect(again.notices).toEqual([]);
    expect(ids(again)).toEqual([...all, 'e2']);
  },
);

test('a flip of any bit of a snapshot is noticed, and older files stand in for it (R2)', () => {
  const disk = threeSnapshots();
  const bytes = Buffer.from(disk.read(newest));
  const places = [
    ...Array(snapshotHeadSize).keys(),
    ...Array.from({ length: 60 }, (_, part) => 32 + part * 487),
  ];
  for (const at of places.filter((place) => place < bytes.length)) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    const toy = openToy(disk.copy({ file: newest, bytes: flipped }));
    expect([at, toy.notices.map(({ code }) => code)]).toEqual([at, ['store.bad-snapshot']]);
    expect(ids(toy)).toEqual(all);
    freeToys();
  }
});

test('after one snapshot was lost, the next two make room again and the older files go', () => {
  const disk = threeSnapshots();
  const damaged = disk.copy({ file: newest, bytes: Buffer.from('x') });
  const toy = openToy(damaged, { policy: eager });
  for (const id of ['e2', 'f2']) {
    toy.commit(added(id));
    toy.upkeep();
  }
  const snapshots = damaged.list('.').filter((name) => name.startsWith('snapshot-'));
  expect(snapshots).toHaveLength(2);
  expect(snapshots).not.toContain(second);
  expect(ids(openToy(damaged))).toEqual([...all, 'e2', 'f2']);
});

test('without any snapshot that opens, the journal gives all if it is whole; else it is damage, and nothing is touched (R2)', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  toy.commit(added('a', long('a')));
  toy.upkeep();
  const only = disk.list('.').find((name) => name.startsWith('snapshot-')) ?? '';
  const rebuilt = openToy(disk.copy({ file: only, bytes: Buffer.alloc(0) }));
  expect(ids(rebuilt)).toEqual(['a']);
  expect(rebuilt.notices.map(({ code }) => code)).toEqual(['store.bad-snapshot']);

  const three = threeSnapshots();
  const files = new Map(three.files).set(newest, Buffer.from('x')).set(second, Buffer.from('y'));
  const lost = new MemoryDisk(files);
  const { engine, notices, commit } = openToy(lost);
  expect(engine.state).toMatchObject({ code: 'store.damaged', data: { '0': newest } });
  expect(notices.map(({ code }) => code)).toEqual(['store.damaged']);
  expect(commit(added('e'))).toBe('store.damaged');
  expect([...lost.files.keys()].sort()).toEqual([...files.keys()].sort());
});

test('a journal that is gone behind its snapshot is damage, not an end (R7)', () => {
  const disk = threeSnapshots();
  const files = new Map([...disk.files].filter(([file]) => !file.startsWith('journal-')));
  const { engine } = openToy(new MemoryDisk(files));
  expect(engine.state).toMatchObject({ code: 'store.damaged' });
  const gap = new Map([...disk.files].filter(([file]) => file !== 'journal-0000000000000003.log'));
  const { engine: headless } = openToy(new MemoryDisk(gap.set(newest, Buffer.from('x'))));
  expect(headless.state).toMatchObject({ code: 'store.damaged', data: { '0': newest } });
});

test('files that snapshots hold are not looked at: neither what is left of them nor what is wrong with them (R3)', () => {
  const disk = threeSnapshots();
  const files = new Map(disk.files).set('journal-0000000000000001.log', Buffer.from('of no use '.repeat(9)));
  const toy = openToy(new MemoryDisk(files));
  expect(ids(toy)).toEqual(all);
  expect(toy.notices).toEqual([]);
});

/** The head of a later format reads alike. */
function ofNewerFormat(bytes: Buffer): Buffer {
  const index = bytes.subarray(snapshotHeadSize);
  const head = encodeSnapshotHead(bytes.readUInt32LE(12), index, 2);
  return Buffer.concat([head, index]);
}

test('a snapshot of a newer format is left alone: older files are read if they hold all, else it is open for reading (R9)', () => {
  const disk = threeSnapshots();
  const newer = ofNewerFormat(Buffer.from(disk.read(newest)));
  const covered = disk.copy({ file: newest, bytes: newer });
  const toy = openToy(covered);
  expect(ids(toy)).toEqual(all);
  expect(toy.engine.state).toEqual({ type: 'writable' });
  expect(toy.notices).toEqual([]);
  expect(covered.files.get(newest)).toEqual(newer);

  const files = new Map(disk.files).set(newest, newer);
  files.delete(second);
  const uncovered = new MemoryDisk(files);
  const { engine, notices } = openToy(uncovered);
  expect(engine.state).toMatchObject({ code: 'store.newer' });
  expect(notices.map(({ code }) => code)).toEqual(['store.newer']);
  expect([...uncovered.files.keys()].sort()).toEqual([...files.keys()].sort());
});

type Database = Parameters<(typeof toyProjection.apply)['note.added']>[0];

/** The notes' room of a later Millrace: two more migrations. */
const moodyProjection = {
  ...toyProjection,
  migrations: [
    ...toyProjection.migrations,
    "ALTER TABLE note ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine'",
    "UPDATE note SET mood = 'old'",
  ],
  apply: {
    ...toyProjection.apply,
    'note.added': (db: Database, { id, text }: { id: string; text: string }, { seq }: { seq: number }) => {
      db.run('INSERT INTO note (id, body, seq, time) VALUES (?, ?, ?, 0)', [id, db.body(text), seq]);
    },
  },
  queries: {
    ...toyProjection.queries,
    'note.moods': (db: Database) =>
      db.all('SELECT id, mood FROM note ORDER BY seq').map(({ id, mood }) => `${id} ${mood}`),
  },
};

test('opening a snapshot runs the migrations that are new, in order, and no other', () => {
  const disk = threeSnapshots();
  const migrated = openToy(disk, { projections: [moodyProjection], policy: eager });
  const moods = migrated.engine.read('note.moods', undefined);
  expect(moods).toEqual(['a old', 'a2 old', 'b old', 'b2 old', 'c old', 'c2 old', 'd fine']);
  expect(migrated.upkeep('close')).toBeUndefined();
  migrated.engine.close();
  // The next snapshot says that they were run.
  const again = openToy(disk, { projections: [moodyProjection] });
  expect(again.engine.read('note.moods', undefined)).toEqual(moods);
});

test('an index with more migrations, or with a room, that are not known here is a newer one’s (R9)', () => {
  const other = defineProjection({
    name: 'other',
    migrations: ['CREATE TABLE other (id TEXT)'],
    events: {},
    apply: {},
    queries: {},
  });
  for (const projections of [[moodyProjection], [toyProjection, other]]) {
    const disk = threeSnapshots();
    const later = openToy(disk, { projections, policy: eager });
    later.commit(added('e2'));
    later.upkeep();
    later.engine.close();
    const files = disk.files;
    // The one before holds as much with the journal.
    const covered = openToy(disk);
    expect(covered.engine.state).toEqual({ type: 'writable' });
    expect(ids(covered)).toEqual([...all, 'e2']);
    const alone = new MemoryDisk(new Map([...files].filter(([file]) => file !== newest)));
    const { engine, notices } = openToy(alone);
    expect(engine.state).toMatchObject({ code: 'store.newer' });
    expect(notices.map(({ code }) => code)).toEqual(['store.newer']);
  }
});
