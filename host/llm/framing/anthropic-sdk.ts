import type { Stream as SSEStream } from '@anthropic-ai/sdk/core/streaming';
import { WireError } from '../failure.ts';
import type { Framing, WireCall, WireStream } from '../route.ts';
import { Exchange, type Fetch } from './exchange.ts';
import { observeBody } from './observed.ts';

type SSEReader = Pick<typeof SSEStream, 'rawEvents'>;
type ServerEvent = { readonly event: string | null; readonly data: string };

/** The event that ends a stream of the Messages format. */
const lastEvent = 'message_stop';

/**
 * SSE framing by the reader of the official `@anthropic-ai/sdk`, loaded on first use. Its client is left alone: it
 * would look for credentials in environment and profiles, and it passes over events whose name a proxy has dropped.
 */
export function anthropicSDK(options: { readonly fetch?: Fetch } = {}): Framing {
  return {
    async open(call, { signal }) {
      const { Stream } = await import('@anthropic-ai/sdk/core/streaming');
      return new MessageAnswer(call, { fetch: options.fetch, signal, reader: Stream }).open();
    },
    async warm() {
      await import('@anthropic-ai/sdk/core/streaming');
    },
  };
}

type AnswerOptions = {
  readonly fetch: Fetch | undefined;
  readonly signal: AbortSignal;
  readonly reader: SSEReader;
};

class MessageAnswer {
  readonly #call: WireCall;
  readonly #exchange: Exchange;
  readonly #reader: SSEReader;
  #complete = false;

  constructor(call: WireCall, { fetch, signal, reader }: AnswerOptions) {
    this.#call = call;
    this.#reader = reader;
    this.#exchange = new Exchange(call, { fetch, signal, prepare });
  }

  async open(): Promise<WireStream> {
    const response = await this.#exchange.send(JSON.stringify(this.#call.body)).catch((error: unknown) => {
      throw this.#exchange.refusal(error);
    });
    if (!response.ok) throw this.#exchange.refusal(new Error(`status ${response.status}`));
    return { chunks: this.#chunks(response), complete: () => this.#complete };
  }

  async *#chunks(response: Response): AsyncGenerator<unknown> {
    try {
      const type = response.headers.get('content-type') ?? '';
      if (type.includes('json')) yield JSON.parse(await response.text());
      else if (response.body !== null) yield* this.#events(response);
    } catch (error) {
      throw error instanceof WireError ? error : this.#exchange.breach(error);
    }
  }

  async *#events(response: Response): AsyncGenerator<unknown> {
    for await (const { event, data } of this.#reader.rawEvents(response)) {
      if (data === '') continue;
      const chunk: unknown = parsed({ event, data });
      if (isError(event, chunk)) throw this.#exchange.reported(chunk);
      yield chunk;
      this.#complete = event === lastEvent;
      if (this.#complete) return;
    }
  }
}

/** An error that is no JSON is told in its own words. */
function parsed({ event, data }: ServerEvent): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    if (event === 'error') return { message: data };
    throw error;
  }
}

function isError(event: string | null, chunk: unknown): boolean {
  const hasErrorType =
    typeof chunk === 'object' && chunk !== null && 'type' in chunk && chunk.type === 'error';
  return event === 'error' || hasErrorType;
}

function prepare(response: Response, onBytes: () => void): Response {
  if (response.body === null) return response;
  const { body } = observeBody(response.body, { onBytes, lastLine: ['event', lastEvent] });
  return new Response(body, { status: response.status, headers: response.headers });
}
