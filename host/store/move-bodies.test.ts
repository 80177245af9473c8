import * as Schema from 'effect/Schema';
import { expect, test } from 'vitest';
import { defineProjection } from './projection.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { added, eager, openToy } from './testing/toy-engine.ts';
import { toyProjection } from './testing/toy-projection.ts';

const long = (id: string): string => `the body of ${id}, `.repeat(300);

test('bodies leave the journal for a file of their owner, and are verified when they are read (decision 14)', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  toy.commit(added('ses_a.1', long('x')), added('ses_b.1', long('y')), added('short', 'z'));
  expect(toy.engine.read('note.column', { id: 'ses_a.1' })).toMatch(/^@1:/);
  toy.upkeep();
  expect(disk.list('bodies')).toEqual(['ses_a.log', 'ses_b.log']);
  expect(toy.engine.read('note.column', { id: 'ses_a.1' })).toMatch(/^#ses_a:0:\d+:\d+$/);
  expect(toy.engine.read('note.column', { id: 'short' })).toBe('"z"');
  const { engine } = openToy(disk);
  expect(engine.read('note.get', { id: 'ses_b.1' })).toBe(long('y'));
  const bytes = Buffer.from(disk.read('bodies/ses_a.log'));
  for (let at = 0; at < bytes.length; at += 13) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 4, at);
    disk.overwrite('bodies/ses_a.log', flipped);
    expect(() => engine.read('note.get', { id: 'ses_a.1' })).toThrow(/damaged/);
  }
  disk.overwrite('bodies/ses_a.log', bytes.subarray(0, -1));
  expect(() => engine.read('note.get', { id: 'ses_a.1' })).toThrow(/damaged/);
  disk.remove('bodies/ses_a.log');
  expect(() => engine.read('note.get', { id: 'ses_a.1' })).toThrow(/damaged/);
});

test('a body whose owner has no name for a file stays in its row', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  toy.commit(added('../up.1', long('x')));
  expect(toy.upkeep()).toBeUndefined();
  expect(disk.list('bodies')).toEqual([]);
  expect(openToy(disk).notes()).toEqual([['../up.1', long('x')]]);
});

test('a damaged body in the journal makes the snapshot fail, and nothing is removed', () => {
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager });
  toy.commit(added('a', long('a')));
  const file = 'journal-0000000000000001.log';
  const bytes = Buffer.from(disk.read(file));
  bytes.writeUInt8(0x41, 3000);
  disk.overwrite(file, bytes);
  expect(toy.upkeep()).toBe('store.damaged');
  expect(toy.notices.map(({ code }) => code)).toEqual(['store.snapshot']);
  expect(toy.engine.state).toEqual({ type: 'writable' });
  expect(disk.list('.').filter((name) => name.startsWith('snapshot-'))).toEqual([]);
  expect(disk.list('.')).toContain(file);
});

test('a room that does not say where its bodies are keeps them in its rows', () => {
  const disk = new MemoryDisk();
  const { bodies: _, ...silent } = toyProjection;
  const toy = openToy(disk, { policy: eager, projections: [silent] });
  toy.commit(added('a', long('a')));
  expect(toy.upkeep()).toBeUndefined();
  expect(openToy(disk, { projections: [silent] }).notes()).toEqual([['a', long('a')]]);
});

test('a column of bodies that a room forgot to name stops its snapshots before anything is lost', () => {
  const forgetful = defineProjection({
    name: 'forgetful',
    migrations: ['CREATE TABLE kept (body TEXT)'],
    bodies: [
      {
        select: "SELECT 'x' AS shelf, body FROM kept WHERE body LIKE '@%' AND false",
        update: 'UPDATE kept SET body = :body',
      },
    ],
    events: { 'text.kept': { version: 1, schema: Schema.Struct({ text: Schema.String }) } },
    apply: { 'text.kept': (db, { text }) => void db.run('INSERT INTO kept VALUES (?)', [db.body(text)]) },
    queries: {
      'text.all': (db) => db.all('SELECT body FROM kept').map(({ body }) => db.resolve(String(body))),
    },
  });
  const disk = new MemoryDisk();
  const toy = openToy(disk, { policy: eager, projections: [forgetful] });
  const text = '@1:2:3:4:5 looks like a pointer '.repeat(100);
  toy.engine.stage({ time: 0, events: JSON.stringify([{ type: 'text.kept', text }]) });
  toy.engine.flush();
  toy.engine.settle();
  expect(toy.upkeep()).toBe('store.defect');
  expect(String(toy.defects[0])).toContain('kept.body');
  const again = openToy(disk, { projections: [forgetful] });
  expect(again.engine.read('text.all', undefined)).toEqual([text]);
});
