import * as Schema from 'effect/Schema';
import type { IndexDatabase } from './database.ts';

/** What the index says about itself in a snapshot, in a table of the store's own. */
export type IndexMeta = typeof IndexMeta.Type;
const IndexMeta = Schema.Struct({
  /** Of the last event and of the last record that are in it. */
  seq: Schema.Int,
  lsn: Schema.Int,
  /** How many migrations of each projection were run. */
  migrations: Schema.Record(Schema.String, Schema.Int),
  /** Shelves whose erasure was asked for and is not known to have ended. */
  erasing: Schema.Array(Schema.String),
});

export function createMeta(db: IndexDatabase): void {
  db.execute('CREATE TABLE store_meta (one INTEGER PRIMARY KEY CHECK (one = 1), data TEXT NOT NULL)');
}

/** Undefined when the database is no index of the store. Throws SQLite's error for bytes that are no database. */
export function readMeta(db: IndexDatabase): IndexMeta | undefined {
  if (db.get("SELECT 1 FROM sqlite_master WHERE name = 'store_meta'") === undefined) return undefined;
  const decoded = decodeMeta(db.get('SELECT data FROM store_meta')?.['data']);
  return decoded._tag === 'Success' ? decoded.success : undefined;
}

export function writeMeta(db: IndexDatabase, meta: IndexMeta): void {
  const sql =
    'INSERT INTO store_meta (one, data) VALUES (1, :data) ON CONFLICT (one) DO UPDATE SET data = :data';
  db.run(sql, { data: JSON.stringify(meta) });
}

/** Every column value of any table that begins so, with where it stands. Looks at every row. */
export function* findPointers(db: IndexDatabase, prefix: string): Generator<FoundPointer> {
  const tables = db.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  for (const { name } of tables) {
    for (const row of db.all('SELECT name FROM pragma_table_info(?)', [name ?? ''])) {
      const column = quoted(row['name']);
      const sql = `SELECT ${column} AS value FROM ${quoted(name)} WHERE typeof(${column}) = 'text' AND substr(${column}, 1, :length) = :prefix`;
      const found = db.all(sql, { length: prefix.length, prefix });
      for (const { value } of found) yield { place: `${name}.${row['name']}`, value: String(value) };
    }
  }
}

export interface FoundPointer {
  /** `table.column` */
  readonly place: string;
  readonly value: string;
}

const decodeMeta = Schema.decodeUnknownResult(Schema.fromJsonString(IndexMeta));

function quoted(name: unknown): string {
  return `"${String(name).replaceAll('"', '""')}"`;
}
