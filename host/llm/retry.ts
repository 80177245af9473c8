import { type Clock, systemClock } from './clock.ts';
import type { LLM, StreamOptions } from './route.ts';
import type { LLMError, LLMEvent, LLMRequest } from './schema.ts';

export type RetryOptions = {
  /** How often a request is made again at most. Default 4. */
  readonly times?: number;
  /** Milliseconds before the first repetition, doubled for each one after it, up to 30 s. Default 2,000. */
  readonly firstWaitMs?: number;
  /** Where a provider asks to wait longer than that, the error is the answer. Default 600,000 ms. */
  readonly longestWaitMs?: number;
  readonly clock?: Clock;
  /** From 0 to 1: waits are spread by a quarter, so that clients do not come back all at once. */
  readonly random?: () => number;
};

type Policy = Required<RetryOptions>;

const capMs = 30_000;
const spread = 0.25;

/**
 * The same model, asked again when it refuses for a reason that may pass, and only before anything of an answer came:
 * words that were shown are never taken back. Each wait is told by an event (`retry`), and an abort ends it at once.
 */
export function withRetries(llm: LLM, options: RetryOptions = {}): LLM {
  const policy: Policy = {
    times: 4,
    firstWaitMs: 2000,
    longestWaitMs: 600_000,
    clock: systemClock,
    random: Math.random,
    ...options,
  };
  return {
    warm: () => llm.warm(),
    async *stream(request, streamOptions) {
      for (let attempt = 1; ; attempt += 1) {
        const refusal = yield* attemptOnce(llm, request, streamOptions);
        if (refusal === undefined) return;
        const waitMs = waitAfter(refusal.error, attempt, policy);
        if (waitMs === undefined) return yield* refusal.events;
        yield { type: 'retry', attempt, waitMs, error: refusal.error };
        await pause(waitMs, policy.clock, streamOptions.signal);
      }
    },
  };
}

/** An attempt that came to nothing, and what it said: its usage, if any, and its error. */
type Refusal = { readonly error: LLMError; readonly events: readonly LLMEvent[] };

/** Passes an answer on. One that failed before it began is held back and returned. */
async function* attemptOnce(
  llm: LLM,
  request: LLMRequest,
  options: StreamOptions,
): AsyncGenerator<LLMEvent, Refusal | undefined> {
  let held: LLMEvent[] | undefined = [];
  for await (const event of llm.stream(request, options)) {
    if (held !== undefined && event.type === 'usage') held.push(event);
    else if (held !== undefined && event.type === 'error')
      return { error: event.error, events: [...held, event] };
    else {
      if (held !== undefined) yield* held;
      held = undefined;
      yield event;
    }
  }
  return undefined;
}

/** Milliseconds, or undefined where to ask again is of no use. */
function waitAfter(
  { code, retryable, retryAfterMs }: LLMError,
  attempt: number,
  { times, firstWaitMs, longestWaitMs, random }: Policy,
): number | undefined {
  // A network that is not there is seldom there half a minute later, and its user knows more.
  const most = code === 'unreachable' ? Math.min(times, 2) : times;
  if (!retryable || attempt > most) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs <= longestWaitMs ? retryAfterMs : undefined;
  const usual = Math.min(capMs, firstWaitMs * 2 ** (attempt - 1));
  return Math.round(usual * (1 - spread + 2 * spread * random()));
}

/** @throws the abort reason */
async function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(ms, over.resolve);
  const stop = (): void => over.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await over.promise;
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}
