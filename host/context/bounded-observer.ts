import { HostError } from '#shared/host-error.ts';
import type { JsonObject } from '#shared/part.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContextSource, ContextTurn } from './context-source.ts';

/** What became of observing one source. `value` is absent when there is nothing to say. */
export type Observation =
  | { readonly type: 'observed'; readonly value?: JsonObject }
  | { readonly type: 'unavailable'; readonly error: unknown };

/**
 * Observes a source for a turn, within the bound. Rejects only with the reason of an aborted turn; whatever else goes
 * wrong is the source being unavailable.
 */
export type BoundedObserver = (source: ContextSource, turn: ContextTurn) => Promise<Observation>;

/** An observation that its boundary waited for in vain. */
interface Overdue {
  readonly turn: ContextTurn;
  /** There once it has ended with a result, late. */
  result?: Observation;
}

/**
 * An observation that takes longer than `boundMs` is told to stop. One that goes on all the same is not started again
 * while it runs, and holds no later boundary up; its late result is what the next boundary for that agent gets.
 */
export function createObserver(clock: Clock, boundMs: number): BoundedObserver {
  const overdue = new Map<string, Overdue>();

  const leave = (key: string, turn: ContextTurn, running: Promise<Observation>) => {
    const left: Overdue = { turn };
    overdue.set(key, left);
    // `running` never rejects.
    void running.then((result) => {
      // What only ended because it was told to has nothing to say.
      if (result.type === 'observed') left.result = result;
      else if (overdue.get(key) === left) overdue.delete(key);
    });
  };

  return async (source, turn) => {
    turn.signal.throwIfAborted();
    const left = overdue.get(source.key);
    if (left && !left.result) return { type: 'unavailable', error: overdueError(source.key, boundMs) };
    overdue.delete(source.key);
    // A Location's sessions share its sources, and another agent's result is not this one's.
    if (left?.result && isSameAgent(left.turn, turn)) return left.result;

    const bound = new AbortController();
    using _timer = clock.after(boundMs, () => bound.abort(overdueError(source.key, boundMs)));
    using ending = abortOf(AbortSignal.any([turn.signal, bound.signal]));
    const running = observeOnce(source, { ...turn, signal: ending.signal });
    const first = await Promise.race([running, ending.aborted]);
    turn.signal.throwIfAborted();
    if (first !== 'aborted') return first;
    leave(source.key, turn, running);
    return { type: 'unavailable', error: bound.signal.reason };
  };
}

/** Never rejects: whatever a source throws, now or after its boundary, must not end a turn. */
async function observeOnce(source: ContextSource, turn: ContextTurn): Promise<Observation> {
  try {
    const observed = await source.observe(turn);
    if (observed === undefined) return { type: 'observed' };
    const value = source.read(observed);
    if (!value) throw invalidError(source.key);
    return { type: 'observed', value: value.stored };
  } catch (error) {
    return { type: 'unavailable', error };
  }
}

interface Ending extends Disposable {
  readonly signal: AbortSignal;
  readonly aborted: Promise<'aborted'>;
}

function abortOf(signal: AbortSignal): Ending {
  const { promise: aborted, resolve } = Promise.withResolvers<'aborted'>();
  const onAbort = () => resolve('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  return { signal, aborted, [Symbol.dispose]: () => signal.removeEventListener('abort', onAbort) };
}

function isSameAgent({ agent: one }: ContextTurn, { agent: other }: ContextTurn): boolean {
  return one.name === other.name && one.instructions === other.instructions;
}

function overdueError(key: string, boundMs: number): HostError {
  return new HostError(
    'context.overdue',
    `"${key}" was not known within ${boundMs} ms. The work goes on with what was known before.`,
    { data: { source: key, boundMs } },
  );
}

function invalidError(key: string): HostError {
  return new HostError(
    'context.invalid',
    `"${key}" gave a value of another form than it declares. The work goes on with what was known before.`,
    { data: { source: key } },
  );
}
