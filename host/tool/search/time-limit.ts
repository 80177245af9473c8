import type { Clock } from '../../ports/clock.ts';

/** A search that takes too long is ended, and what it has found so far is told. */
export interface TimeLimit extends Disposable {
  /** Aborted when the time is over, or when the caller's signal is. */
  readonly signal: AbortSignal;
  isOver(): boolean;
}

export function startTimeLimit(
  clock: Clock,
  options: { readonly ms: number; readonly signal: AbortSignal },
): TimeLimit {
  const controller = new AbortController();
  const timer = clock.after(options.ms, () => controller.abort(new Error('The search took too long.')));
  return {
    signal: AbortSignal.any([options.signal, controller.signal]),
    isOver: () => controller.signal.aborted && !options.signal.aborted,
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
