import { hasCode } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import { type Disk, diskErrorCode } from './disk.ts';
import type { Ownership } from './fence.ts';
import { Journal } from './journal.ts';
import { type GoodSegment, type ScanEnd, successorSegment } from './recovery.ts';
import { removeTemporary, repairTail, setSnapshotAside } from './repair.ts';
import { freeReserve } from './reserve.ts';
import {
  badSnapshotNotice,
  noticeOf,
  type ReadOnly,
  readOnly,
  refusal,
  type StoreState,
  tornNotice,
  writable,
} from './state.ts';

/**
 * Whether the store may write, and into what: the journal, its failures and the fence.
 *
 *     writable ── the disk refuses ──▶ read-only, store.unwritable ── the next commit tries again ──▶ writable
 *         └────── damage, another owner ──▶ read-only for good
 */
export class Writer {
  readonly #disk: Disk;
  readonly #owner: Ownership;
  readonly #events: WriterEvents;
  #journal: Journal | undefined;
  /** How to become writable again after the disk refused a write; undefined when nothing can. */
  #resume: (() => Journal) | undefined;
  #state: StoreState = writable;

  /** Mends what the last owner left, and opens a segment. A failing disk makes it read-only. */
  constructor({ disk, owner, events, found, seeds }: WriterOptions) {
    this.#disk = disk;
    this.#owner = owner;
    this.#events = events;
    const { end, problem } = found;
    if (owner.type === 'none' || problem !== undefined || end === undefined) {
      this.stop(problem ?? (owner.type === 'none' ? owner.state : readOnly('store.damaged', '')));
      return;
    }
    this.#resume = () => {
      this.checkOwner();
      const { epoch } = owner.fence;
      this.#mend(end, { bad: found.bad, epoch });
      return new Journal(disk, { epoch, lastLsn: end.lastLsn, checkOwner: () => this.checkOwner(), seeds });
    };
    const failure = this.attempt(() => this.#open());
    if (failure !== undefined) this.stop(failure);
  }

  get state(): StoreState {
    return this.#state;
  }

  /** The journal, whatever the state; undefined when it was never opened. */
  get open(): Journal | undefined {
    return this.#journal;
  }

  /**
   * The journal to write to, opened again if a disk that had refused writes takes them by now (R10).
   * @throws HostError the code of a read-only state
   */
  journal(): Journal {
    const state = this.#state;
    if (state.type === 'read-only') {
      if (state.code !== 'store.unwritable' || this.#resume === undefined) throw refusal(state);
      const failure = this.attempt(() => this.#open());
      if (failure !== undefined && failure.code !== 'store.unwritable') this.stop(failure);
      if (failure !== undefined) throw refusal(failure);
      this.#setState(writable);
    }
    if (this.#journal === undefined) throw new TypeError('A writable store has a journal.');
    return this.#journal;
  }

  /** Why writing did not work, or undefined. The fence is looked at after the write: what an overruled owner appends is ignored. */
  attempt(step: () => void): ReadOnly | undefined {
    try {
      step();
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      // Where a new owner mends the folder at the same moment, it is not the disk that fails.
      if (failure.code !== 'store.other-owner') return this.#overruled() ?? failure;
    }
    return this.#overruled();
  }

  /** Goes on in a new segment. Nothing may be staged. @throws what made that fail; the store is writable still, if it can be. */
  rotate(): void {
    const journal = this.journal();
    try {
      journal.rotate();
    } catch (error) {
      if (failureOf(error) === undefined || journal.isSound) throw error;
      // The open segment is not to be trusted: leaving it by R10's way is a rotation as well.
      const failure = this.attempt(() => {
        journal.fail();
        journal.recover();
      });
      if (failure === undefined) return;
      this.stop(failure);
      throw refusal(failure);
    }
  }

  /** Writes records that are no commits, and makes them durable. @throws HostError why it could not be */
  mark(kind: number, ...payloads: readonly string[]): void {
    const journal = this.journal();
    const failure = this.attempt(() => {
      for (const payload of payloads) journal.mark(kind, payload);
      journal.sync();
    });
    if (failure === undefined) return;
    this.stop(failure);
    throw refusal(failure);
  }

  get isOwner(): boolean {
    return this.#overruled() === undefined;
  }

  /** @throws HostError `store.other-owner` */
  checkOwner(): void {
    const overruled = this.#overruled();
    if (overruled !== undefined) throw refusal(overruled);
  }

  stop(failure: ReadOnly): void {
    const isOverruled = failure.code === 'store.other-owner' || this.#overruled() !== undefined;
    if (isOverruled) this.#journal?.abandon();
    else this.#journal?.fail();
    if (!isOverruled) freeReserve(this.#disk, failure);
    this.#setState(failure);
    this.#events.notify(noticeOf(failure));
  }

  /**
   * Where the next owner's history goes on: records below that LSN are in it, though only written and never
   * acknowledged here. Where its own segment begins tells.
   * @returns undefined where no next owner came to write, or that segment is gone: such records may have been found.
   */
  adoptedBelow(): number | undefined {
    const own = this.#journal?.segment;
    if (this.#owner.type === 'none' || own === undefined) return 0;
    let start: number | undefined;
    this.#owner.fence.waitFor(() => {
      start = this.#successorStart(own);
      return start !== undefined;
    });
    return start;
  }

  close(): void {
    const journal = this.#journal;
    if (this.#state.type === 'writable' && journal !== undefined) this.attempt(() => journal.close());
  }

  /** It is told to somebody, so it must not go with the power: nor may its owner have synced it yet. */
  #successorStart(own: GoodSegment): number | undefined {
    try {
      const segment = successorSegment(this.#disk, own);
      if (segment === undefined) return undefined;
      this.#disk.sync(segment.file);
      this.#disk.syncFolder('.');
      return segment.header.firstLsn;
    } catch (error) {
      if (diskErrorCode(error) === undefined) throw error;
      return undefined;
    }
  }

  #mend(end: ScanEnd, { bad, epoch }: { readonly bad: readonly string[]; readonly epoch: number }): void {
    removeTemporary(this.#disk, epoch);
    const kept = repairTail(this.#disk, end);
    if (kept !== undefined) this.#events.notify(tornNotice(kept.bytes, kept.file));
    for (const file of bad) {
      if (setSnapshotAside(this.#disk, file)) this.#events.notify(badSnapshotNotice(file));
    }
  }

  #open(): void {
    if (this.#resume === undefined) return;
    const journal = this.#resume();
    this.#journal = journal;
    this.#resume = () => {
      journal.recover();
      return journal;
    };
  }

  #overruled(): ReadOnly | undefined {
    if (this.#owner.type === 'none' || this.#owner.fence.holds()) return undefined;
    return readOnly('store.other-owner', this.#owner.fence.successor());
  }

  #setState(state: StoreState): void {
    this.#state = state;
    this.#events.stateChanged(state);
  }
}

export interface WriterOptions {
  readonly disk: Disk;
  readonly owner: Ownership;
  readonly events: WriterEvents;
  /** Filled with the checksum seed of each segment, by its first LSN. */
  readonly seeds: Map<number, number>;
  /** What the opening found. */
  readonly found: {
    readonly end: ScanEnd | undefined;
    readonly problem: ReadOnly | undefined;
    readonly bad: readonly string[];
  };
}

export interface WriterEvents {
  readonly notify: (notice: Notice) => void;
  readonly stateChanged: (state: StoreState) => void;
}

/** What a failed step means for the store, or undefined for a defect. */
export function failureOf(error: unknown): ReadOnly | undefined {
  const code = diskErrorCode(error);
  if (code !== undefined) return readOnly('store.unwritable', code);
  if (hasCode(error, 'store.damaged')) return readOnly('store.damaged', String(error.data['0']));
  if (hasCode(error, 'store.unwritable')) return readOnly('store.unwritable', String(error.data['0']));
  if (hasCode(error, 'store.other-owner')) return readOnly('store.other-owner', String(error.data['0']));
  return undefined;
}
