import type { Break, BreakTime } from '#host/store/testing/breaking-fs.ts';

/** A moment in the life of a store's process: by its name, and by the call of the file system that stands there. */
export interface KillPoint {
  readonly name: string;
  readonly at: Break;
}

const anyTime = ['before', 'after'] as const;
const writes = ['before', 'half', 'after', 'synced'] as const;
const segment = 'journal-\\w+\\.log$';
const snapshot = 'snapshot-\\w+\\.bin$';

/** Each step of opening, commit, rotation, snapshot and erasure, before and after it. */
export const killPoints: readonly KillPoint[] = [
  ...points('claim', { call: 'writeFileSync', path: 'LOCK-\\d+$' }, anyTime),
  ...points('opening counted', { call: 'openSync', path: 'opening-' }, anyTime),
  ...points('opening survived', { call: 'unlinkSync', path: 'opening-' }, anyTime),
  ...points('first segment', { call: 'openSync', path: segment }, anyTime),
  ...points('header', { call: 'writeSync', path: segment }, writes),
  ...points('first commit', { call: 'writeSync', path: segment, text: 'note.added' }, writes),
  ...points('later commit', { call: 'writeSync', path: segment, text: 'note.added', nth: 40 }, writes),
  ...points('sync of a commit', { call: 'fdatasyncSync', path: segment, nth: 25 }, anyTime),
  ...points('rotation', { call: 'openSync', path: segment, nth: 3 }, anyTime),
  ...points('later rotation', { call: 'openSync', path: segment, nth: 9 }, anyTime),
  ...points('room given back', { call: 'ftruncateSync', path: segment }, anyTime),
  ...points('shelf', { call: 'writeSync', path: 'bodies/' }, writes),
  ...points('later shelf', { call: 'writeSync', path: 'bodies/', nth: 6 }, writes),
  ...points('names of shelves', { call: 'fsyncSync', path: 'bodies$' }, anyTime),
  ...points('snapshot begun', { call: 'openSync', path: 'snapshot-\\w+\\.bin\\.\\d+\\.tmp$' }, anyTime),
  ...points('snapshot', { call: 'writeSync', path: 'snapshot-\\w+\\.bin\\.\\d+\\.tmp$', nth: 2 }, writes),
  ...points(
    'later snapshot',
    { call: 'writeSync', path: 'snapshot-\\w+\\.bin\\.\\d+\\.tmp$', nth: 8 },
    writes,
  ),
  ...points('snapshot named', { call: 'renameSync', path: snapshot }, anyTime),
  ...points('later snapshot named', { call: 'renameSync', path: snapshot, nth: 3 }, anyTime),
  ...points('old snapshot removed', { call: 'unlinkSync', path: snapshot }, anyTime),
  ...points('old segment removed', { call: 'unlinkSync', path: segment }, anyTime),
  ...points('erasure begun', { call: 'writeSync', path: segment, text: '{"shelf"' }, writes),
  ...points('erased shelf removed', { call: 'unlinkSync', path: 'bodies/' }, anyTime),
  ...points('erasure ended', { call: 'writeSync', path: segment, text: '{"shelf"', nth: 2 }, writes),
];

function points(
  name: string,
  at: Omit<Break, 'when' | 'nth' | 'action'> & { readonly nth?: number },
  times: readonly BreakTime[],
): readonly KillPoint[] {
  return times.map((when) => ({ name: `${name}, ${when}`, at: { nth: 1, ...at, when, action: 'kill' } }));
}
