import type { Auth, Endpoint } from '../endpoint.ts';
import { WireError, type WireFailure } from '../failure.ts';
import type { WireCall } from '../route.ts';

export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What a vendor's package makes of a good answer: a response that it can frame. */
export type Prepare = (response: Response, onBytes: () => void) => Response | Promise<Response>;

/**
 * The one HTTP request of a stream, put under a vendor's package in place of `fetch`. The package only frames: address,
 * headers and credentials are ours. What the package's errors would lose of a failed answer is kept here.
 */
export class Exchange {
  readonly #call: WireCall;
  readonly #fetch: Fetch;
  readonly #signal: AbortSignal;
  readonly #prepare: Prepare;
  readonly #url: URL;
  readonly #headers: Headers;
  #failure: WireFailure | null = null;
  #answered = false;
  #responseHeaders: Readonly<Record<string, string>> = {};

  /** @throws WireError `unsendable` for an address or a header that is none */
  constructor(call: WireCall, { fetch, signal, prepare }: ExchangeOptions) {
    this.#call = call;
    this.#fetch = fetch ?? globalThis.fetch;
    this.#signal = signal;
    this.#prepare = prepare;
    try {
      this.#url = wireURL(call.endpoint, call.path);
      this.#headers = wireHeaders(call.endpoint, call.auth);
    } catch (error) {
      // `new URL` and `Headers` say with a TypeError that a configured value is none.
      if (!(error instanceof TypeError)) throw error;
      throw new WireError({ type: 'unsendable', message: error.message }, { cause: error });
    }
  }

  /** In place of `fetch`: of what the package wants to send only the body is taken. */
  async send(body: RequestInit['body']): Promise<Response> {
    await this.#authorize();
    const response = await this.#fetch(this.#url, {
      method: 'POST',
      headers: this.#headers,
      body: body ?? null,
      signal: this.#signal,
      // A redirected POST would lose its body or carry a custom key header to another host.
      redirect: 'manual',
    });
    this.#answered = true;
    this.#call.onBytes();
    this.#responseHeaders = Object.fromEntries(response.headers);
    if (!response.ok) return this.#refuse(response);
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('text/html')) return this.#misplaced(response);
    return this.#prepare(response, this.#call.onBytes);
  }

  /** What an error means that the package threw before there was a stream; throws the abort reason. */
  refusal(error: unknown): WireError {
    this.#signal.throwIfAborted();
    const broke = this.#answered ? cut(error) : unreachable(error);
    return new WireError(this.#failure ?? broke, { cause: error });
  }

  /** What an error means that the package threw while the stream was read; throws the abort reason. */
  breach(error: unknown): WireError {
    this.#signal.throwIfAborted();
    return new WireError(broken(error, this.#responseHeaders), { cause: error });
  }

  /** An error that stood in the stream of a good answer. */
  reported(payload: unknown): WireError {
    return new WireError({ type: 'in-stream', payload, headers: this.#responseHeaders });
  }

  async #authorize(): Promise<void> {
    const { auth } = this.#call;
    if (auth.type !== 'token') return;
    try {
      this.#headers.set('authorization', `Bearer ${await auth.token(this.#signal)}`);
    } catch (error) {
      // The package wraps whatever is thrown here.
      this.#failure = {
        type: 'unauthorized',
        message: error instanceof Error ? error.message : String(error),
      };
      throw error;
    }
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

export type ExchangeOptions = {
  readonly fetch?: Fetch | undefined;
  readonly signal: AbortSignal;
  readonly prepare: Prepare;
};

const trailingSlashes = /\/+$/;
const errorBodyLimit = 64 * 1024;

function wireURL(endpoint: Endpoint, path: string): URL {
  const url = new URL(endpoint.baseURL);
  const [below = '', search = ''] = path.split('?');
  url.pathname = `${url.pathname.replace(trailingSlashes, '')}${below}`;
  for (const [name, value] of new URLSearchParams(search)) url.searchParams.set(name, value);
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

/** The package says "Connection error."; the reason lies in its causes. */
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
  // The packages throw their APIError, with the provider's object in `error`, for an error inside a 200 stream.
  if (error instanceof Error && 'error' in error && error.error !== undefined) {
    return { type: 'in-stream', payload: error.error, headers };
  }
  return cut(error);
}

function cut(error: unknown): WireFailure {
  return { type: 'cut', message: causes(error).at(-1)?.message ?? String(error) };
}
