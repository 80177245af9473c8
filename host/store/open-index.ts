import type { BodySource } from './body.ts';
import { createDatabase, type IndexDatabase } from './database.ts';
import { type Disk, diskErrorCode } from './disk.ts';
import type { EventCodec } from './event-codec.ts';
import { createMeta, type IndexMeta, readMeta } from './meta-projection.ts';
import type { AnyProjection } from './projection.ts';
import type { ScanEnd } from './recovery.ts';
import { replayJournal } from './replay.ts';
import { listSnapshots, type ReadSnapshot, readSnapshot, type SnapshotName } from './snapshot-file.ts';
import type { Growth } from './snapshot-policy.ts';
import type { Sql } from './sql.ts';
import { type ReadOnly, readOnly } from './state.ts';

/**
 * The index as the folder gives it: the newest snapshot that can be used (R2), or nothing, and the journal's records
 * behind it (R3). Reads only; what is to be mended is the caller's affair.
 */
export function openIndex(options: IndexOptions): OpenIndex {
  const rejected: Rejected[] = [];
  for (const snapshot of listedSnapshots(options.disk)) {
    const found = readSnapshot(options.disk, snapshot);
    const base = found.type === 'good' ? openBase(options, found.index) : found.type;
    if (typeof base === 'object') return replayed(options, base, rejected);
    rejected.push({ ...snapshot, why: base });
  }
  const db = createDatabase(options.sql, options.source);
  createMeta(db);
  runMigrations(db, options.projections, {});
  return replayed(options, { db, seq: 0, lsn: 0, size: 0, erasing: [] }, rejected);
}

export interface IndexOptions {
  readonly disk: Disk;
  readonly sql: Sql;
  readonly projections: readonly AnyProjection[];
  readonly codec: EventCodec;
  readonly source: BodySource;
  /** Filled with the checksum seed of each segment, by its first LSN. */
  readonly seeds: Map<number, number>;
  /** Called with what an applier or decoder threw; the record's position is in the notice. */
  readonly defect: (error: unknown) => void;
  /** Stops at the newest snapshot: what comes behind it may not be survived. */
  readonly withoutReplay: boolean;
}

export interface OpenIndex {
  readonly db: IndexDatabase;
  /** Of the last event that was applied; 0 when there is none. */
  readonly seq: number;
  /** How the journal ends; undefined when it was not read to its end. */
  readonly end: ScanEnd | undefined;
  /** Why the index may only be read. */
  readonly problem: ReadOnly | undefined;
  /** What of the journal is not in the snapshot. */
  readonly grown: Growth;
  /** Bytes of the snapshot; 0 without one. */
  readonly size: number;
  /** Shelves whose erasure has begun and not ended. */
  readonly erasing: Set<string>;
  /** Snapshots that were damaged, and that older files stand in for. */
  readonly bad: readonly string[];
}

/** How many migrations of each projection the index has. */
export function migrationsOf(projections: readonly AnyProjection[]): IndexMeta['migrations'] {
  return Object.fromEntries(projections.map(({ name, migrations }) => [name, migrations.length]));
}

interface Rejected extends SnapshotName {
  readonly why: Exclude<ReadSnapshot['type'], 'good'>;
}

/** A folder that cannot be listed has no journal either, and the replay says why. */
function listedSnapshots(disk: Disk): readonly SnapshotName[] {
  try {
    return listSnapshots(disk);
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
    return [];
  }
}

interface Base extends Omit<IndexMeta, 'migrations'> {
  readonly db: IndexDatabase;
  readonly size: number;
}

function openBase({ sql, source, projections }: IndexOptions, bytes: Uint8Array): Base | 'bad' | 'newer' {
  const found = readIndex(() => createDatabase(sql, source, bytes));
  if (found === undefined) return 'bad';
  const { db, meta } = found;
  if (meta === undefined || isNewer(meta, projections)) {
    db[Symbol.dispose]();
    return meta === undefined ? 'bad' : 'newer';
  }
  runMigrations(db, projections, meta.migrations);
  return { ...meta, db, size: bytes.length };
}

/** Undefined for bytes that are as they were written, and yet no database; without `meta` it is none of the store's. */
function readIndex(
  open: () => IndexDatabase,
): { readonly db: IndexDatabase; readonly meta: IndexMeta | undefined } | undefined {
  try {
    const db = open();
    return { db, meta: readMeta(db) };
  } catch (error) {
    if (error instanceof Error && noDatabase.test(error.message)) return undefined;
    throw error;
  }
}

const noDatabase = /not a database|malformed/;

/** A later Millrace brought tables, or columns, that this one's appliers would not fill. */
function isNewer({ migrations }: IndexMeta, projections: readonly AnyProjection[]): boolean {
  const known = migrationsOf(projections);
  return Object.entries(migrations).some(([name, count]) => count > (known[name] ?? 0));
}

function runMigrations(
  db: IndexDatabase,
  projections: readonly AnyProjection[],
  done: IndexMeta['migrations'],
): void {
  for (const { name, migrations } of projections) {
    for (const sql of migrations.slice(done[name] ?? 0)) db.execute(sql);
  }
}

function replayed(options: IndexOptions, base: Base, rejected: readonly Rejected[]): OpenIndex {
  const { db, seq, lsn, size } = base;
  const erasing = new Set(base.erasing);
  const bad = rejected.filter(({ why }) => why === 'bad').map(({ file }) => file);
  const open = { db, size, erasing, bad };
  if (options.withoutReplay) {
    const problem = readOnly('store.crashed');
    return { ...open, seq, end: undefined, problem, grown: { bytes: 0, records: 0 } };
  }
  const found = replayJournal({ ...options, db, erasing }, { seq, lsn });
  return { ...open, ...found, problem: uncovered(rejected, found) ?? found.problem };
}

/** A snapshot that cannot be used proves how far the history went: do older files reach as far? */
function uncovered(
  rejected: readonly Rejected[],
  { end, problem }: { readonly end: ScanEnd | undefined; readonly problem: ReadOnly | undefined },
): ReadOnly | undefined {
  if (end === undefined) return undefined;
  const missing = rejected.filter(({ lsn }) => lsn > end.lastLsn);
  const [first] = missing;
  if (first === undefined) return undefined;
  const isNewer = problem?.code === 'store.newer' || missing.some(({ why }) => why === 'newer');
  return isNewer ? readOnly('store.newer') : readOnly('store.damaged', first.file);
}
