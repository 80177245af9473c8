import { hasCode } from '#shared/host-error.ts';
import type { RecordPlace } from './body.ts';
import type { IndexDatabase } from './database.ts';
import { type Disk, diskErrorCode } from './disk.ts';
import { decodeErasure } from './erasure-record.ts';
import type { DecodedCommit, EventCodec } from './event-codec.ts';
import { recordKind } from './frame.ts';
import { type JournalRecord, type ScanEnd, scanJournal } from './recovery.ts';
import type { Growth } from './snapshot-policy.ts';
import { type ReadOnly, readOnly } from './state.ts';

/** Brings the index from where a snapshot left it, or from nothing, to the journal's end, as far as that can be trusted. */
export function replayJournal(
  target: ReplayTarget,
  from: { readonly seq: number; readonly lsn: number },
): Replayed {
  const { db, disk } = target;
  const scan = scanJournal(disk, from.lsn);
  let { seq } = from;
  let grown: Growth = { bytes: 0, records: 0 };
  db.run('BEGIN');
  try {
    for (let step = scan.next(); ; step = scan.next()) {
      if (step.done === true) return { seq, grown, end: step.value, problem: problemOf(step.value) };
      const { value: record } = step;
      target.seeds.set(record.segment.header.firstLsn, record.segment.header.crc);
      const applied = replayRecord(target, record, seq);
      if (typeof applied !== 'number') return { seq, grown, end: undefined, problem: applied };
      seq = applied;
      grown = { bytes: grown.bytes + record.size, records: grown.records + 1 };
    }
  } catch (error) {
    const code = diskErrorCode(error);
    if (code === undefined) throw error;
    return { seq, grown, end: undefined, problem: readOnly('store.damaged', code) };
  } finally {
    db.run('COMMIT');
  }
}

export interface ReplayTarget {
  readonly db: IndexDatabase;
  readonly disk: Disk;
  readonly codec: EventCodec;
  /** Filled with the checksum seed of each segment, by its first LSN. */
  readonly seeds: Map<number, number>;
  /** Shelves whose erasure has begun and not ended: brought up to date. */
  readonly erasing: Set<string>;
  /** Called with what an applier or decoder threw; the record's position is in the notice. */
  readonly defect: (error: unknown) => void;
}

export interface Replayed {
  /** Of the last event that was applied; 0 when there is none. */
  readonly seq: number;
  /** What was replayed. */
  readonly grown: Growth;
  /** How the journal ends; undefined when it was not read to its end. */
  readonly end: ScanEnd | undefined;
  /** Why the index may only be read. */
  readonly problem: ReadOnly | undefined;
}

/** Applies one commit; the caller rolls the savepoint `record` back when this throws. */
export function applyCommit(db: IndexDatabase, commit: DecodedCommit, record: RecordPlace): void {
  const { seq, time, events } = commit;
  try {
    for (const [index, event] of events.entries()) {
      db.place(event.hasBodies ? record : 'inline');
      event.apply(db, { seq: seq + index, time });
    }
  } finally {
    db.place(undefined);
  }
}

/** @returns `seq` of the last event after this record, or why the replay ends before it. */
function replayRecord(target: ReplayTarget, record: JournalRecord, seq: number): number | ReadOnly {
  if (record.kind === recordKind.commit) return applyRecord(target, record, seq);
  if (record.kind === recordKind.close) return seq;
  const shelf = decodeErasure(record.payload.toString('utf8'));
  if (shelf === undefined) return readOnly('store.damaged', `${record.segment.file}:${record.offset}`);
  if (record.kind === recordKind.erase) target.erasing.add(shelf);
  else target.erasing.delete(shelf);
  return seq;
}

/** R13: a record that cannot be applied is stopped before, not skipped. */
function applyRecord(target: ReplayTarget, record: JournalRecord, seq: number): number | ReadOnly {
  const { db, codec } = target;
  const { offset, size, payload, segment } = record;
  db.run('SAVEPOINT record');
  try {
    const commit = codec.decode(payload.toString('utf8'));
    if (commit.seq !== seq + 1) throw new RangeError(`Event ${commit.seq} follows event ${seq}.`);
    applyCommit(db, commit, { segment: segment.header.firstLsn, offset, size, payload });
    return seq + commit.events.length;
  } catch (error) {
    db.run('ROLLBACK TO record');
    if (hasCode(error, 'store.newer')) return readOnly('store.newer');
    target.defect(error);
    return readOnly('store.damaged', `${segment.file}:${offset}`);
  } finally {
    db.run('RELEASE record');
  }
}

function problemOf({ verdict }: ScanEnd): ReadOnly | undefined {
  if (verdict.type === 'damaged') return readOnly('store.damaged', `${verdict.file}:${verdict.offset}`);
  if (verdict.type === 'newer') return readOnly('store.newer');
  return undefined;
}
