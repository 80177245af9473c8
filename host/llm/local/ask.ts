import { type Clock, systemClock } from '../clock.ts';
import type { Fetch } from '../framing/exchange.ts';

/** What came of one question to a server. */
export type Answer =
  | { readonly type: 'json'; readonly value: unknown }
  /** Another status than 200 to 299; a redirect is not followed. */
  | { readonly type: 'refused'; readonly status: number }
  /** It listens, but what it says is no JSON, or too much. */
  | { readonly type: 'other' }
  | { readonly type: 'unreachable' };

/** Asks for a path below the server's root; with a body by POST. */
export type Ask = (path: string, body?: object) => Promise<Answer>;

export type AskOptions = {
  readonly fetch?: Fetch | undefined;
  /** Go with every question. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  readonly clock?: Clock | undefined;
  /** For each question, in milliseconds; a server that takes longer counts as unreachable. */
  readonly timeoutMs: number;
};

/** Longer answers are none that we ask for. */
const answerLimit = 2_000_000;

/** Questions to the server at an origin. They throw `signal.reason` on abort and nothing else. */
export function askAt(origin: string, options: AskOptions): Ask {
  const { fetch = globalThis.fetch, headers, signal, clock = systemClock, timeoutMs } = options;
  return async (path, body) => {
    signal.throwIfAborted();
    const late = new AbortController();
    const cancel = clock.after(timeoutMs, () => late.abort(new Error('too late')));
    try {
      const response = await fetch(`${origin}${path}`, {
        redirect: 'manual',
        signal: AbortSignal.any([signal, late.signal]),
        headers: {
          ...headers,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      });
      return await answerOf(response);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SyntaxError) return { type: 'other' };
      // `fetch` says with a TypeError that no answer came, or that it broke off.
      if (late.signal.aborted || error instanceof TypeError) return { type: 'unreachable' };
      throw error;
    } finally {
      cancel();
    }
  };
}

async function answerOf(response: Response): Promise<Answer> {
  if (!response.ok) {
    await response.body?.cancel();
    return { type: 'refused', status: response.status };
  }
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > answerLimit) return { type: 'other' };
  }
  return { type: 'json', value: JSON.parse(text) };
}
