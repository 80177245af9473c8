import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import { defineProjection } from '../projection.ts';

/** A room of notes, small enough to see through and with every feature of a projection in use. */
export const toyProjection = defineProjection({
  name: 'toy',
  migrations: [
    'CREATE TABLE note (id TEXT PRIMARY KEY, body TEXT NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL)',
    'CREATE TABLE gone (owner TEXT NOT NULL, seq INTEGER NOT NULL)',
    'CREATE TABLE tag (note_id TEXT NOT NULL REFERENCES note (id), name TEXT NOT NULL, UNIQUE (note_id, name))',
  ],
  bodies: [
    {
      // The shelf of `ses_a.7` is `ses_a`: notes of one owner lie together.
      select: `SELECT CASE instr(id, '.') WHEN 0 THEN 'notes' ELSE substr(id, 1, instr(id, '.') - 1) END AS shelf,
        id, body FROM note WHERE body LIKE '@%'`,
      update: 'UPDATE note SET body = :body WHERE id = :id',
    },
  ],
  events: {
    'note.added': {
      version: 2,
      schema: Schema.Struct({ id: Schema.String, text: Schema.String }),
      // Version 1 called it a title.
      upcast: {
        1: (data) => {
          const { id, title } = decodeFirst(data);
          return { id, text: title };
        },
      },
    },
    'note.changed': { version: 1, schema: Schema.Struct({ id: Schema.String, text: Schema.String }) },
    'note.tagged': { version: 1, schema: Schema.Struct({ id: Schema.String, name: Schema.String }) },
    /** The tombstone of all notes of one owner. */
    'owner.deleted': { version: 1, schema: Schema.Struct({ owner: Schema.String }) },
    /** Its applier breaks for this one name: a defect that came with an update. */
    'note.poisoned': { version: 1, schema: Schema.Struct({ name: Schema.String }) },
  },
  apply: {
    'note.added': (db, { id, text }, { seq, time }) => {
      db.run('INSERT INTO note VALUES (?, ?, ?, ?)', [id, db.body(text), seq, time]);
    },
    'note.changed': (db, { id, text }) => {
      const changed = db.run('UPDATE note SET body = ? WHERE id = ?', [db.body(text), id]);
      if (changed === 0) throw new HostError('store.conflict', `There is no note ${id}.`, { data: { id } });
    },
    'note.tagged': (db, { id, name }) => {
      db.run('INSERT INTO tag VALUES (:id, :name)', { id, name });
    },
    'owner.deleted': (db, { owner }, { seq }) => {
      db.run('INSERT INTO gone VALUES (?, ?)', [owner, seq]);
      db.run('DELETE FROM note WHERE substr(id, 1, :length) = :prefix', {
        prefix: `${owner}.`,
        length: owner.length + 1,
      });
    },
    'note.poisoned': (db, { name }) => {
      db.run('UPDATE note SET body = \'"spoiled"\'');
      if (name === poison.name) throw new TypeError('Cannot read properties of undefined');
    },
  },
  queries: {
    'note.all': (db) =>
      db.all('SELECT id, body, seq, time FROM note ORDER BY seq').map(({ id, body, seq, time }) => ({
        id: String(id),
        text: String(db.resolve(String(body))),
        seq: Number(seq),
        time: Number(time),
      })),
    'note.ids': (db) => db.all('SELECT id FROM note ORDER BY seq').map(({ id }) => String(id)),
    'owner.gone': (db) =>
      db.all('SELECT owner, seq FROM gone ORDER BY seq').map(({ owner, seq }) => ({
        owner: String(owner),
        seq: Number(seq),
      })),
    'note.get': (db, { id }: { readonly id: string }) => {
      const row = db.get('SELECT body FROM note WHERE id = ?', [id]);
      return row === undefined ? undefined : String(db.resolve(String(row['body'])));
    },
    'note.column': (db, { id }: { readonly id: string }) =>
      String(db.get('SELECT body FROM note WHERE id = ?', [id])?.['body']),
    'tag.count': (db) => Number(db.get('SELECT count(*) AS count FROM tag')?.['count']),
    'note.function': () => () => 'not plain data',
  },
});

/** What `note.poisoned` breaks on; a test sets it after the event was committed. */
export const poison = { name: '' };

const decodeFirst = Schema.decodeUnknownSync(Schema.Struct({ id: Schema.String, title: Schema.String }));
