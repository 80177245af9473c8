import type { BindParams, Database, Statement } from 'sql.js';
import { type BodySource, decodeBody, encodeBody, type RecordPlace } from './body.ts';
import type { Sql } from './sql.ts';

/**
 * The index as appliers and queries see it. Each SQL text is prepared once and kept.
 * Text is made well-formed (a lone surrogate becomes U+FFFD); an integer beyond 2^53 is refused, because
 * SQLite would hand it back rounded: keep such a number as text.
 */
export interface ProjectionDatabase {
  /** Runs one statement; the number of rows it changed. */
  run(sql: string, params?: SqlParams): number;
  /** The first row. */
  get(sql: string, params?: SqlParams): Row | undefined;
  all(sql: string, params?: SqlParams): readonly Row[];
  /**
   * Appliers: the column for a piece of the event that may be long. Over 2 KB it stays in the journal and
   * only a pointer is kept in memory, if it stands in the event as it is.
   */
  body(value: unknown): string;
  /** Queries: the value of a column made by `body`. Rejects damaged bytes with `store.damaged`. */
  resolve(column: string): unknown;
}

export type SqlValue = number | string | Uint8Array | null;
export type SqlParam = SqlValue | boolean;
/** By position for `?`, or by name for `:name`. */
export type SqlParams = readonly SqlParam[] | Readonly<Record<string, SqlParam>>;
export type Row = Readonly<Record<string, SqlValue>>;

export interface IndexDatabase extends ProjectionDatabase, Disposable {
  /** Statements without parameters or rows: migrations and transactions. */
  execute(sql: string): void;
  /** The record that `body` may point into, while it is applied; `inline` for one whose bodies stay in their rows. */
  place(record: RecordPlace | 'inline' | undefined): void;
  /** The database as bytes. Outside of a transaction only. */
  export(): Uint8Array;
}

/**
 * The index in memory: of verified bytes, which are copied, or empty.
 * SQLite takes an empty buffer for an empty database, and tells of garbage at the first query only.
 */
export function createDatabase(sql: Sql, source: BodySource, bytes?: Uint8Array): IndexDatabase {
  const database = openDatabase(sql, bytes);
  const prepared = new Map<string, Prepared>();
  let current: RecordPlace | 'inline' | undefined;
  const prepare = (text: string): Prepared => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare(text);
    const made = { statement, columns: statement.getColumnNames() };
    prepared.set(text, made);
    return made;
  };
  return {
    run: (text, params) => run(database, prepare(text), params),
    get: (text, params) => rows(prepare(text), params, 1)[0],
    all: (text, params) => rows(prepare(text), params, Number.POSITIVE_INFINITY),
    body(value) {
      if (current === undefined) throw new TypeError('Only an applier makes bodies.');
      return current === 'inline' ? JSON.stringify(value) : encodeBody(value, current);
    },
    resolve: (column) => decodeBody(column, source),
    execute: (text) => void database.run(text),
    place(record) {
      current = record;
    },
    export: () => database.export(),
    [Symbol.dispose]: () => database.close(),
  };
}

function openDatabase(sql: Sql, bytes: Uint8Array | undefined): Database {
  const database = new sql.Database(bytes);
  try {
    for (const pragma of pragmas) database.run(`PRAGMA ${pragma}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const pragmas = [
  // A rollback must stay possible, and MEMFS would be slow to keep its journal.
  'journal_mode=MEMORY',
  'foreign_keys=ON',
  // Nobody shares the index: without these every statement asks a file system made of JavaScript for locks.
  'locking_mode=EXCLUSIVE',
  'synchronous=OFF',
];

/** SQLite's own refusals: a constraint of a room's table. */
export function isConstraintError(error: unknown): error is Error {
  return error instanceof Error && error.message.includes('constraint failed');
}

interface Prepared {
  readonly statement: Statement;
  readonly columns: readonly string[];
}

function run(database: Database, { statement }: Prepared, params: SqlParams | undefined): number {
  try {
    statement.bind(bound(params));
    while (statement.step());
    return database.getRowsModified();
  } finally {
    statement.reset();
  }
}

function rows(
  { statement, columns }: Prepared,
  params: SqlParams | undefined,
  limit: number,
): readonly Row[] {
  const found: Row[] = [];
  try {
    statement.bind(bound(params));
    while (found.length < limit && statement.step()) found.push(rowOf(columns, statement.get()));
    return found;
  } finally {
    statement.reset();
  }
}

function rowOf(columns: readonly string[], values: readonly SqlValue[]): Row {
  const row: Record<string, SqlValue> = {};
  for (const [index, column] of columns.entries()) row[column] = values[index] ?? null;
  return row;
}

function bound(params: SqlParams | undefined): BindParams {
  if (params === undefined) return null;
  if (isPositional(params)) return params.map(value);
  return Object.fromEntries(Object.entries(params).map(([name, param]) => [`:${name}`, value(param)]));
}

function isPositional(params: SqlParams): params is readonly SqlParam[] {
  return Array.isArray(params);
}

function value(param: SqlParam): SqlValue {
  if (typeof param === 'string') return param.toWellFormed();
  if (typeof param === 'boolean') return Number(param);
  if (typeof param === 'number' && Number.isInteger(param) && !Number.isSafeInteger(param))
    throw new RangeError(`${param} does not fit: keep numbers beyond 2^53 as text.`);
  return param;
}
