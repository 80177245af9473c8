import type { Break } from '#host/store/testing/breaking-fs.ts';
import type { HostLine } from './host-lines.ts';

/** What goes on: a prompt with a read, an edit that is asked for, and an answer; or a compaction. */
export type During = 'prompt' | 'compaction';

/** A moment of a prompt's life at which the host's process dies. */
export type HostPoint =
  /** By itself, at a call of its store. */
  | {
      readonly type: 'store';
      readonly name: string;
      readonly at: Break;
      readonly fact: string;
      readonly during: During;
    }
  /** By the parent, when it hears that line. */
  | { readonly type: 'line'; readonly name: string; readonly fits: (line: HostLine) => boolean }
  /** By the parent, when the model gets its nth request for the prompt, or stands at a gate in its answer. */
  | { readonly type: 'request'; readonly name: string; readonly nth: number }
  | { readonly type: 'stream'; readonly name: string; readonly nth: number };

const segment = 'journal-\\w+\\.log$';

/** Facts in the order in which a prompt with a read, an edit that is asked for, and an answer brings them. */
const facts: readonly (readonly [fact: string, nth: number])[] = [
  ['session.input.admitted', 1],
  ['session.input.promoted', 1],
  ['session.turn.started', 1],
  ['session.turn.streamed', 1],
  ['session.tool.called', 1],
  ['session.turn.ended', 1],
  ['session.turn.started', 2],
  ['permission.asked', 1],
  ['permission.replied', 1],
  ['session.tool.started', 1],
  ['session.tool.settled', 2],
  ['session.turn.started', 3],
  ['session.part.kept', 1],
  ['session.turn.ended', 3],
];

export const hostPoints: readonly HostPoint[] = [
  ...facts.flatMap(([fact, nth]) => storePoints(fact, nth, 'prompt')),
  ...storePoints('session.turn.started', 1, 'compaction'),
  ...storePoints('session.compacted', 1, 'compaction'),
  { type: 'line', name: 'the prompt is acknowledged', fits: ({ type }) => type === 'admitted' },
  { type: 'line', name: 'a permission waits', fits: ({ type }) => type === 'asked' },
  ...[1, 2, 3].map((nth) => ({ type: 'request' as const, name: `request ${nth} has come`, nth })),
  ...[1, 2, 3].map((nth) => ({ type: 'stream' as const, name: `in the middle of answer ${nth}`, nth })),
];

function storePoints(fact: string, nth: number, during: During): readonly HostPoint[] {
  const write = { call: 'writeSync', path: segment, text: `"type":"${fact}"`, nth, action: 'kill' } as const;
  return (['before', 'half', 'unsynced', 'synced'] as const).map((when) => ({
    type: 'store',
    name: `${during}, ${fact} ${nth}, ${when}`,
    during,
    fact: `${fact} ${nth}`,
    at: { ...write, when },
  }));
}
