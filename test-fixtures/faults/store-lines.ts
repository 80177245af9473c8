import type { SnapshotPolicy } from '#host/store/snapshot-policy.ts';

/** What `store-child.ts` is started with. */
export interface ChildOptions {
  readonly directory: string;
  /** Begins the names of all its notes: letters and digits. */
  readonly name: string;
  readonly ownership?: 'take-over' | 'refuse';
  readonly policy?: Partial<SnapshotPolicy>;
  /** How often it opens the store; once by default. */
  readonly opens?: number;
  /** Commits for each time; without end by default. */
  readonly commits?: number;
  /** Between two commits of one of the eight. */
  readonly pauseMs?: number;
  /** Whose notes it deletes: of everybody by default. Windows side by side would delete what another adds to. */
  readonly erases?: 'all' | 'own';
  /** Says nothing of single notes, only how many there were, every hundred. */
  readonly quiet?: boolean;
}

/** What it says. Whatever it says has happened: it is said after the store did. */
export type StoreLine =
  | OpenLine
  | { readonly type: 'acknowledged'; readonly id: string; readonly seq: number }
  | { readonly type: 'refused'; readonly id: string; readonly code: string; readonly why: string }
  /** The one line that comes before: it is about to commit the deletion of an owner's notes. */
  | { readonly type: 'deleting' | 'deleted' | 'erased'; readonly owner: string }
  | { readonly type: 'stopped'; readonly code: string }
  | { readonly type: 'committed'; readonly count: number };

/** What it found when it opened the store, or, told to end by SIGTERM, what is there then. */
export interface OpenLine {
  readonly type: 'open' | 'end';
  /** `writable`, or the code of a read-only state. */
  readonly state: string;
  /** Id, place, and whether the text is the one that belongs to the id. */
  readonly notes: readonly (readonly [id: string, seq: number, isRight: boolean])[];
  readonly gone: readonly string[];
  readonly notices: readonly string[];
}

/** Between one sector and a body that stays out of the index. Every note's text tells whose it is. */
export function noteText(id: string): string {
  const number = Number(id.slice(id.lastIndexOf('.n') + 2));
  return `${id} `.repeat(1 + ((number * 37) % 330));
}
