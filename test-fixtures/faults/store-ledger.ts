import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Violation } from '#host/store/testing/oracle.ts';
import type { OpenLine, StoreLine } from './store-lines.ts';

/**
 * The oracle of stores that other processes work on, in the parent: what they said was acknowledged, and what must
 * therefore be found by whoever opens the folder next.
 */
export class StoreLedger {
  /** Places of notes, by id. */
  readonly #kept = new Map<string, number>();
  readonly #refused = new Set<string>();
  readonly #deleting = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #erased = new Set<string>();
  #acknowledged = 0;

  /** Commits acknowledged by all children so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  get erasures(): number {
    return this.#erased.size;
  }

  /** Takes down what a child said. */
  hear(lines: readonly StoreLine[]): void {
    for (const line of lines) {
      if (line.type === 'acknowledged') {
        this.#kept.set(line.id, line.seq);
        this.#acknowledged += 1;
      } else if (line.type === 'refused' && line.code !== 'store.outcome-unknown') this.#refused.add(line.id);
      else if (line.type === 'deleting') this.#deleting.add(line.owner);
      else if (line.type === 'deleted') this.#deleted.add(line.owner);
      else if (line.type === 'erased') this.#erased.add(line.owner);
    }
  }

  /**
   * Compares what somebody found at opening, and takes it as the history from here on.
   * @param writers names of those whose notes may be there though nobody was told.
   * @param alarms notices that are in order here; a torn tail always is.
   * @throws Violation
   */
  check(
    { state, notes, gone, notices }: OpenLine,
    writers: readonly string[],
    alarms: readonly string[] = [],
  ): void {
    if (state !== 'writable') throw new Violation(`read-only: ${state}`);
    const alarm = notices.find((code) => code !== 'store.torn' && !alarms.includes(code));
    if (alarm !== undefined) throw new Violation(`a false alarm: ${alarm}`);
    this.#checkOwners(notes, gone);
    this.#checkNotes(notes, writers);
    this.#kept.clear();
    for (const [id, seq] of notes) this.#kept.set(id, seq);
    for (const owner of gone) this.#deleted.add(owner);
    this.#deleting.clear();
  }

  /** @throws Violation where a file holds bytes of an owner whose erasure was acknowledged */
  checkErased(directory: string): void {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      for (const owner of this.#erased) {
        if (bytes.includes(`${owner}.n`))
          throw new Violation(`${path} holds bytes of ${owner}, which was erased`);
      }
    }
  }

  #checkOwners(notes: OpenLine['notes'], gone: readonly string[]): void {
    const found = new Set(gone);
    for (const owner of this.#deleted) {
      if (!found.has(owner)) throw new Violation(`the deletion of ${owner} is lost`);
    }
    for (const owner of gone) {
      if (!this.#deleted.has(owner) && !this.#deleting.has(owner))
        throw new Violation(`${owner} is deleted, and nobody asked for it`);
      if (notes.some(([id]) => ownerOf(id) === owner))
        throw new Violation(`${owner} is deleted, but for some notes`);
    }
    if (gone.length !== found.size) throw new Violation('an owner was deleted twice');
  }

  #checkNotes(notes: OpenLine['notes'], writers: readonly string[]): void {
    const found = new Map(notes.map(([id, seq]) => [id, seq]));
    if (found.size !== notes.length) throw new Violation('a note is there twice');
    let last = 0;
    for (const [id, seq, isRight] of notes) {
      if (!isRight) throw new Violation(`wrong data in ${id}`);
      if (seq <= last) throw new Violation(`${id} is out of order`);
      last = seq;
      if (this.#kept.has(id)) continue;
      if (this.#refused.has(id)) throw new Violation(`${id} was refused, and came back`);
      if (!writers.some((name) => id.startsWith(`${name}x`))) throw new Violation(`${id} was never written`);
    }
    for (const [id, seq] of this.#kept) {
      const isGone = this.#deleting.has(ownerOf(id)) || this.#deleted.has(ownerOf(id));
      if (found.get(id) !== seq && !(isGone && !found.has(id)))
        throw new Violation(`${id} was acknowledged at ${seq} and is ${found.get(id) ?? 'lost'}`);
    }
  }
}

function ownerOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}
