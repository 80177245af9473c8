import { HostError } from '#shared/host-error.ts';
import { type IndexDatabase, isConstraintError } from './database.ts';
import type { DecodedCommit } from './event-codec.ts';
import type { PreparedRecord } from './journal.ts';
import { applyCommit } from './replay.ts';

/**
 * The commits that stand in the index's open transaction: applied, and not yet written. A group whose write fails is
 * rolled back in memory exactly as it is cut from the journal.
 */
export class Group {
  readonly #db: IndexDatabase;
  #staged: Staged[] = [];
  /** `seq` of the last event applied, and of the last one written. */
  #seq: number;
  #durableSeq: number;

  constructor(db: IndexDatabase, seq: number) {
    this.#db = db;
    this.#seq = seq;
    this.#durableSeq = seq;
    db.run('BEGIN');
  }

  get seq(): number {
    return this.#seq;
  }

  get staged(): readonly Staged[] {
    return this.#staged;
  }

  /** Throws what an applier refused with, or `store.constraint`; then nothing of the commit is kept. */
  apply(staged: Staged): void {
    const { commit, record } = staged;
    // The group's first commit needs no savepoint: undoing it undoes the group.
    const isFirst = this.#staged.length === 0;
    if (!isFirst) this.#db.run('SAVEPOINT record');
    try {
      applyCommit(this.#db, commit, record);
    } catch (error) {
      if (isFirst) this.#rollBack();
      else this.#run('ROLLBACK TO record', 'RELEASE record');
      throw isConstraintError(error) ? constraintError(error) : error;
    }
    if (!isFirst) this.#db.run('RELEASE record');
    this.#staged.push(staged);
    this.#seq += commit.events.length;
  }

  /** All of it is written. */
  confirm(): void {
    this.#durableSeq = this.#seq;
  }

  /** It was not written, but for these first few. */
  undoAllBut(kept: readonly Staged[]): void {
    this.#rollBack();
    this.#seq = this.#durableSeq;
    this.#staged = [];
    for (const staged of kept) this.apply(staged);
    this.confirm();
  }

  /** Ends the transaction of what was written, and opens the next one. */
  end(): void {
    if (this.#staged.length === 0) return;
    this.#staged = [];
    this.#run('COMMIT', 'BEGIN');
  }

  /** Runs a step that changes rows of the index, and nothing else: all of it or, when it throws, nothing. */
  alone<T>(step: () => T): T {
    this.#requireEmpty();
    try {
      const result = step();
      this.#run('COMMIT', 'BEGIN');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** Runs a step that SQLite allows outside of a transaction only. */
  outside<T>(step: () => T): T {
    this.#requireEmpty();
    this.#db.run('COMMIT');
    try {
      return step();
    } finally {
      this.#db.run('BEGIN');
    }
  }

  #requireEmpty(): void {
    if (this.#staged.length > 0) throw new TypeError('Commits are staged: settle them first.');
  }

  #rollBack(): void {
    this.#run('ROLLBACK', 'BEGIN');
  }

  #run(...texts: readonly string[]): void {
    for (const sql of texts) this.#db.run(sql);
  }
}

export interface Staged {
  readonly commit: DecodedCommit;
  readonly record: PreparedRecord;
}

function constraintError(cause: Error): HostError {
  return new HostError('store.constraint', `The commit breaks a rule of the store: ${cause.message}.`, {
    cause,
  });
}
