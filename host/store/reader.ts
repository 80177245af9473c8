import { hasCode } from '#shared/host-error.ts';
import { bodiesOf } from './body-source.ts';
import type { Disk } from './disk.ts';
import { answer, type Commit, type EngineEvents, queriesOf } from './engine.ts';
import { createEventCodec, type EventCodec } from './event-codec.ts';
import { type OpenIndex, openIndex } from './open-index.ts';
import type { AnyProjection, QueryTable } from './projection.ts';
import type { Sql } from './sql.ts';
import { noticeOf, type ReadOnly, readOnly, refusal } from './state.ts';

/**
 * Answers from a folder that another process owns, as it was when this was opened, and changes nothing in it.
 * The owner may be in the middle of a write, and may remove files: then it is read anew, a few times.
 */
export class Reader implements Disposable {
  readonly #options: ReaderOptions;
  readonly #codec: EventCodec;
  readonly #queries: QueryTable;
  #index: OpenIndex;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#codec = createEventCodec(options.projections);
    this.#queries = queriesOf(options.projections);
    this.#index = this.#open();
    const { problem } = this.#index;
    options.events.stateChanged(this.state);
    if (problem !== undefined) options.events.notify(noticeOf(problem));
  }

  /** `store.reading`, or what is wrong with the folder. */
  get state(): ReadOnly {
    return this.#index.problem ?? readOnly('store.reading');
  }

  read(name: string, args: unknown): unknown {
    for (let attempt = 1; ; attempt++) {
      try {
        return answer(this.#queries, this.#index.db, { name, args });
      } catch (error) {
        // Its body moved when the owner made a snapshot.
        if (!hasCode(error, 'store.damaged') || attempt === attempts) throw error;
      }
      const outdated = this.#index;
      this.#index = this.#open();
      outdated.db[Symbol.dispose]();
    }
  }

  stage(_: Commit): never {
    throw refusal(this.state);
  }

  [Symbol.dispose](): void {
    this.#index.db[Symbol.dispose]();
  }

  #open(): OpenIndex {
    for (let attempt = 1; ; attempt++) {
      const { disk } = this.#options;
      const seeds = new Map<number, number>();
      const index = openIndex({
        ...this.#options,
        seeds,
        codec: this.#codec,
        source: bodiesOf({ disk, seeds, staged: () => undefined }),
        defect: this.#options.events.defect,
        withoutReplay: false,
      });
      if (index.problem?.code !== 'store.damaged' || attempt === attempts) return index;
      index.db[Symbol.dispose]();
      Atomics.wait(nothing, 0, 0, pause * attempt);
    }
  }
}

export interface ReaderOptions {
  readonly disk: Disk;
  readonly sql: Sql;
  readonly projections: readonly AnyProjection[];
  readonly events: EngineEvents;
}

const attempts = 5;
/** Milliseconds. */
const pause = 20;
/** Never notified: waiting on it is how a thread blocks for a while. */
const nothing = new Int32Array(new SharedArrayBuffer(4));
