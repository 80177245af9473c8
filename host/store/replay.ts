import { hasCode } from '#shared/host-error.ts';
import type { IndexDatabase } from './database.ts';
import { type Disk, diskErrorCode } from './disk.ts';
import type { DecodedCommit, EventCodec } from './event-codec.ts';
import { recordKind } from './frame.ts';
import { type JournalRecord, type ScanEnd, scanJournal } from './recovery.ts';
import { type ReadOnly, readOnly } from './state.ts';

/**
 * Fills the empty index from the journal, as far as it can be trusted. What a snapshot of the index would
 * spare begins here: it would give the first LSN to replay and its `seq`.
 */
export function replayJournal(target: ReplayTarget): Replayed {
  const { db, disk } = target;
  let seq = 0;
  const scan = scanJournal(disk, 0);
  db.run('BEGIN');
  try {
    for (let step = scan.next(); ; step = scan.next()) {
      if (step.done === true) return { seq, end: step.value, problem: problemOf(step.value) };
      const { value: record } = step;
      target.seeds.set(record.segment.header.firstLsn, record.segment.header.crc);
      if (record.kind !== recordKind.commit) continue;
      const applied = applyRecord(target, record, seq);
      if (typeof applied !== 'number') return { seq, end: undefined, problem: applied };
      seq = applied;
    }
  } catch (error) {
    const code = diskErrorCode(error);
    if (code === undefined) throw error;
    return { seq, end: undefined, problem: readOnly('store.damaged', code) };
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
  /** Called with what an applier or decoder threw; the record's position is in the notice. */
  readonly defect: (error: unknown) => void;
}

export interface Replayed {
  /** Of the last event that was applied; 0 when there is none. */
  readonly seq: number;
  /** How the journal ends; undefined when it was not read to its end. */
  readonly end: ScanEnd | undefined;
  /** Why the index may only be read. */
  readonly problem: ReadOnly | undefined;
}

/** Applies one commit; the caller rolls the savepoint `record` back when this throws. */
export function applyCommit(db: IndexDatabase, commit: DecodedCommit): void {
  const { seq, time, events } = commit;
  for (const [index, event] of events.entries()) event.apply(db, { seq: seq + index, time });
}

/** R13: a record that cannot be applied is stopped before, not skipped. */
function applyRecord(target: ReplayTarget, record: JournalRecord, seq: number): number | ReadOnly {
  const { db, codec } = target;
  const { offset, size, payload, segment } = record;
  db.run('SAVEPOINT record');
  db.place({ segment: segment.header.firstLsn, offset, size, payload });
  try {
    const commit = codec.decode(payload.toString('utf8'));
    if (commit.seq !== seq + 1) throw new RangeError(`Event ${commit.seq} follows event ${seq}.`);
    applyCommit(db, commit);
    return seq + commit.events.length;
  } catch (error) {
    db.run('ROLLBACK TO record');
    if (hasCode(error, 'store.newer')) return readOnly('store.newer');
    target.defect(error);
    return readOnly('store.damaged', `${segment.file}:${offset}`);
  } finally {
    db.place(undefined);
    db.run('RELEASE record');
  }
}

function problemOf({ verdict }: ScanEnd): ReadOnly | undefined {
  if (verdict.type === 'damaged') return readOnly('store.damaged', `${verdict.file}:${verdict.offset}`);
  if (verdict.type === 'newer') return readOnly('store.newer');
  return undefined;
}
