import type { Clock } from './clock.ts';

/** The stream sent nothing for longer than allowed. */
export class IdleTimeout extends Error {
  constructor(idleMs: number) {
    super(`The provider sent nothing for ${Math.round(idleMs / 1000)} seconds.`);
    this.name = 'IdleTimeout';
  }
}

export type StreamWatch = {
  /** Aborts when the caller aborts, when the stream falls silent, or when the watch is disposed unsettled. */
  readonly signal: AbortSignal;
  /** Bytes arrived. */
  readonly touch: () => void;
  /** `work`, or a rejection with the abort reason or `IdleTimeout` as soon as either happens. One at a time. */
  guard<T>(work: Promise<T>): Promise<T>;
  throwIfStopped(): void;
  /** The stream came to its end: disposing no longer aborts. */
  settle(): void;
  [Symbol.dispose](): void;
};

type Terms = { readonly signal: AbortSignal; readonly idleMs: number; readonly clock: Clock };

/**
 * Every way a stream can be stopped from outside; the first reason wins. Silence counts only while somebody waits, so
 * a slow reader is no reason. One timer runs per stream: it looks at the last sign of life and sets itself anew.
 */
export function watchStream({ signal, idleMs, clock }: Terms): StreamWatch {
  const inner = new AbortController();
  let interrupt: ((reason: unknown) => void) | null = null;
  let lastSign = clock.now();
  let settled = false;

  const stop = (reason: unknown): void => {
    if (inner.signal.aborted) return;
    interrupt?.(reason);
    inner.abort(reason);
  };
  const look = (): void => {
    const rest = lastSign + idleMs - clock.now();
    if (interrupt !== null && rest <= 0) stop(new IdleTimeout(idleMs));
    else cancelTimer = clock.after(rest > 0 ? rest : idleMs, look);
  };
  const onAbort = (): void => stop(signal.reason);
  let cancelTimer = clock.after(idleMs, look);
  signal.addEventListener('abort', onAbort, { once: true });

  return {
    signal: inner.signal,
    touch: () => {
      lastSign = clock.now();
    },
    guard: (work) => {
      lastSign = clock.now();
      return new Promise((resolve, reject) => {
        interrupt = reject;
        if (inner.signal.aborted) reject(inner.signal.reason);
        const settleWith =
          <V>(settle: (value: V) => void) =>
          (value: V): void => {
            interrupt = null;
            settle(value);
          };
        work.then(settleWith(resolve), settleWith(reject));
      });
    },
    throwIfStopped: () => inner.signal.throwIfAborted(),
    settle: () => {
      settled = true;
    },
    [Symbol.dispose]: () => {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      if (!settled) stop(new Error('The reader left the stream.'));
    },
  };
}
