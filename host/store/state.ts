import { HostError } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';

/** Whether the store takes commits. Reads are answered in both states. */
export type StoreState = { readonly type: 'writable' } | ReadOnly;

export interface ReadOnly {
  readonly type: 'read-only';
  /**
   * `store.unwritable` (disk full, read-only, failed sync: the next commit tries again), `store.damaged`,
   * `store.newer`, `store.other-owner`, `store.crashed` (its opening ended the process twice; the next one tries again),
   * `store.reading` (asked for), or `store.failed` (the worker ended).
   */
  readonly code: ReadOnlyCode;
  /** '0', '1', … for the text of the notice. */
  readonly data: Readonly<Record<string, string | number>>;
}

export type ReadOnlyCode =
  | 'store.unwritable'
  | 'store.damaged'
  | 'store.newer'
  | 'store.other-owner'
  | 'store.crashed'
  | 'store.reading'
  | 'store.failed';

export const writable: StoreState = { type: 'writable' };

export function readOnly(code: ReadOnlyCode, ...facts: readonly (string | number)[]): ReadOnly {
  return { type: 'read-only', code, data: numbered(facts) };
}

/** What a commit is refused with in this state. */
export function refusal({ code, data }: ReadOnly): HostError {
  return new HostError(code, refusals[code], { data });
}

/** A commit was written, but this was not the owner any more, and whether a later one keeps it is not settled. */
export function outcomeUnknown({ data }: ReadOnly): HostError {
  const text =
    'Another window took the history over while this was being written. It may or may not have been kept: look there before you send it again.';
  return new HostError('store.outcome-unknown', text, { data });
}

/** What the user is told when the store leaves `writable`. */
export function noticeOf({ code, data }: ReadOnly): Notice {
  return {
    key: 'store',
    level: code === 'store.other-owner' ? 'warning' : 'error',
    code: notices[code],
    data,
  };
}

/** R2: the file was set aside; older ones hold everything. */
export function badSnapshotNotice(file: string): Notice {
  return { key: 'store.bad-snapshot', level: 'warning', code: 'store.bad-snapshot', data: numbered([file]) };
}

/** Nothing is lost, and it is tried again. */
export function snapshotNotice(why: string): Notice {
  return { key: 'store.snapshot', level: 'warning', code: 'store.snapshot', data: numbered([why]) };
}

/** R4: the tail was kept aside; nothing that was acknowledged is lost. */
export function tornNotice(bytes: number, file: string): Notice {
  return { key: 'store.torn', level: 'info', code: 'store.torn', data: numbered([bytes, file]) };
}

const notices: Readonly<Record<ReadOnlyCode, string>> = {
  'store.unwritable': 'store.readonly',
  'store.damaged': 'store.damaged',
  'store.newer': 'store.newer',
  'store.other-owner': 'store.other-owner',
  'store.crashed': 'store.crashed',
  'store.reading': 'store.readonly',
  'store.failed': 'store.readonly',
};

const refusals: Readonly<Record<ReadOnlyCode, string>> = {
  'store.unwritable': 'The history cannot be written. Nothing was kept; free the disk and try again.',
  'store.damaged': 'The history is damaged and open for reading only. Nothing was kept.',
  'store.newer': 'A newer Millrace wrote the history; it is open for reading only. Nothing was kept.',
  'store.other-owner': 'Another window took the history over. Nothing was kept; go on there.',
  'store.crashed':
    'The history could not be opened twice and is open for reading only. Open the folder again.',
  'store.reading': 'The history is open for reading. Nothing was kept.',
  'store.failed': 'The history ended unexpectedly. Open the folder again.',
};

function numbered(facts: readonly (string | number)[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(facts.map((fact, index) => [String(index), fact]));
}
