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
  /** Of the drain under way; a wake that came after an interruption begins one with a new signal. */
  controller: AbortController;
  /** The end of the drain under way, or of none before the first has begun. */
  drained: Promise<DrainOutcome>;
  /** The end of the last drain that was asked for. */
  readonly over: Promise<DrainOutcome>;
  again: boolean;
}

export function createCoordinator({ drain, onBusy, onIdle }: CoordinatorOptions): Coordinator {
  const running = new Map<SessionID, Running>();
  const last = new Map<SessionID, DrainOutcome>();
  let closed = false;

  const run = async (sessionID: SessionID, current: Running): Promise<DrainOutcome> => {
    let outcome: DrainOutcome = { type: 'interrupted' };
    // An interruption that comes before the drain has begun ends it, too.
    while (current.again && !closed) {
      current.again = false;
      if (current.controller.signal.aborted) current.controller = new AbortController();
      current.drained = outcomeOf(drain(sessionID, current.controller.signal));
      outcome = await current.drained;
    }
    running.delete(sessionID);
    last.set(sessionID, outcome);
    onIdle(sessionID, outcome);
    return outcome;
  };

  return {
    wake(sessionID) {
      if (closed) return;
      const known = running.get(sessionID);
      if (known) {
        known.again = true;
        return;
      }
      const over = Promise.withResolvers<DrainOutcome>();
      const current: Running = {
        controller: new AbortController(),
        drained: Promise.resolve({ type: 'interrupted' }),
        over: over.promise,
        again: true,
      };
      running.set(sessionID, current);
      onBusy(sessionID);
      over.resolve(Promise.resolve().then(() => run(sessionID, current)));
    },
    async interrupt(sessionID) {
      const current = running.get(sessionID);
      if (!current) return;
      // What was asked for before the interruption is dropped; what is asked for from now on is done after it.
      current.again = false;
      current.controller.abort(new Interruption('user'));
      await current.drained;
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
