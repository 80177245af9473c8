import type { ToyEvent } from './toy-engine.ts';

/** What the oracle found wrong: the reason a mutant is noticed by. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export type Step =
  | { readonly type: 'add' | 'change'; readonly id: string; readonly text: string }
  | { readonly type: 'delete'; readonly owner: string };

export interface FoundNote {
  readonly id: string;
  readonly text: string;
  readonly seq: number;
}

/** All that a store of toy notes holds, in order. */
export interface Holdings {
  readonly notes: readonly FoundNote[];
  /** Owners that were deleted. */
  readonly gone: readonly { readonly owner: string; readonly seq: number }[];
}

/**
 * Stands outside of the store and knows what it must hold: the history of all steps that were acknowledged, in order,
 * and behind them those that were under way when the end came, of which any first few may be found.
 */
export class Oracle {
  #steps: Step[] = [];
  #acknowledged = 0;
  /** Owners whose notes are to be erased: asked for and acknowledged, or found so. */
  readonly erasing = new Set<string>();
  /** Owners of whom no byte may be left. */
  readonly erased = new Set<string>();

  /** One that goes its own way from here. */
  copy(): Oracle {
    const oracle = new Oracle();
    oracle.#steps = [...this.#steps];
    oracle.#acknowledged = this.#acknowledged;
    for (const owner of this.erasing) oracle.erasing.add(owner);
    for (const owner of this.erased) oracle.erased.add(owner);
    return oracle;
  }

  /** Steps whose commit was acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** A step that is being committed. */
  propose(step: Step): ToyEvent {
    this.#steps.push(step);
    return eventOf(step);
  }

  /** Everything proposed is acknowledged. */
  acknowledge(): void {
    this.#acknowledged = this.#steps.length;
  }

  /** What was proposed, but for its first few, was refused: it must never be seen again. */
  refuse(kept = 0): void {
    this.#steps.length = this.#acknowledged + kept;
    this.#acknowledged = this.#steps.length;
  }

  /** An owner opened the store and goes on with what it found. */
  adopt(found: number): void {
    this.#steps.length = found;
    this.#acknowledged = found;
  }

  /** What is there after all steps acknowledged. */
  expected(): Holdings {
    return holdingsAfter(this.#steps.slice(0, this.#acknowledged));
  }

  /** What became of the erasures asked for, as the store says. */
  erasuresEnded(isErasing: (owner: string) => boolean): number {
    const ended = [...this.erasing].filter((owner) => !isErasing(owner));
    for (const owner of ended) {
      this.erasing.delete(owner);
      this.erased.add(owner);
    }
    return ended.length;
  }

  /**
   * Compares what a store holds with the history.
   * @returns how many steps it holds. @throws Violation for loss, ghosts, doubles, wrong order or wrong bytes
   */
  check(found: Holdings, where: string): number {
    const json = JSON.stringify(found);
    for (let count = this.#acknowledged; count <= this.#steps.length; count++) {
      if (JSON.stringify(holdingsAfter(this.#steps.slice(0, count))) === json) return count;
    }
    throw new Violation(`${where}: ${this.#difference(found)}`);
  }

  /** Notes of an owner are named `<owner>.n<number>`. @throws Violation where a byte of an erased one is left */
  checkErased(files: ReadonlyMap<string, Buffer>, where: string): void {
    for (const [file, bytes] of files) {
      for (const owner of this.erased) {
        const isLeft = bytes.includes(`${owner}.n`) || file === `bodies/${owner}.log`;
        if (isLeft) throw new Violation(`${where}: ${file} holds bytes of ${owner}, which was erased`);
      }
    }
  }

  #difference({ notes }: Holdings): string {
    const expected = this.expected().notes;
    const lost = expected.filter(({ id }) => !notes.some((note) => note.id === id));
    const known = new Set(this.#steps.flatMap((step) => (step.type === 'delete' ? [] : [step.id])));
    const ghosts = notes.filter(({ id }) => !known.has(id));
    const doubles = notes.length - new Set(notes.map(({ id }) => id)).size;
    const facts = `${lost.length} lost (${lost[0]?.id}), ${ghosts.length} ghosts (${ghosts[0]?.id}), ${doubles} doubles`;
    return `${notes.length} notes found, ${expected.length} acknowledged: ${facts}, or other places or bytes`;
  }
}

export function eventOf(step: Step): ToyEvent {
  if (step.type === 'delete') return { type: 'owner.deleted', owner: step.owner };
  return { type: step.type === 'add' ? 'note.added' : 'note.changed', id: step.id, text: step.text };
}

/** Each step is one event of its own: its place is its `seq`. */
function holdingsAfter(steps: readonly Step[]): Holdings {
  const notes = new Map<string, FoundNote>();
  const gone: { readonly owner: string; readonly seq: number }[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.type === 'delete') {
      gone.push({ owner: step.owner, seq: index + 1 });
      const its = [...notes.keys()].filter((id) => id.startsWith(`${step.owner}.`));
      for (const id of its) notes.delete(id);
    } else {
      // A changed note keeps its place.
      const seq = notes.get(step.id)?.seq ?? index + 1;
      notes.set(step.id, { id: step.id, text: step.text, seq });
    }
  }
  return { notes: [...notes.values()], gone };
}
