import type { SessionID } from '#shared/ids.ts';

/** Why a drain was ended from outside; the signal's reason. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** `closing`: the host goes away, and what waits for an answer stays open (decision 7). */
  readonly by: 'user' | 'closing';
  constructor(by: 'user' | 'closing') {
    super(by === 'user' ? 'Interrupted by the user' : 'The host is closing');
    this.by = by;
  }
}

/** Whether a signal was aborted because the host goes away. */
export function isClosing(reason: unknown): boolean {
  return reason instanceof Interruption && reason.by === 'closing';
}

export interface CoordinatorOptions {
  /** One Session Drain: promotes eligible input and runs provider turns until nothing is left. */
  readonly drain: (sessionID: SessionID, signal: AbortSignal) => Promise<void>;
  readonly onBusy: (sessionID: SessionID) => void;
  /** Called when a drain is over and no wake came meanwhile. */
  readonly onIdle: (sessionID: SessionID, outcome: DrainOutcome) => void;
}

export type DrainOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'interrupted' }
  | { readonly type: 'failed'; readonly error: unknown };

/**
 * At most one drain per session; sessions run side by side (RT-11).
 *
 *            wake                    wake: again
 *   idle ───────────▶ running ◀───────────────────┐
 *    ▲                   │ drain over              │
 *    └── again? no ──────┴─────── again? yes ──────┘
 */
export interface Coordinator {
  /** Advisory: starts a drain, or has the running one look again before it ends. */
  wake(sessionID: SessionID): void;
  /** Aborts the running drain and waits until it has settled; idle or unknown sessions: a no-op (RT-09). */
  interrupt(sessionID: SessionID): Promise<void>;
  /** Resolves when no drain runs for the session; joins the running one. */
  awaitIdle(sessionID: SessionID): Promise<DrainOutcome>;
  isBusy(sessionID: SessionID): boolean;
  /** Aborts every drain as `closing` and waits for all of them; later wakes are ignored. */
  close(): Promise<void>;
}

interface Running {
  readonly controller: AbortController;
  readonly over: Promise<DrainOutcome>;
  again: boolean;
}

export function createCoordinator({ drain, onBusy, onIdle }: CoordinatorOptions): Coordinator {
  const running = new Map<SessionID, Running>();
  const last = new Map<SessionID, DrainOutcome>();
  let closed = false;

  const run = async (sessionID: SessionID, controller: AbortController): Promise<DrainOutcome> => {
    let outcome: DrainOutcome;
    const state = () => running.get(sessionID);
    do {
      const current = state();
      if (current) current.again = false;
      outcome = await outcomeOf(drain(sessionID, controller.signal));
    } while (outcome.type === 'done' && state()?.again);
    running.delete(sessionID);
    last.set(sessionID, outcome);
    onIdle(sessionID, outcome);
    return outcome;
  };

  return {
    wake(sessionID) {
      if (closed) return;
      const current = running.get(sessionID);
      if (current) {
        current.again = true;
        return;
      }
      const controller = new AbortController();
      const gate = Promise.withResolvers<void>();
      const over = gate.promise.then(() => run(sessionID, controller));
      running.set(sessionID, { controller, over, again: false });
      onBusy(sessionID);
      gate.resolve();
    },
    async interrupt(sessionID) {
      const current = running.get(sessionID);
      if (!current) return;
      current.again = false;
      current.controller.abort(new Interruption('user'));
      await current.over;
    },
    async awaitIdle(sessionID) {
      const current = running.get(sessionID);
      return current ? current.over : (last.get(sessionID) ?? { type: 'done' });
    },
    isBusy: (sessionID) => running.has(sessionID),
    async close() {
      closed = true;
      const all = [...running.values()];
      for (const { controller } of all) controller.abort(new Interruption('closing'));
      await Promise.all(all.map(({ over }) => over));
    },
  };
}

async function outcomeOf(drain: Promise<void>): Promise<DrainOutcome> {
  try {
    await drain;
    return { type: 'done' };
  } catch (error) {
    return error instanceof Interruption ? { type: 'interrupted' } : { type: 'failed', error };
  }
}
