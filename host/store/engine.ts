import { HostError, hasCode } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { RecordSource } from './body.ts';
import { createDatabase, type IndexDatabase, isConstraintError } from './database.ts';
import { type Disk, diskErrorCode } from './disk.ts';
import { createEventCodec, type DecodedCommit, type EventCodec } from './event-codec.ts';
import type { Ownership } from './fence.ts';
import { recordKind } from './frame.ts';
import { Journal, type PreparedRecord } from './journal.ts';
import type { AnyProjection, QueryTable } from './projection.ts';
import { segmentFile, successorStart } from './recovery.ts';
import { removeTemporary, repairTail } from './repair.ts';
import { applyCommit, type Replayed, replayJournal } from './replay.ts';
import type { Sql } from './sql.ts';
import {
  noticeOf,
  type ReadOnly,
  readOnly,
  refusal,
  type StoreState,
  tornNotice,
  writable,
} from './state.ts';

/**
 * The store itself: blocking, single-threaded, on a `Disk`. Its caller drives the cycle
 *
 *     stage … stage → flush → (acknowledge) → settle
 *
 * All commits of a group stand in one open transaction of the index, so that a group whose write fails is
 * rolled back in memory exactly as it is cut from the journal. Ending that transaction is left to `settle`,
 * behind the acknowledgement.
 */
export class Engine {
  readonly #disk: Disk;
  readonly #owner: Ownership;
  readonly #events: EngineEvents;
  readonly #codec: EventCodec;
  readonly #queries: QueryTable;
  readonly #db: IndexDatabase;
  readonly #seeds = new Map<number, number>();
  #journal: Journal | undefined;
  /** How to become writable again after the disk refused a write; undefined when nothing can. */
  #resume: (() => Journal) | undefined;
  #state: StoreState = writable;
  /** `seq` of the last event applied, and of the last one acknowledged. */
  #seq = 0;
  #durableSeq = 0;
  /** Applied in the open transaction, and not yet written. */
  #group: Staged[] = [];
  /** A commit was written since the last mark of a clean end. */
  #unmarked = false;

  /** Replays the journal and, as its owner, makes it ready for writing. A failing disk makes it read-only. */
  constructor({ disk, sql, projections, owner, events }: EngineOptions) {
    this.#disk = disk;
    this.#owner = owner;
    this.#events = events;
    this.#codec = createEventCodec(projections);
    this.#queries = Object.assign({}, ...projections.map(({ queries }) => queries));
    this.#db = createDatabase(sql, this.#records());
    for (const migration of projections.flatMap(({ migrations }) => migrations)) this.#db.execute(migration);
    const target = { db: this.#db, disk, codec: this.#codec, seeds: this.#seeds, defect: events.defect };
    const replayed = replayJournal(target);
    this.#seq = replayed.seq;
    this.#durableSeq = replayed.seq;
    this.#start(replayed);
    this.#db.run('BEGIN');
  }

  get state(): StoreState {
    return this.#state;
  }

  get stagedBytes(): number {
    return this.#journal?.stagedBytes ?? 0;
  }

  /**
   * Applies a commit to the index and stages its record; `seq` is that of its last event.
   * It is durable only when the following `flush` returns nothing.
   * @throws HostError what an applier refused with, `store.constraint`, `store.invalid-event`,
   *   `store.too-large`, or the code of a read-only state. Then nothing of it is kept.
   */
  stage({ time, events }: Commit): number {
    const journal = this.#writableJournal();
    const { payload, commit } = this.#codec.admit(events, { seq: this.#seq + 1, time });
    const record = journal.prepare(recordKind.commit, payload);
    this.#apply({ commit, record });
    journal.stage(record);
    return this.#seq;
  }

  /** Answers from the index, staged commits included: nothing may leave the process before `flush`. */
  read(name: string, args: unknown): unknown {
    const query = this.#queries[name];
    if (query === undefined) throw new TypeError(`No projection answers ${name}.`);
    return query(this.#db, args as never);
  }

  /**
   * Makes every staged commit durable: one write, one fdatasync, then a look whether this is still the owner.
   * @returns why not, when it failed, and how many of the group are kept all the same: a new owner may have found
   *   the first few written. The others are undone, on the disk and in the index.
   */
  flush(): FlushFailure | undefined {
    const journal = this.#journal;
    if (journal === undefined || this.#group.length === 0) return undefined;
    const failure = this.#tryWriting(() => journal.flush());
    if (failure === undefined) {
      this.#durableSeq = this.#seq;
      this.#unmarked = true;
      return undefined;
    }
    const kept = failure.code === 'store.other-owner' ? this.#adopted() : [];
    this.#undo(true);
    this.#seq = this.#durableSeq;
    this.#stopWriting(failure);
    this.#group = [];
    for (const staged of kept) this.#apply(staged);
    this.#durableSeq = this.#seq;
    return { error: refusal(failure), kept: kept.length };
  }

  /** After the acknowledgement: ends the group's transaction and opens the next one's. */
  settle(): void {
    if (this.#group.length === 0) return;
    this.#group = [];
    this.#db.run('COMMIT');
    this.#db.run('BEGIN');
    const journal = this.#journal;
    if (this.#state.type !== 'writable' || journal?.needsRoom !== true) return;
    const failure = this.#tryWriting(() => journal.makeRoom());
    if (failure !== undefined) this.#stopWriting(failure);
  }

  /**
   * Marks a clean end, when the store has been idle and when it closes: without it, damage of the very last
   * record could not be told from a torn write.
   */
  mark(): void {
    const journal = this.#journal;
    if (!this.#unmarked || this.#state.type !== 'writable' || journal === undefined) return;
    this.#unmarked = false;
    const failure = this.#tryWriting(() => journal.mark(recordKind.close, '{}'));
    if (failure !== undefined) this.#stopWriting(failure);
  }

  /** Another owner asked for the folder: what was acknowledged stays, nothing is written from now on. */
  yieldTo(surface: string): void {
    this.mark();
    if (this.#state.type === 'writable') this.#stopWriting(readOnly('store.other-owner', surface));
  }

  close(): void {
    this.mark();
    const journal = this.#journal;
    if (this.#state.type === 'writable' && journal !== undefined) this.#tryWriting(() => journal.close());
    this.#db[Symbol.dispose]();
  }

  #start({ end, problem }: Replayed): void {
    const owner = this.#owner;
    if (problem !== undefined || end === undefined) {
      this.#stopWriting(problem ?? readOnly('store.damaged', ''));
      return;
    }
    if (owner.type === 'none') {
      this.#stopWriting(owner.state);
      return;
    }
    const checkOwner = (): void => {
      const overruled = this.#overruled();
      if (overruled !== undefined) throw refusal(overruled);
    };
    this.#resume = () => {
      checkOwner();
      removeTemporary(this.#disk);
      const kept = repairTail(this.#disk, end);
      if (kept !== undefined) this.#events.notify(tornNotice(kept.bytes, kept.file));
      return new Journal(this.#disk, { epoch: owner.fence.epoch, lastLsn: end.lastLsn, checkOwner });
    };
    const failure = this.#tryWriting(() => this.#openJournal());
    if (failure !== undefined) this.#stopWriting(failure);
  }

  /** The journal, opened again if a disk that had refused writes takes them by now (R10). */
  #writableJournal(): Journal {
    const state = this.#state;
    if (state.type === 'read-only') {
      if (state.code !== 'store.unwritable' || this.#resume === undefined) throw refusal(state);
      const failure = this.#tryWriting(() => this.#openJournal());
      if (failure !== undefined && failure.code !== 'store.unwritable') this.#stopWriting(failure);
      if (failure !== undefined) throw refusal(failure);
      this.#setState(writable);
    }
    if (this.#journal === undefined) throw new TypeError('A writable store has a journal.');
    return this.#journal;
  }

  #openJournal(): void {
    if (this.#resume === undefined) return;
    const journal = this.#resume();
    this.#journal = journal;
    this.#seeds.set(journal.segment.header.firstLsn, journal.segment.header.crc);
    this.#resume = () => {
      journal.recover();
      return journal;
    };
  }

  /** Why writing did not work, or undefined. The fence is looked at after the write: what an overruled owner appends is ignored. */
  #tryWriting(step: () => void): ReadOnly | undefined {
    try {
      step();
    } catch (error) {
      const code = diskErrorCode(error);
      if (code !== undefined) return readOnly('store.unwritable', code);
      if (hasCode(error, 'store.damaged')) return readOnly('store.damaged', String(error.data['0']));
      if (!hasCode(error, 'store.other-owner')) throw error;
    }
    return this.#overruled();
  }

  #overruled(): ReadOnly | undefined {
    if (this.#owner.type === 'none' || this.#owner.fence.holds()) return undefined;
    return readOnly('store.other-owner', this.#owner.fence.successor());
  }

  #stopWriting(failure: ReadOnly): void {
    const isOverruled = failure.code === 'store.other-owner' || this.#overruled() !== undefined;
    if (isOverruled) this.#journal?.abandon();
    else this.#journal?.fail();
    this.#setState(failure);
    this.#events.notify(noticeOf(failure));
  }

  #apply(staged: Staged): void {
    const { commit, record } = staged;
    // The group's first commit needs no savepoint: undoing it undoes the group.
    const isFirst = this.#group.length === 0;
    if (!isFirst) this.#db.run('SAVEPOINT record');
    this.#db.place(record);
    try {
      applyCommit(this.#db, commit);
    } catch (error) {
      this.#undo(isFirst);
      throw isConstraintError(error) ? constraintError(error) : error;
    } finally {
      this.#db.place(undefined);
    }
    if (!isFirst) this.#db.run('RELEASE record');
    this.#group.push(staged);
    this.#seq += commit.events.length;
  }

  /**
   * What of the group a new owner has made part of the history: it was written before that owner looked, and only
   * the acknowledgement came too late. Where its own segment begins tells.
   */
  #adopted(): readonly Staged[] {
    if (this.#owner.type === 'none') return [];
    const { fence } = this.#owner;
    let start: number | undefined;
    fence.waitFor(() => {
      start = successorStart(this.#disk, fence.epoch);
      return start !== undefined;
    });
    const limit = start ?? 0;
    return this.#group.filter(({ record }) => record.lsn < limit);
  }

  /** Takes back what the last commit did to the index, or the whole group. */
  #undo(wholeGroup: boolean): void {
    for (const sql of wholeGroup ? ['ROLLBACK', 'BEGIN'] : ['ROLLBACK TO record', 'RELEASE record']) {
      this.#db.run(sql);
    }
  }

  #setState(state: StoreState): void {
    this.#state = state;
    this.#events.stateChanged(state);
  }

  /** Body pointers are followed into the journal, or into records of this group that are not written yet. */
  #records(): RecordSource {
    return {
      read: (segment, part) => {
        const seed = this.#seeds.get(segment);
        if (seed === undefined) return undefined;
        const bytes = this.#journal?.readStaged(segment, part);
        return { bytes: bytes ?? this.#disk.readPart(segmentFile(segment), part), seed };
      },
    };
  }
}

export interface EngineOptions {
  readonly disk: Disk;
  readonly sql: Sql;
  readonly projections: readonly AnyProjection[];
  readonly owner: Ownership;
  readonly events: EngineEvents;
}

export interface FlushFailure {
  readonly error: HostError;
  /** How many commits of the group, from its first, are durable. */
  readonly kept: number;
}

interface Staged {
  readonly commit: DecodedCommit;
  readonly record: PreparedRecord;
}

export interface EngineEvents {
  readonly notify: (notice: Notice) => void;
  readonly stateChanged: (state: StoreState) => void;
  /** An applier or decoder threw at replay. */
  readonly defect: (error: unknown) => void;
}

export interface Commit {
  /** Wall time in milliseconds since the epoch. */
  readonly time: number;
  /** JSON of a list of events. */
  readonly events: string;
}

function constraintError(cause: Error): HostError {
  return new HostError('store.constraint', `The commit breaks a rule of the store: ${cause.message}.`, {
    cause,
  });
}
