/** When a snapshot is worth its price. Tests make these tiny. */
export interface SnapshotPolicy {
  /** Made when the journal has grown by more bytes than this and than `share` of the last snapshot, … */
  readonly bytes: number;
  readonly share: number;
  /** … or by more records: their replay takes half a second. */
  readonly records: number;
  /** When nothing goes on, or at the end, so much new is enough. */
  readonly worthBytes: number;
  readonly worthRecords: number;
  /** Milliseconds without a commit that count as nothing going on. */
  readonly idle: number;
}

export const snapshotPolicy: SnapshotPolicy = {
  bytes: 8 * 1024 * 1024,
  share: 0.25,
  records: 10_000,
  worthBytes: 256 * 1024,
  worthRecords: 250,
  idle: 5 * 60 * 1000,
};

/** `pause`: no request waits. `idle`: none has come for long. `close`: none will. */
export type Occasion = 'pause' | 'idle' | 'close';

/** How much of the journal no snapshot holds, and whether it is time for one. */
export class Backlog {
  readonly #policy: SnapshotPolicy;
  #grown: Growth;
  #lastSnapshot: number;
  #failures = 0;

  /** @param lastSnapshot bytes of the newest snapshot; 0 without one. */
  constructor(
    policy: SnapshotPolicy,
    { grown, lastSnapshot }: { readonly grown: Growth; readonly lastSnapshot: number },
  ) {
    this.#policy = policy;
    this.#grown = grown;
    this.#lastSnapshot = lastSnapshot;
  }

  /** As of now: what an image that is taken now will hold. */
  get grown(): Growth {
    return this.#grown;
  }

  /** The last attempts failed, this many in a row. */
  get failures(): number {
    return this.#failures;
  }

  grow({ bytes, records }: Growth): void {
    this.#grown = { bytes: this.#grown.bytes + bytes, records: this.#grown.records + records };
  }

  /** A snapshot is durable that holds `held`. */
  succeeded({ held, size }: { readonly held: Growth; readonly size: number }): void {
    this.#failures = 0;
    this.#lastSnapshot = size;
    this.grow({ bytes: -held.bytes, records: -held.records });
  }

  /** The next attempt waits for twice as much. */
  failed(): void {
    this.#failures += 1;
  }

  isDue(occasion: Occasion): boolean {
    const { bytes, records } = this.#grown;
    const { share, worthBytes, worthRecords, ...full } = this.#policy;
    const patience = occasion === 'close' ? 1 : 2 ** Math.min(this.#failures, 20);
    const fullBytes = Math.max(full.bytes, this.#lastSnapshot * share);
    if (bytes > fullBytes * patience || records > full.records * patience) return true;
    if (occasion === 'pause') return false;
    return bytes >= worthBytes * patience || records >= worthRecords * patience;
  }
}

export interface Growth {
  readonly bytes: number;
  readonly records: number;
}
