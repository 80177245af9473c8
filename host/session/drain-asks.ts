import type { SessionID } from '#shared/ids.ts';

/** What is asked of a session's drains; one drain does what was asked for in one breath. */
export interface DrainAsks {
  /** Promote what waits and run turns until nothing is left. */
  run(id: SessionID): void;
  /** Run a turn on history as it is, too. */
  goOn(id: SessionID): void;
  /** Fold history at the next boundary. */
  fold(id: SessionID): void;
  /** For the drain that begins: whether it may run turns. Asked for by nothing but a fold, it may not. */
  take(id: SessionID): { readonly runs: boolean; readonly forced: boolean };
  /** Whether a fold was asked for since this was called last. */
  takeFold(id: SessionID): boolean;
  /** An interruption: what was asked for before it is not done any more. */
  drop(id: SessionID): void;
}

export function createDrainAsks(): DrainAsks {
  const runs = new Set<SessionID>();
  const forced = new Set<SessionID>();
  const folds = new Set<SessionID>();
  return {
    run: (id) => void runs.add(id),
    goOn(id) {
      runs.add(id);
      forced.add(id);
    },
    fold: (id) => void folds.add(id),
    take: (id) => ({ runs: runs.delete(id), forced: forced.delete(id) }),
    takeFold: (id) => folds.delete(id),
    drop(id) {
      for (const asked of [runs, forced, folds]) asked.delete(id);
    },
  };
}
