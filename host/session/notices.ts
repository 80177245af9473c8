import type { Notice } from '#shared/notice.ts';
import type { Emitter } from './emitter.ts';

/** What the user is told outside a conversation, as it stands now. */
export interface Notices {
  raise(notice: Notice): void;
  clear(key: string): void;
  /** The notices whose keys begin with `prefix` are exactly these: the others are cleared. */
  replace(prefix: string, notices: readonly Notice[]): void;
  all(): readonly Notice[];
}

/** Equal keys replace one another, and only what changed is told to subscribers. `hide` takes secrets out of a text. */
export function createNotices(emitter: Emitter, hide: (text: string) => string = (text) => text): Notices {
  const board = new Map<string, Notice>();
  const raise = (raised: Notice) => {
    const data = Object.entries(raised.data).map(([name, fact]) => [
      name,
      typeof fact === 'string' ? hide(fact) : fact,
    ]);
    const notice: Notice = { ...raised, data: Object.fromEntries(data) };
    if (JSON.stringify(board.get(notice.key)) === JSON.stringify(notice)) return;
    board.set(notice.key, notice);
    emitter.emit({ type: 'notice.raised', properties: { notice } });
  };
  const clear = (key: string) => {
    if (board.delete(key)) emitter.emit({ type: 'notice.cleared', properties: { key } });
  };
  return {
    raise,
    clear,
    replace(prefix, notices) {
      const kept = new Set(notices.map(({ key }) => key));
      for (const key of [...board.keys()]) if (key.startsWith(prefix) && !kept.has(key)) clear(key);
      for (const notice of notices) raise(notice);
    },
    all: () => [...board.values()],
  };
}
