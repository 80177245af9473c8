/** One of the tests of durability: the same code runs short in `npm test` and long in `npm run test:faults`. */
export interface Scenario {
  /** `T2 power cuts` */
  readonly name: string;
  run(options: RunOptions): Promise<Outcome>;
}

export interface RunOptions {
  /** Of the full number of cases, in (0, 1]. Every kind of case is there at any share. */
  readonly share: number;
  /** Equal seeds give equal cases, as far as other processes do not have a say in them. */
  readonly seed: number;
}

export interface Outcome {
  /** What was done, in numbers, by its name. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was found wrong: each with what is needed to see it again. */
  readonly failures: readonly string[];
  /** Why it could not be run here. */
  readonly skipped?: string;
}

/** Adds up what a scenario did and found. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #failures: string[] = [];

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  countAll(counts: Readonly<Record<string, number>>): void {
    for (const [name, by] of Object.entries(counts)) this.count(name, by);
  }

  most(name: string, value: number): void {
    this.#counts.set(name, Math.max(this.#counts.get(name) ?? 0, value));
  }

  fail(text: string): void {
    this.#failures.push(text);
  }

  /** Runs one case; whatever it throws is a failure of that case, and the next one goes on. */
  async try(what: string, run: () => void | Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.fail(`${what}: ${error instanceof Error ? describe(error) : String(error)}`);
    }
  }

  get failed(): boolean {
    return this.#failures.length > 0;
  }

  outcome(): Outcome {
    return { counts: Object.fromEntries(this.#counts), failures: this.#failures };
  }
}

/** Part of a full number, at least `least`. */
export function portion(full: number, { share }: RunOptions, least = 1): number {
  return Math.min(full, Math.max(least, Math.round(full * share)));
}

/** Every number below `end` in a full run; else so many of them, evenly spread, and the first few and the last. */
export function spread(start: number, end: number, { share, seed }: RunOptions): readonly number[] {
  const stride = Math.max(1, Math.round(1 / share));
  const found: number[] = [];
  for (let at = start; at < end; at++) {
    if ((at + seed) % stride === 0 || at < start + 4 || at === end - 1) found.push(at);
  }
  return found;
}

/** The message of what was found; a defect brings its stack. */
function describe(error: Error): string {
  return error.name === 'Violation' ? error.message : (error.stack ?? error.message);
}
