import { expect, test } from 'vitest';
import { createDatabase, type IndexDatabase } from './database.ts';
import { toySql } from './testing/toy-engine.ts';

const source = { record: () => undefined, shelved: () => undefined };

function openDatabase(bytes?: Uint8Array): IndexDatabase {
  return createDatabase(toySql, source, bytes);
}

const pragmas = ['journal_mode', 'foreign_keys', 'locking_mode', 'synchronous', 'cache_size'];

function settings(db: IndexDatabase): readonly unknown[] {
  return pragmas.map((name) => Object.values(db.get(`PRAGMA ${name}`) ?? {})[0]);
}

test('an export leaves settings, prepared statements and temporary tables as they were (sql.js ≥ 1.15.2)', () => {
  using db = openDatabase();
  db.execute('CREATE TABLE parent (id TEXT PRIMARY KEY)');
  db.execute('CREATE TABLE child (parent_id TEXT REFERENCES parent (id))');
  db.execute('CREATE TEMP TABLE passing (id TEXT)');
  db.run('INSERT INTO parent VALUES (?)', ['a']);
  const before = settings(db);
  const bytes = db.export();
  expect(settings(db)).toEqual(before);
  expect(before.slice(0, 4)).toEqual(['memory', 1, 'exclusive', 0]);
  db.run('INSERT INTO parent VALUES (?)', ['b']);
  expect(() => db.run('INSERT INTO child VALUES (?)', ['none'])).toThrow(/FOREIGN KEY/);
  expect(db.all('SELECT * FROM passing')).toEqual([]);
  using copy = openDatabase(bytes);
  expect(copy.all('SELECT id FROM parent')).toEqual([{ id: 'a' }]);
  expect(settings(copy)).toEqual(before);
});

test('an export in a transaction is refused and leaves the transaction whole (sql.js ≥ 1.15.2)', () => {
  using db = openDatabase();
  db.execute('CREATE TABLE note (id TEXT)');
  db.run('BEGIN');
  db.run('INSERT INTO note VALUES (?)', ['a']);
  expect(() => db.export()).toThrow(/transaction/);
  db.run('COMMIT');
  expect(db.all('SELECT id FROM note')).toEqual([{ id: 'a' }]);
});

test('the bytes that a database is opened from are copied', () => {
  using db = openDatabase();
  db.execute('CREATE TABLE note (id TEXT)');
  db.run('INSERT INTO note VALUES (?)', ['a']);
  const bytes = db.export();
  using copy = openDatabase(bytes);
  bytes.fill(0);
  expect(copy.all('SELECT id FROM note')).toEqual([{ id: 'a' }]);
});
