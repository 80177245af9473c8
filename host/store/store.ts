import { Worker } from 'node:worker_threads';
import { HostError } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { fromPlain, type Reply, type Report, type Request, type WorkerStart } from './messages.ts';
import type { AnyProjection, QueryArgs, QueryName, QueryResult, StoreEvent } from './projection.ts';
import { type SnapshotPolicy, snapshotPolicy } from './snapshot-policy.ts';
import { noticeOf, readOnly, refusal, type StoreState, writable } from './state.ts';

/**
 * Opens the store of a folder in a worker thread: replays its journal, and owns it until it is disposed of.
 * The set of projections is that of the worker's entry file:
 *
 *     import type { projections } from '../store-worker.ts';
 *     await using store = await openStore<typeof projections>({ … });
 *
 * A folder that cannot be written, is damaged or was written by a newer Millrace opens for reading: see `state`.
 * @throws HostError `store.locked` (ownership `refuse`) with the owner's `pid` and `surface`; `store.failed`
 *   when the worker cannot start; `store.absent` when there is no such folder to `read`; or the signal's reason.
 */
export async function openStore<Projections extends readonly AnyProjection[]>(
  options: StoreOptions,
): Promise<Store<Projections>> {
  const { signal } = options;
  signal.throwIfAborted();
  const client = new Client<Projections>(options);
  const abort = (): void => client.giveUp(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.opened;
    return client;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

export interface StoreOptions {
  /** Made if need be. One store, one owner. */
  readonly directory: string;
  /** The entry file that calls `runStore`, and `sql-wasm.wasm`: see `storeFiles`. */
  readonly workerUrl: URL;
  readonly wasmUrl: URL;
  /**
   * `take-over` makes a living owner read-only, after 2 s even one that hangs; `refuse` leaves it in peace; `read`
   * looks at what is there as of now, beside any owner, and changes nothing in the folder.
   */
  readonly ownership: 'take-over' | 'refuse' | 'read';
  /**
   * `short`, for a process that does one thing and ends: saves 20 MB at its peak. Only where the process is our
   * own and plain Node, because it sets a flag of V8 for a moment. `long` by default.
   */
  readonly lifetime?: 'long' | 'short';
  /** When snapshots are made, where it differs from the usual. */
  readonly policy?: Partial<SnapshotPolicy>;
  /** Who this is, shown in the other owner's window. */
  readonly surface: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Torn tails, damage, a full disk, another owner. Equal keys replace one another. */
  readonly onNotice: (notice: Notice) => void;
  /** Gives up opening. An open store is ended by disposing of it. */
  readonly signal: AbortSignal;
}

/** The one way in for everything durable. Disposing flushes, marks a clean end and frees the folder. */
export interface Store<Projections extends readonly AnyProjection[]> extends AsyncDisposable {
  readonly state: StoreState;
  /**
   * Applies the events, all or none, and resolves when they are on the disk: nothing may leave the process
   * before. Commits take effect in call order; those under way together share one sync. Whoever does not wait
   * need not handle the rejection: the store's own state and notice tell of a disk's failure.
   * @returns `seq` of the last of its events.
   * @throws HostError what an applier refused with, `store.constraint`, `store.invalid-event`,
   *   `store.too-large`, `store.closed`, or the code of a read-only state. Then nothing of it is kept.
   */
  commit(events: readonly StoreEvent<Projections>[]): Promise<{ readonly seq: number }>;
  /** Answers after all commits called before it, once everything it saw is on the disk. */
  read<Name extends QueryName<Projections>>(
    name: Name,
    ...args: QueryArgs<Projections, Name>
  ): Promise<QueryResult<Projections, Name>>;
  /**
   * Erases what lies outside of the rows for one owner of bytes (`bodies` of the projections), and every trace of what
   * was deleted before: from the journal, from snapshots and from `quarantine/`. Call it when the event is committed
   * that deletes the owner's rows; it resolves when no file of the folder holds them. Cut off, it is finished at the
   * next opening.
   * @throws HostError `store.conflict` while bodies of the shelf are left, or the code of a read-only state;
   *   `store.unwritable` may also mean that it goes on later: ask again, it does no harm.
   */
  erase(shelf: string): Promise<void>;
  /**
   * Each commit's events, the very objects it was given, once they are acknowledged: in order, just before its
   * promise resolves.
   */
  subscribe(listener: (events: readonly Committed<Projections>[]) => void): Disposable;
  /** After a disk took writes again the state is `writable` once more: the notice `store` is out of date then. */
  onStateChange(listener: (state: StoreState) => void): Disposable;
}

export interface Committed<Projections extends readonly AnyProjection[]> {
  readonly seq: number;
  /** Wall time of the commit, in milliseconds since the epoch. */
  readonly time: number;
  readonly event: StoreEvent<Projections>;
}

/** Who waits for an answer, and what to publish when a commit is acknowledged. */
interface Waiting<Projections extends readonly AnyProjection[]> {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly commit: { readonly time: number; readonly events: readonly StoreEvent<Projections>[] } | undefined;
}

/** The store as its owner's thread sees it: numbers requests and publishes what was acknowledged. */
class Client<Projections extends readonly AnyProjection[]> implements Store<Projections> {
  /** Settles when the worker has replayed the journal, or has given up. */
  readonly opened: Promise<void>;
  readonly #options: StoreOptions;
  readonly #worker: Worker;
  readonly #opening = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #waiting = new Map<number, Waiting<Projections>>();
  readonly #subscribers = new Set<(events: readonly Committed<Projections>[]) => void>();
  readonly #stateListeners = new Set<(state: StoreState) => void>();
  #state: StoreState = writable;
  #lastID = 0;
  #isClosing = false;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.opened = this.#opening.promise;
    const { directory, ownership, surface, lifetime = 'long', wasmUrl } = options;
    const policy = { ...snapshotPolicy, ...options.policy };
    const workerData: WorkerStart = {
      directory,
      ownership,
      surface,
      lifetime,
      policy,
      wasmUrl: wasmUrl.href,
    };
    // Flags of the editor's own process are not for this thread.
    this.#worker = new Worker(options.workerUrl, {
      workerData,
      execArgv: [],
      name: 'store',
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
    this.#worker.on('message', (report: Report) => this.#receive(report));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => {
      this.#fail(new Error('The worker ended.'));
      this.#exited.resolve();
    });
  }

  get state(): StoreState {
    return this.#state;
  }

  commit(events: readonly StoreEvent<Projections>[]): Promise<{ readonly seq: number }> {
    const result = this.#commit(events);
    // Not waiting is allowed; who does wait still sees the rejection.
    result.catch(() => undefined);
    return result;
  }

  async read<Name extends QueryName<Projections>>(
    name: Name,
    ...[args]: QueryArgs<Projections, Name>
  ): Promise<QueryResult<Projections, Name>> {
    const value = await this.#ask({ type: 'read', id: this.#nextID(), name, args }, undefined);
    return value as QueryResult<Projections, Name>;
  }

  async erase(shelf: string): Promise<void> {
    await this.#ask({ type: 'erase', id: this.#nextID(), shelf }, undefined);
  }

  subscribe(listener: (events: readonly Committed<Projections>[]) => void): Disposable {
    return adding(this.#subscribers, listener);
  }

  onStateChange(listener: (state: StoreState) => void): Disposable {
    return adding(this.#stateListeners, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosing) this.#worker.postMessage({ type: 'close' } satisfies Request);
    this.#isClosing = true;
    await this.#exited.promise;
  }

  /** Ends an opening that nobody waits for any more. */
  giveUp(reason: unknown): void {
    this.#isClosing = true;
    this.#opening.reject(reason);
    void this.#worker.terminate();
  }

  async #commit(events: readonly StoreEvent<Projections>[]): Promise<{ readonly seq: number }> {
    const time = this.#options.clock.now();
    const json = JSON.stringify(events);
    const seq = await this.#ask({ type: 'commit', id: this.#nextID(), time, events: json }, { time, events });
    return { seq: Number(seq) };
  }

  #nextID(): number {
    this.#lastID += 1;
    return this.#lastID;
  }

  #ask(
    request: Exclude<Request, { type: 'close' }>,
    commit: Waiting<Projections>['commit'],
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#state.type === 'read-only' && this.#state.code === 'store.failed') reject(refusal(this.#state));
    else if (this.#isClosing) reject(closed());
    else {
      this.#waiting.set(request.id, { resolve, reject, commit });
      this.#worker.postMessage(request);
    }
    return promise;
  }

  #receive(report: Report): void {
    switch (report.type) {
      case 'opened':
        this.#opening.resolve();
        break;
      case 'refused':
        this.#isClosing = true;
        this.#opening.reject(fromPlain(report.error));
        break;
      case 'replies':
        for (const reply of report.replies) this.#settle(reply);
        break;
      case 'state':
        this.#setState(report.state);
        break;
      case 'notice':
        this.#options.onNotice(report.notice);
        break;
      case 'defect':
        this.#options.log.error('The store met what it cannot handle.', fromPlain(report.error));
        break;
      case 'closed':
        break;
    }
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if (reply.type === 'failed') {
      waiting.reject(fromPlain(reply.error));
      return;
    }
    if (waiting.commit !== undefined) this.#publish(waiting.commit, Number(reply.value));
    waiting.resolve(reply.value);
  }

  #publish({ time, events }: NonNullable<Waiting<Projections>['commit']>, lastSeq: number): void {
    const first = lastSeq - events.length + 1;
    const committed = events.map((event, index) => ({ seq: first + index, time, event }));
    this.#tell(this.#subscribers, committed);
  }

  #setState(state: StoreState): void {
    this.#state = state;
    this.#tell(this.#stateListeners, state);
  }

  /** One listener's fault must not keep the news from the others, nor an acknowledgement from its caller. */
  #tell<Value>(listeners: ReadonlySet<(value: Value) => void>, value: Value): void {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        this.#options.log.error('A listener of the store failed.', error);
      }
    }
  }

  /** The worker is gone: at the end of its life, or by a defect. */
  #fail(error: Error): void {
    const failure = readOnly('store.failed', error.message);
    const isExpected = this.#isClosing;
    this.#isClosing = true;
    this.#opening.reject(refusal(failure));
    for (const { reject } of this.#waiting.values()) reject(isExpected ? closed() : refusal(failure));
    this.#waiting.clear();
    if (isExpected) return;
    this.#options.log.error('The store failed.', error);
    this.#setState(failure);
    this.#options.onNotice(noticeOf(failure));
  }
}

function adding<Listener>(listeners: Set<Listener>, listener: Listener): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

function closed(): HostError {
  return new HostError('store.closed', 'The store is closed. Open the folder again.');
}
