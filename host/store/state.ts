import { HostError } from '#shared/host-error.ts';
import type { Notice } from '#shared/notice.ts';

/** Whether the store takes commits. Reads are answered in both states. */
export type StoreState = { readonly type: 'writable' } | ReadOnly;

export interface ReadOnly {
  readonly type: 'read-only';
  /**
   * `store.unwritable` (disk full, read-only, failed sync: the next commit tries again), `store.damaged`,
   * `store.newer`, `store.other-owner`, or `store.failed` (the worker ended).
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
  | 'store.failed';

export const writable: StoreState = { type: 'writable' };

export function readOnly(code: ReadOnlyCode, ...facts: readonly (string | number)[]): ReadOnly {
  return { type: 'read-only', code, data: numbered(facts) };
}

/** What a commit is refused with in this state. */
export function refusal({ code, data }: ReadOnly): HostError {
  return new HostError(code, refusals[code], { data });
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

/** R4: the tail was kept aside; nothing that was acknowledged is lost. */
export function tornNotice(bytes: number, file: string): Notice {
  return { key: 'store.torn', level: 'info', code: 'store.torn', data: numbered([bytes, file]) };
}

const notices: Readonly<Record<ReadOnlyCode, string>> = {
  'store.unwritable': 'store.readonly',
  'store.damaged': 'store.damaged',
  'store.newer': 'store.newer',
  'store.other-owner': 'store.other-owner',
  'store.failed': 'store.readonly',
};

const refusals: Readonly<Record<ReadOnlyCode, string>> = {
  'store.unwritable': 'The history cannot be written. Nothing was kept; free the disk and try again.',
  'store.damaged': 'The history is damaged and open for reading only. Nothing was kept.',
  'store.newer': 'A newer Millrace wrote the history; it is open for reading only. Nothing was kept.',
  'store.other-owner': 'Another window took the history over. Nothing was kept; go on there.',
  'store.failed': 'The history ended unexpectedly. Open the folder again.',
};

function numbered(facts: readonly (string | number)[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(facts.map((fact, index) => [String(index), fact]));
}
