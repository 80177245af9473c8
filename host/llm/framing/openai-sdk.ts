import type { OpenAI } from 'openai/client';
import type { Auth, Endpoint } from '../endpoint.ts';
import { WireError, type WireFailure } from '../failure.ts';
import type { Framing, WireCall, WireStream } from '../route.ts';
import { observeBody } from './observed.ts';

export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Longer than any stream watch; the SDK's own clock shall never be the first to fire. */
const never = 2 ** 31 - 1;
const trailingSlashes = /\/+$/;
const lineStarts = /^/gm;
const errorBodyLimit = 64 * 1024;

/**
 * Transport and SSE framing by the official `openai` package, loaded on first use. The package only frames: address,
 * headers and credentials are ours, so that nothing of its environment variables (`OPENAI_BASE_URL`,
 * `OPENAI_CUSTOM_HEADERS`, organization, project) reaches an endpoint that the caller did not name them for.
 */
export function openaiSDK(options: { readonly fetch?: Fetch } = {}): Framing {
  return {
    async open(call, { signal }) {
      const { OpenAI } = await import('openai/client');
      const exchange = new Exchange(call, options.fetch ?? globalThis.fetch);
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
        fetch: (_url, init) => exchange.send(init),
      });
      return exchange.open(client, signal);
    },
    async warm() {
      await import('openai/client');
    },
  };
}

/** One request and what is remembered of its answer, because the SDK's errors keep only a part of it. */
class Exchange {
  readonly #call: WireCall;
  readonly #fetch: Fetch;
  readonly #url: URL;
  readonly #headers: Headers;
  #failure: WireFailure | null = null;
  #answered = false;
  #responseHeaders: Readonly<Record<string, string>> = {};
  #complete = (): boolean => false;

  constructor(call: WireCall, fetch: Fetch) {
    this.#call = call;
    this.#fetch = fetch;
    try {
      this.#url = wireURL(call.endpoint, call.path);
      this.#headers = wireHeaders(call.endpoint, call.auth);
    } catch (error) {
      // `new URL` and `Headers` say with a TypeError that a configured value is none.
      if (!(error instanceof TypeError)) throw error;
      throw new WireError({ type: 'unsendable', message: error.message }, { cause: error });
    }
  }

  async open(client: OpenAI, signal: AbortSignal): Promise<WireStream> {
    const { path, body } = this.#call;
    const request = { body, stream: true, signal } as const;
    const stream = await client.post<AsyncIterable<unknown>>(path, request).catch((error: unknown) => {
      signal.throwIfAborted();
      const broke = this.#answered ? cut(error) : unreachable(error);
      throw new WireError(this.#failure ?? broke, { cause: error });
    });
    return { chunks: this.#chunks(stream, signal), complete: () => this.#complete() };
  }

  async *#chunks(stream: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
    try {
      yield* stream;
    } catch (error) {
      signal.throwIfAborted();
      throw new WireError(broken(error, this.#responseHeaders), { cause: error });
    }
  }

  async send(init: RequestInit | undefined): Promise<Response> {
    const { body, signal } = init ?? {};
    const response = await this.#fetch(this.#url, {
      method: 'POST',
      headers: this.#headers,
      body: body ?? null,
      signal: signal ?? null,
      // A redirected POST would lose its body or carry a custom key header to another host.
      redirect: 'manual',
    });
    this.#answered = true;
    this.#call.onBytes();
    this.#responseHeaders = Object.fromEntries(response.headers);
    if (!response.ok) return this.#refuse(response);
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('text/html')) return this.#misplaced(response);
    if (type.includes('json')) return asEventStream(await response.text());
    if (response.body === null) return response;
    const observed = observeBody(response.body, this.#call.onBytes);
    this.#complete = observed.complete;
    return new Response(observed.body, { status: response.status, headers: response.headers });
  }

  async #refuse(response: Response): Promise<Response> {
    const body = await boundedText(response);
    this.#failure = { type: 'http', status: response.status, headers: this.#responseHeaders, body };
    return new Response(body, {
      status: Math.max(response.status, 400),
      headers: { 'x-should-retry': 'false' },
    });
  }

  async #misplaced(response: Response): Promise<Response> {
    await response.body?.cancel();
    const message = `${this.#url.origin}${this.#url.pathname} answered with a web page, not with a model's stream.`;
    this.#failure = { type: 'malformed', message };
    return new Response(null, { status: 400 });
  }
}

function wireURL(endpoint: Endpoint, path: string): URL {
  const url = new URL(endpoint.baseURL);
  url.pathname = `${url.pathname.replace(trailingSlashes, '')}${path}`;
  for (const [name, value] of Object.entries(endpoint.query ?? {})) url.searchParams.set(name, value);
  return url;
}

function wireHeaders(endpoint: Endpoint, auth: Auth): Headers {
  const headers = new Headers({ 'content-type': 'application/json', accept: 'text/event-stream' });
  for (const [name, value] of Object.entries(endpoint.headers)) headers.set(name, value);
  if (auth.type === 'bearer') headers.set('authorization', `Bearer ${auth.key}`);
  if (auth.type === 'header') headers.set(auth.name, auth.value);
  return headers;
}

/** Some servers ignore `stream: true`: their one JSON document becomes a stream of one chunk. */
function asEventStream(text: string): Response {
  const lines = text.trim() === '' ? '' : `${text.replace(lineStarts, 'data: ')}\n\n`;
  return new Response(`${lines}data: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } });
}

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= errorBodyLimit) break;
  }
  return text.slice(0, errorBodyLimit);
}

/** The SDK says "Connection error."; the reason lies in its causes. */
function unreachable(error: unknown): WireFailure {
  const chain = causes(error);
  const coded = chain.find((cause) => typeof cause.code === 'string' && cause.code !== '');
  const code = coded?.code ?? null;
  const words = coded?.message || chain.at(-1)?.message || String(error);
  return { type: 'unreachable', code, message: words };
}

type Cause = { readonly message: string; readonly code: string | undefined };

function causes(error: unknown, depth = 0): readonly Cause[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return [{ message: error.message, code }, ...causes(inner, depth + 1)];
}

/** What an error thrown while reading the stream means. */
function broken(error: unknown, headers: Readonly<Record<string, string>>): WireFailure {
  if (error instanceof SyntaxError) return { type: 'malformed', message: error.message };
  // The SDK throws its APIError, with the provider's object in `error`, for an error inside a 200 stream.
  if (error instanceof Error && 'error' in error && error.error !== undefined) {
    return { type: 'in-stream', payload: error.error, headers };
  }
  return cut(error);
}

function cut(error: unknown): WireFailure {
  return { type: 'cut', message: causes(error).at(-1)?.message ?? String(error) };
}
