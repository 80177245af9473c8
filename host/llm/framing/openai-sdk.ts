import type { OpenAI } from 'openai/client';
import type { Framing, WireCall, WireStream } from '../route.ts';
import { Exchange, type Fetch } from './exchange.ts';
import { observeBody } from './observed.ts';

/** Longer than any stream watch; the SDK's own clock shall never be the first to fire. */
const never = 2 ** 31 - 1;
const lineStarts = /^/gm;

/**
 * Transport and SSE framing by the official `openai` package, loaded on first use. The package only frames: address,
 * headers and credentials are ours, so that nothing of its environment variables (`OPENAI_BASE_URL`,
 * `OPENAI_CUSTOM_HEADERS`, organization, project) reaches an endpoint that the caller did not name them for.
 */
export function openaiSDK(options: { readonly fetch?: Fetch } = {}): Framing {
  return {
    async open(call, { signal }) {
      const { OpenAI } = await import('openai/client');
      const answer = new ChatAnswer(call, options.fetch, signal);
      const client = new OpenAI({
        apiKey: 'unused',
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        baseURL: call.endpoint.baseURL,
        maxRetries: 0,
        timeout: never,
        logLevel: 'off',
        dangerouslyAllowBrowser: true,
        fetch: (_url, init) => answer.exchange.send(init?.body),
      });
      return answer.open(client, call);
    },
    async warm() {
      await import('openai/client');
    },
  };
}

/** One answer of the OpenAI family, which ends in a mark of its own. */
class ChatAnswer {
  readonly exchange: Exchange;
  readonly #signal: AbortSignal;
  #complete = (): boolean => false;

  constructor(call: WireCall, fetch: Fetch | undefined, signal: AbortSignal) {
    this.#signal = signal;
    const prepare = (response: Response, onBytes: () => void) => this.#prepare(response, onBytes);
    this.exchange = new Exchange(call, { fetch, signal, prepare });
  }

  async open(client: OpenAI, { path, body }: WireCall): Promise<WireStream> {
    const request = { body, stream: true, signal: this.#signal } as const;
    const stream = await client.post<AsyncIterable<unknown>>(path, request).catch((error: unknown) => {
      throw this.exchange.refusal(error);
    });
    return { chunks: this.#chunks(stream), complete: () => this.#complete() };
  }

  async *#chunks(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    try {
      yield* stream;
    } catch (error) {
      throw this.exchange.breach(error);
    }
  }

  async #prepare(response: Response, onBytes: () => void): Promise<Response> {
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('json')) return asEventStream(await response.text());
    if (response.body === null) return response;
    const observed = observeBody(response.body, { onBytes, lastLine: ['data', '[DONE]'] });
    this.#complete = observed.complete;
    return new Response(observed.body, { status: response.status, headers: response.headers });
  }
}

/** Some servers ignore `stream: true`: their one JSON document becomes a stream of one chunk. */
function asEventStream(text: string): Response {
  const lines = text.trim() === '' ? '' : `${text.replace(lineStarts, 'data: ')}\n\n`;
  return new Response(`${lines}data: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } });
}
