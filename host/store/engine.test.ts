import * as Schema from 'effect/Schema';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { defineProjection } from './projection.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, openToy, type ToyEvent } from './testing/toy-engine.ts';
import { poison, toyProjection } from './testing/toy-projection.ts';

// Thousands of openings, or real processes' time limits: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

test('what was committed is there after a reopen, in order and with its times', () => {
  const disk = new MemoryDisk();
  const first = openToy(disk);
  expect(first.commit(added('b'))).toBe(1);
  expect(first.commit(added('a'), added('c'))).toBe(3);
  const before = first.engine.read('note.all', undefined);
  first.engine.close();
  const second = openToy(disk);
  expect(second.engine.read('note.all', undefined)).toEqual(before);
  expect(second.notes().map(([id]) => id)).toEqual(['b', 'a', 'c']);
  expect(second.commit(added('d'))).toBe(4);
  expect(second.notices).toEqual([]);
});

test('a commit that an applier refuses leaves no row and no byte', () => {
  const disk = new MemoryDisk();
  const { commit, notes } = openToy(disk);
  commit(added('a'));
  const before = disk.files;
  expect(commit(added('b'), { type: 'note.changed', id: 'unknown', text: 'x' })).toBe('store.conflict');
  expect(commit(added('b'), added('a'))).toBe('store.constraint');
  expect(commit({ type: 'note.tagged', id: 'unknown', name: 'x' })).toBe('store.constraint');
  expect(disk.files).toEqual(before);
  expect(notes()).toEqual([['a', 'text of a']]);
  expect(commit(added('c'))).toBe(2);
  expect(
    openToy(disk)
      .notes()
      .map(([id]) => id),
  ).toEqual(['a', 'c']);
});

test('an event that does not fit its schema is refused before it is applied', () => {
  const { commit, notes } = openToy(new MemoryDisk());
  const cases: readonly object[] = [
    { type: 'note.added', id: 'a' },
    { type: 'note.added', id: 'a', text: Number.NaN },
    { type: 'note.added', id: 'a', text: 'x', extra: true },
    { type: 'note.unheard-of', id: 'a' },
    { id: 'a', text: 'x' },
  ];
  for (const event of cases) expect(commit(event as ToyEvent)).toBe('store.invalid-event');
  expect(commit()).toBe('store.invalid-event');
  expect(notes()).toEqual([]);
});

test('a refused commit in the middle of a group takes none of the others with it', () => {
  const disk = new MemoryDisk();
  const { engine, notes } = openToy(disk);
  const stage = (...events: ToyEvent[]): number => engine.stage({ time: 0, events: JSON.stringify(events) });
  expect(stage(added('a'))).toBe(1);
  expect(() => stage(added('b'), added('a'))).toThrow(/UNIQUE/);
  expect(stage(added('c'))).toBe(2);
  expect(engine.flush()).toBeUndefined();
  engine.settle();
  expect(notes().map(([id]) => id)).toEqual(['a', 'c']);
  expect(
    openToy(disk)
      .notes()
      .map(([id]) => id),
  ).toEqual(['a', 'c']);
});

test('commits of one group share one write and one sync', () => {
  const disk = new MemoryDisk();
  const { engine } = openToy(disk);
  const before = { ...disk.calls };
  for (let count = 0; count < 64; count++)
    engine.stage({ time: 0, events: JSON.stringify([added(`n${count}`)]) });
  expect(engine.flush()).toBeUndefined();
  expect(disk.calls.write - before.write).toBe(1);
  expect(disk.calls.sync - before.sync).toBe(1);
});

test('a body over 2 KB stays in the journal and is read back from there', () => {
  const disk = new MemoryDisk();
  const { engine, commit } = openToy(disk);
  const long = 'Zeile "1" \\ \u0000 äöü 🚂\n'.repeat(400);
  commit(added('before', 'short'), added('long', long));
  engine.stage({ time: 0, events: JSON.stringify([added('staged', `${long}!`)]) });
  expect(engine.read('note.get', { id: 'staged' })).toBe(`${long}!`);
  expect(engine.flush()).toBeUndefined();
  engine.close();
  const again = openToy(disk);
  expect(again.engine.read('note.column', { id: 'long' })).toMatch(/^@1:/);
  expect(again.engine.read('note.column', { id: 'before' })).toBe('"short"');
  expect(again.engine.read('note.get', { id: 'long' })).toBe(long);
  expect(again.engine.read('note.get', { id: 'staged' })).toBe(`${long}!`);
});

test('a damaged body is refused, never returned', () => {
  const disk = new MemoryDisk();
  const { engine, commit } = openToy(disk);
  commit(added('long', 'x'.repeat(5000)));
  const file = 'journal-0000000000000001.log';
  const bytes = disk.files.get(file) ?? Buffer.alloc(0);
  bytes.writeUInt8(0x41, 3000);
  // Under the running engine, as a failing disk would.
  disk.overwrite(file, bytes);
  expect(() => engine.read('note.get', { id: 'long' })).toThrow(/damaged/);
});

test('text with NUL, lone surrogates and every plane comes back, the surrogates as U+FFFD', () => {
  const disk = new MemoryDisk();
  openToy(disk).commit(added('nul', 'a\u0000b'), added('lone', 'a\ud800b'), added('planes', 'ä€😀'));
  const { notes, commit } = openToy(disk);
  // Bodies are kept as JSON, which carries a lone surrogate unharmed.
  expect(notes()).toEqual([
    ['nul', 'a\u0000b'],
    ['lone', 'a\ud800b'],
    ['planes', 'ä€😀'],
  ]);
  commit(added('id\ud800', 'x'));
  expect(openToy(disk).notes().at(-1)).toEqual(['id\ufffd', 'x']);
});

test('a number beyond 2^53 is refused instead of being rounded', () => {
  const projection = defineProjection({
    name: 'number',
    migrations: ['CREATE TABLE number (value INTEGER)'],
    events: { 'number.kept': { version: 1, schema: Schema.Struct({ value: Schema.Finite }) } },
    apply: {
      'number.kept': (db, { value }) => {
        db.run('INSERT INTO number VALUES (?)', [value]);
      },
    },
    queries: { 'number.all': (db) => db.all('SELECT value FROM number') },
  });
  const { engine } = openToy(new MemoryDisk(), { projections: [projection] });
  const keep = (value: number) =>
    engine.stage({ time: 0, events: JSON.stringify([{ type: 'number.kept', value }]) });
  expect(() => keep(2 ** 53)).toThrow(/as text/);
  keep(2 ** 53 - 1);
  keep(-(2 ** 31) - 1);
  expect(engine.read('number.all', undefined)).toEqual([{ value: 2 ** 53 - 1 }, { value: -(2 ** 31) - 1 }]);
});

test('a constraint that would only fail at COMMIT is refused where the projection is defined', () => {
  const define = () =>
    defineProjection({
      name: 'late',
      migrations: ['CREATE TABLE a (id TEXT REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED)'],
      events: {},
      apply: {},
      queries: {},
    });
  expect(define).toThrow(/DEFERRABLE/);
});

/** The notes' room as it was before `title` became `text`. */
const oldProjection = defineProjection({
  name: 'toy',
  migrations: [],
  events: {
    'note.added': { version: 1, schema: Schema.Struct({ id: Schema.String, title: Schema.String }) },
  },
  apply: { 'note.added': () => undefined },
  queries: {},
});

test('an event of an earlier version is brought to its newest shape at replay', () => {
  const disk = new MemoryDisk();
  const old = openToy(disk, { projections: [oldProjection] });
  old.engine.stage({ time: 0, events: JSON.stringify([{ type: 'note.added', id: 'a', title: 'old' }]) });
  old.engine.flush();
  old.engine.close();
  expect(openToy(disk).notes()).toEqual([['a', 'old']]);
});

test('an event of a later version, or of an unknown type, opens for reading only, up to it', () => {
  const disk = new MemoryDisk();
  const now = openToy(disk);
  now.commit(added('a'));
  now.engine.close();
  const before = disk.files;
  const old = openToy(disk, { projections: [oldProjection] });
  expect(old.engine.state).toEqual({ type: 'read-only', code: 'store.newer', data: {} });
  expect(old.notices.map(({ code }) => code)).toEqual(['store.newer']);
  expect(old.commit(added('b'))).toBe('store.newer');
  const none = openToy(disk, { projections: [] });
  expect(none.engine.state).toMatchObject({ code: 'store.newer' });
  expect(disk.files).toEqual(before);
});

test('a record that cannot be applied is stopped before: what stands before it is readable, nothing is cut', () => {
  const disk = new MemoryDisk();
  const first = openToy(disk);
  first.commit(added('a'));
  first.commit({ type: 'note.poisoned', name: 'later' });
  first.commit(added('b'));
  first.engine.close();
  const before = disk.files;
  poison.name = 'later';
  try {
    const { engine, notes, notices, defects, commit } = openToy(disk);
    expect(notes()).toEqual([['a', 'text of a']]);
    expect(engine.state).toMatchObject({ type: 'read-only', code: 'store.damaged' });
    expect(notices.map(({ code }) => code)).toEqual(['store.damaged']);
    expect(defects).toHaveLength(1);
    expect(commit(added('c'))).toBe('store.damaged');
    expect(disk.files).toEqual(before);
  } finally {
    poison.name = '';
  }
  expect(openToy(disk).notes()).toEqual([
    ['a', 'spoiled'],
    ['b', 'text of b'],
  ]);
});

const ids = fc.constantFrom('a', 'b', 'c', 'd');
const command = fc.oneof(
  fc.record({
    type: fc.constant('note.added' as const),
    id: ids,
    text: fc.string({ maxLength: 4000, size: 'max' }),
  }),
  fc.record({ type: fc.constant('note.changed' as const), id: ids, text: fc.string() }),
  fc.record({ type: fc.constant('note.tagged' as const), id: ids, name: ids }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(command, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom('reopen' as const, 'kill' as const, 'mark' as const) },
  { weight: 1, arbitrary: fc.constant('snapshot' as const) },
);

test('the replayed index equals the running one, and both a plain model, whatever was committed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const disk = new MemoryDisk();
      let toy = openToy(disk, { policy: eager });
      let model = new Map<string, string>();
      let tags = new Set<string>();
      for (const each of steps) {
        if (each === 'mark') toy.engine.mark();
        else if (each === 'snapshot') expect(toy.upkeep()).toBeUndefined();
        else if (each === 'reopen' || each === 'kill') {
          if (each === 'reopen') toy.engine.close();
          toy = openToy(disk, { policy: eager });
          expect(toy.notices).toEqual([]);
        } else {
          const next = applied({ model, tags }, each);
          expect(typeof toy.commit(...each)).toBe(next === undefined ? 'string' : 'number');
          if (next !== undefined) ({ model, tags } = next);
        }
        expect(toy.notes()).toEqual([...model]);
        expect(toy.engine.read('tag.count', undefined)).toBe(tags.size);
      }
    }),
    { numRuns: 60 },
  );
});

interface Model {
  readonly model: Map<string, string>;
  readonly tags: Set<string>;
}

/** What a commit makes of the notes, or undefined when it has to be refused as a whole. */
function applied(before: Model, events: readonly ToyEvent[]): Model | undefined {
  const model = new Map(before.model);
  const tags = new Set(before.tags);
  for (const event of events) {
    if (event.type === 'note.poisoned' || event.type === 'owner.deleted') return undefined;
    if (model.has(event.id) === (event.type === 'note.added')) return undefined;
    if (event.type === 'note.tagged') {
      const tag = `${event.id} ${event.name}`;
      if (tags.has(tag)) return undefined;
      tags.add(tag);
    } else model.set(event.id, event.text);
  }
  return { model, tags };
}

test('the queries and events of the toy room are typed for their callers', () => {
  // The compiler is the test: a wrong id type would not pass here.
  const query: (db: never, args: { readonly id: string }) => string | undefined =
    toyProjection.queries['note.get'];
  expect(typeof query).toBe('function');
});
