import { HostError, hasCode } from '#shared/host-error.ts';
import { beginOpening } from './attempts.ts';
import { bodiesOf } from './body-source.ts';
import type { IndexDatabase } from './database.ts';
import type { Disk } from './disk.ts';
import { beginErasure, type ErasureWorld, finishErasures } from './erasure.ts';
import { createEventCodec, type EventCodec } from './event-codec.ts';
import type { Ownership } from './fence.ts';
import { recordKind } from './frame.ts';
import { Group } from './group.ts';
import type { PreparedRecord } from './journal.ts';
import { openIndex } from './open-index.ts';
import type { AnyProjection, QueryTable } from './projection.ts';
import { keepReserve } from './reserve.ts';
import { Shelves } from './shelves.ts';
import { makeSnapshot } from './snapshot.ts';
import { Backlog, type Occasion, type SnapshotPolicy, snapshotPolicy } from './snapshot-policy.ts';
import type { Sql } from './sql.ts';
import { outcomeUnknown, readOnly, refusal, type StoreState, snapshotNotice } from './state.ts';
import { failureOf, Writer, type WriterEvents } from './writer.ts';

/**
 * The store itself: blocking, single-threaded, on a `Disk`. Its caller drives the cycle
 *
 *     stage … stage → flush → (acknowledge) → settle → upkeep
 *
 * All commits of a group stand in one open transaction of the index. Ending that transaction is left to `settle`,
 * behind the acknowledgement, and what keeps the folder small to `upkeep`, when nobody waits.
 */
export class Engine {
  readonly #disk: Disk;
  readonly #events: EngineEvents;
  readonly #codec: EventCodec;
  readonly #queries: QueryTable;
  readonly #db: IndexDatabase;
  readonly #group: Group;
  readonly #writer: Writer;
  readonly #backlog: Backlog;
  readonly #world: ErasureWorld;
  /** A commit was written since the last mark of a clean end. */
  #unmarked = false;
  /** An erasure failed: not again at every pause. */
  #eraseLater = false;

  /** Reads the index and, as its owner, makes the journal ready for writing. A failing disk makes it read-only. */
  constructor(options: EngineOptions) {
    const { disk, sql, projections, owner, events, bootID, policy = snapshotPolicy } = options;
    this.#disk = disk;
    this.#events = events;
    this.#codec = createEventCodec(projections);
    this.#queries = queriesOf(projections);
    const seeds = new Map<number, number>();
    let writer: Writer | undefined;
    const source = bodiesOf({
      disk,
      seeds,
      staged: (segment, part) => writer?.open?.readStaged(segment, part),
    });
    const opening = owner.type === 'owner' ? beginOpening(disk, bootID) : undefined;
    const found = openIndex({
      disk,
      sql,
      projections,
      source,
      seeds,
      codec: this.#codec,
      defect: events.defect,
      withoutReplay: opening?.mustNotReplay ?? false,
    });
    opening?.survived();
    this.#db = found.db;
    this.#group = new Group(found.db, found.seq);
    this.#backlog = new Backlog(policy, { grown: found.grown, lastSnapshot: found.size });
    writer = new Writer({ disk, owner, events, found, seeds });
    this.#writer = writer;
    this.#world = {
      disk,
      projections,
      source,
      db: found.db,
      group: this.#group,
      writer,
      backlog: this.#backlog,
      erasing: found.erasing,
      columns: projections.flatMap(({ bodies = [] }) => bodies),
      shelves: new Shelves(disk, () => this.#writer.checkOwner()),
    };
  }

  get state(): StoreState {
    return this.#writer.state;
  }

  get stagedBytes(): number {
    return this.#writer.open?.stagedBytes ?? 0;
  }

  /**
   * Applies a commit to the index and stages its record; `seq` is that of its last event.
   * It is durable only when the following `flush` returns nothing.
   * @throws HostError what an applier refused with, `store.constraint`, `store.invalid-event`,
   *   `store.too-large`, or the code of a read-only state. Then nothing of it is kept.
   */
  stage({ time, events }: Commit): number {
    const journal = this.#writer.journal();
    const { payload, commit } = this.#codec.admit(events, { seq: this.#group.seq + 1, time });
    const record = journal.prepare(recordKind.commit, payload);
    this.#group.apply({ commit, record });
    journal.stage(record);
    return this.#group.seq;
  }

  /** Answers from the index, staged commits included: nothing may leave the process before `flush`. */
  read(name: string, args: unknown): unknown {
    try {
      return answer(this.#queries, this.#db, { name, args });
    } catch (error) {
      // A new owner's snapshots take over what this index points to, often before this one has noticed.
      if (hasCode(error, 'store.damaged')) this.#refuseIfOverruled();
      throw error;
    }
  }

  #refuseIfOverruled(): void {
    const { state } = this;
    if (state.type === 'read-only' && state.code === 'store.other-owner') throw refusal(state);
    if (state.type === 'writable') this.#writer.checkOwner();
  }

  /**
   * Makes every staged commit durable: one write, one fdatasync, then a look whether this is still the owner.
   * @returns why not, when it failed, and how many of the group are kept all the same: a new owner may have found
   *   the first few written. The others are undone, on the disk and in the index.
   */
  flush(): FlushFailure | undefined {
    const journal = this.#writer.open;
    const { staged } = this.#group;
    if (journal === undefined || staged.length === 0) return undefined;
    const failure = this.#writer.attempt(() => journal.flush());
    if (failure === undefined) {
      this.#group.confirm();
      this.#backlog.grow(grownBy(staged.map(({ record }) => record)));
      this.#unmarked = true;
      return undefined;
    }
    const limit = failure.code === 'store.other-owner' ? this.#writer.adoptedBelow() : 0;
    const kept = staged.filter(({ record }) => record.lsn < (limit ?? 0));
    this.#writer.stop(failure);
    this.#group.undoAllBut(kept);
    return { error: limit === undefined ? outcomeUnknown(failure) : refusal(failure), kept: kept.length };
  }

  /** After the acknowledgement: ends the group's transaction and opens the next one's. */
  settle(): void {
    if (this.#group.staged.length === 0) return;
    this.#group.end();
    const journal = this.#writer.open;
    if (this.state.type !== 'writable' || journal?.needsRoom !== true) return;
    const failure = this.#writer.attempt(() => journal.makeRoom());
    if (failure !== undefined) this.#writer.stop(failure);
  }

  /**
   * Marks a clean end, when the store has been idle and when it closes: without it, damage of the very last
   * record could not be told from a torn write.
   */
  mark(): void {
    const journal = this.#writer.open;
    if (!this.#unmarked || this.state.type !== 'writable' || journal === undefined) return;
    this.#unmarked = false;
    const failure = this.#writer.attempt(() => journal.mark(recordKind.close, '{}'));
    if (failure !== undefined) this.#writer.stop(failure);
  }

  /** For the first quiet moment after commits. */
  rest(): void {
    this.mark();
    if (this.state.type === 'writable') keepReserve(this.#disk);
  }

  /**
   * What is worth doing now for the folder: erasures, a snapshot. Each step may be taken only when no commit is
   * staged; giving it up between steps loses nothing. It never throws, and returns why it failed.
   */
  upkeep(occasion: Occasion): Upkeep | undefined {
    if (this.state.type !== 'writable') return undefined;
    if (occasion !== 'pause') this.#eraseLater = false;
    if (this.#world.erasing.size > 0 && !this.#eraseLater) return this.#guarded(finishErasures(this.#world));
    return this.#backlog.isDue(occasion) ? this.#guarded(makeSnapshot(this.#world)) : undefined;
  }

  /**
   * Makes durable that a shelf is to be erased, whose rows are deleted; `upkeep` does it. No commit may be staged.
   * @throws HostError `store.conflict`, or the code of a read-only state
   */
  erase(shelf: string): void {
    beginErasure(this.#world, shelf);
    this.#eraseLater = false;
  }

  /** Whether a shelf's erasure has begun and not ended. */
  isErasing(shelf: string): boolean {
    return this.#world.erasing.has(shelf);
  }

  /** Another owner asked for the folder: what was acknowledged stays, nothing is written from now on. */
  yieldTo(surface: string): void {
    this.mark();
    if (this.state.type === 'writable') this.#writer.stop(readOnly('store.other-owner', surface));
  }

  close(): void {
    this.mark();
    this.#writer.close();
    this.#db[Symbol.dispose]();
  }

  *#guarded(steps: Generator<void>): Upkeep {
    try {
      for (;;) {
        // The disk failed a commit, or another owner came.
        if (this.state.type !== 'writable') return refusal(this.state);
        if (steps.next().done === true) return undefined;
        yield;
      }
    } catch (error) {
      return this.#upkeepFailed(error);
    } finally {
      steps.return(undefined);
    }
  }

  #upkeepFailed(error: unknown): HostError {
    this.#eraseLater = true;
    this.#backlog.failed();
    const failure = failureOf(error);
    if (failure?.code === 'store.other-owner') this.#writer.stop(failure);
    else if (this.#backlog.failures === 1)
      this.#events.notify(snapshotNotice(String(failure?.data['0'] ?? error)));
    if (failure === undefined) this.#events.defect(error);
    return failure === undefined ? defect(error) : refusal(failure);
  }
}

/** Ends with why it failed, or undefined. */
export type Upkeep = Generator<void, HostError | undefined>;

export interface EngineOptions {
  readonly disk: Disk;
  readonly sql: Sql;
  readonly projections: readonly AnyProjection[];
  readonly owner: Ownership;
  readonly events: EngineEvents;
  /** Of the machine's current start: see `beginOpening`. */
  readonly bootID: string;
  readonly policy?: SnapshotPolicy | undefined;
}

export interface FlushFailure {
  readonly error: HostError;
  /** How many commits of the group, from its first, are durable. */
  readonly kept: number;
}

export interface EngineEvents extends WriterEvents {
  /** An applier, a decoder or the upkeep threw what it should not. */
  readonly defect: (error: unknown) => void;
}

export interface Commit {
  /** Wall time in milliseconds since the epoch. */
  readonly time: number;
  /** JSON of a list of events. */
  readonly events: string;
}

export function queriesOf(projections: readonly AnyProjection[]): QueryTable {
  return Object.assign({}, ...projections.map(({ queries }) => queries));
}

export function answer(
  queries: QueryTable,
  db: IndexDatabase,
  { name, args }: { readonly name: string; readonly args: unknown },
): unknown {
  const query = queries[name];
  if (query === undefined) throw new TypeError(`No projection answers ${name}.`);
  return query(db, args as never);
}

function grownBy(records: readonly PreparedRecord[]): { readonly bytes: number; readonly records: number } {
  return { bytes: records.reduce((sum, { size }) => sum + size, 0), records: records.length };
}

function defect(cause: unknown): HostError {
  return new HostError('store.defect', 'The history could not be compacted. The log has the details.', {
    cause,
  });
}
