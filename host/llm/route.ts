import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { Auth, Endpoint } from './endpoint.ts';
import type { WireFailure } from './failure.ts';
import { WireError } from './failure.ts';
import { redact, routeSecrets, secretForms } from './redact.ts';
import type { LLMError, LLMEvent, LLMRequest } from './schema.ts';
import { describeCall, type SentCall } from './sent-call.ts';
import type { StreamWatch } from './watch.ts';
import { IdleTimeout, watchStream } from './watch.ts';

export type { Auth, Endpoint };

/** Turns the wire chunks of one answer into events. One decoder per stream; it holds state and does no I/O. */
export type Decoder = {
  /** Events of one chunk. After a terminal event no method is called again. */
  push(chunk: unknown): readonly LLMEvent[];
  /** The events that close the stream; the last one is terminal. `complete`: the wire's own end mark was seen. */
  end(end: { readonly complete: boolean }): readonly LLMEvent[];
};

/** The only place that knows wire fields. Every function is pure. */
export type Protocol = {
  /** Also the key of this protocol's facts in `Metadata`. */
  readonly id: string;
  /** Path below the endpoint's address. */
  path(request: LLMRequest): string;
  /** The wire body; equal requests give bodies of equal bytes. */
  encode(request: LLMRequest): object;
  decoder(request: LLMRequest): Decoder;
  /** What a failure means. `now` (milliseconds since 1970) is what a `Retry-After` date is compared with. */
  classify(failure: WireFailure, now: number): LLMError;
};

export type WireCall = {
  readonly endpoint: Endpoint;
  readonly auth: Auth;
  readonly path: string;
  readonly body: object;
  /** To be called whenever bytes arrive, keep-alive comments included. */
  readonly onBytes: () => void;
};

export type WireStream = {
  readonly chunks: AsyncIterable<unknown>;
  /** Whether the wire's own end mark (`[DONE]`) was read. */
  complete(): boolean;
};

/**
 * How a transport opens a stream of decoded wire chunks. `open` and `chunks` fail with `WireError` only, retry
 * nothing, and let go of the connection when the signal aborts.
 */
export type Framing = {
  open(call: WireCall, options: { readonly signal: AbortSignal }): Promise<WireStream>;
  /** Loads what the first call will need. */
  warm(): Promise<void>;
};

export type Route = {
  readonly protocol: Protocol;
  readonly endpoint: Endpoint;
  readonly auth: Auth;
  readonly framing: Framing;
};

export type LLMOptions = {
  /** A stream that sends nothing for so long ends in error `timeout`. Default 300,000 ms. */
  readonly idleTimeoutMs?: number;
  readonly clock?: Clock;
  /** What may stand in no error besides the route's own credentials, such as the user's others; asked when there is one. */
  readonly secrets?: () => readonly string[];
};

export type LLM = {
  /**
   * One request, one attempt. The iterable never throws: every failure is its last event, and exactly one event is
   * terminal (`finish` or `error`). The one exception is an abort: then the iterable throws `signal.reason` and sends
   * nothing more. Leaving the loop early closes the connection.
   */
  stream(request: LLMRequest, options: StreamOptions): AsyncIterable<LLMEvent>;
  /** Loads the transport ahead of the first request; may be called at any time, any number of times. */
  warm(): Promise<void>;
};

export type StreamOptions = {
  readonly signal: AbortSignal;
  /** Is told what goes out, just before it does, without credentials. */
  readonly onSent?: (call: SentCall) => void;
};

type Run = {
  readonly route: Route;
  readonly request: LLMRequest;
  readonly watch: StreamWatch;
  readonly onSent: StreamOptions['onSent'];
  readonly hide: Hide;
};

/** Takes secrets out of a text. */
type Hide = (text: string) => string;

/** A model endpoint behind one verb; see `LLM`. Does nothing until `stream` or `warm` is called. */
export function createLLM(route: Route, options: LLMOptions = {}): LLM {
  const clock = options.clock ?? systemClock;
  const idleMs = options.idleTimeoutMs ?? 300_000;
  const { endpoint, auth } = route;
  const hide: Hide = (text) =>
    redact(redact(text, routeSecrets(endpoint, auth)), secretForms(options.secrets?.() ?? []));
  return {
    async *stream(request, { signal, onSent }) {
      signal.throwIfAborted();
      using watch = watchStream({ signal, idleMs, clock });
      try {
        yield* attempt({ route, request, watch, onSent, hide });
      } catch (error) {
        signal.throwIfAborted();
        yield { type: 'error', error: bounded(judge(route, error, clock.now()), hide) };
      }
    },
    warm: () => route.framing.warm(),
  };
}

/** Events up to and including the terminal one; throws `WireError`, `IdleTimeout` or the abort reason. */
async function* attempt(run: Run): AsyncGenerator<LLMEvent, void> {
  const { route, request, watch, hide } = run;
  const decoder = route.protocol.decoder(request);
  const stream = await watch.guard(openStream(run));
  const chunks = stream.chunks[Symbol.asyncIterator]();
  for (;;) {
    const next = await watch.guard(chunks.next());
    if (next.done) watch.settle();
    const events = next.done ? decoder.end({ complete: stream.complete() }) : decoder.push(next.value);
    for (const event of events) {
      watch.throwIfStopped();
      yield clean(event, hide);
      if (isTerminal(event)) return;
    }
    if (next.done) throw new Error(`The decoder of ${route.protocol.id} ended without a terminal event.`);
  }
}

function openStream({ route, request, watch, onSent }: Run): Promise<WireStream> {
  const { protocol, endpoint, auth } = route;
  const call = {
    endpoint,
    auth,
    path: protocol.path(request),
    body: protocol.encode(request),
    onBytes: watch.touch,
  };
  onSent?.(describeCall(call));
  return route.framing.open(call, { signal: watch.signal });
}

/** Whether nothing comes after this event. */
export function isTerminal(event: LLMEvent): boolean {
  return event.type === 'finish' || event.type === 'error';
}

function judge(route: Route, error: unknown, now: number): LLMError {
  if (error instanceof IdleTimeout) return { code: 'timeout', message: error.message, retryable: true };
  if (error instanceof WireError) return route.protocol.classify(error.failure, now);
  throw error;
}

function clean(event: LLMEvent, hide: Hide): LLMEvent {
  return event.type === 'error' ? { type: 'error', error: bounded(event.error, hide) } : event;
}

const messageLimit = 1000;

/** Everything in it that is the provider's text, without secrets: also the id that it gave the request. */
function bounded({ requestID, ...error }: LLMError, hide: Hide): LLMError {
  const text = hide(error.message).toWellFormed();
  const message = text.length > messageLimit ? `${text.slice(0, messageLimit - 1).toWellFormed()}…` : text;
  return { ...error, message, ...(requestID === undefined ? {} : { requestID: hide(requestID) }) };
}
