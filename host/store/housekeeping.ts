import type { HostError } from '#shared/host-error.ts';
import type { Engine, Upkeep } from './engine.ts';
import type { Occasion } from './snapshot-policy.ts';
import { refusal } from './state.ts';

/** Does the engine's upkeep between requests, step by step, and answers who waits for an erasure. */
export class Housekeeping {
  readonly #engine: Engine;
  readonly #serveWaiting: () => boolean;
  readonly #answer: (id: number, error: HostError | undefined) => void;
  #task: Upkeep | undefined;
  #isScheduled = false;
  #isOver = false;
  #waiting: readonly Erasure[] = [];

  /** @param serveWaiting answers a request that waits, if there is one, and says whether there was. */
  constructor(engine: Engine, { serveWaiting, answer }: HousekeepingOptions) {
    this.#engine = engine;
    this.#serveWaiting = serveWaiting;
    this.#answer = answer;
  }

  /** Does what is due, as soon as no request waits. */
  begin(occasion: Occasion): void {
    if (this.#isOver) return;
    this.#choose(occasion);
    if (this.#task === undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run());
  }

  /** Answers when the shelf is erased. Throws what the engine refuses with. */
  erase(id: number, shelf: string): void {
    this.#engine.erase(shelf);
    this.#waiting = [...this.#waiting, { id, shelf }];
  }

  /** Ends what is under way, then does what is due at the end. The engine is closed after this. */
  finish(occasion: Occasion): void {
    this.#isOver = true;
    this.#drain();
    this.#choose(occasion);
    this.#drain();
  }

  #choose(occasion: Occasion): void {
    this.#task ??= this.#engine.upkeep(occasion);
    const { state } = this.#engine;
    // The disk failed in between: nobody is left to finish what they wait for.
    if (this.#task === undefined && state.type === 'read-only') this.#reply(refusal(state));
  }

  #run(): void {
    this.#isScheduled = false;
    if (this.#task !== undefined && !this.#serveWaiting()) this.#step(this.#task);
    this.begin('pause');
  }

  #drain(): void {
    for (let task = this.#task; task !== undefined; task = this.#task) this.#step(task);
  }

  #step(task: Upkeep): void {
    const { done, value } = task.next();
    if (done !== true) return;
    this.#task = undefined;
    this.#reply(value ?? undefined);
  }

  #reply(error: HostError | undefined): void {
    const isEnded = ({ shelf }: Erasure): boolean => error !== undefined || !this.#engine.isErasing(shelf);
    const ended = this.#waiting.filter(isEnded);
    this.#waiting = this.#waiting.filter((each) => !isEnded(each));
    for (const { id, shelf } of ended) this.#answer(id, this.#engine.isErasing(shelf) ? error : undefined);
  }
}

export interface HousekeepingOptions {
  readonly serveWaiting: () => boolean;
  readonly answer: (id: number, error: HostError | undefined) => void;
}

interface Erasure {
  readonly id: number;
  readonly shelf: string;
}
