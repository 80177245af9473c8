import type { Fetch } from '../llm/framing/exchange.ts';
import type { Clock } from '../ports/clock.ts';

export const modelsURL = 'https://models.dev/api.json';

export type Fetched =
  | { readonly type: 'unchanged' }
  | { readonly type: 'new'; readonly served: unknown; readonly etag?: string };

export interface FetchWorld {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** More than the catalogue will take for years. */
const mostBytes = 32 * 1024 * 1024;
const longestMs = 30_000;

/**
 * Asks models.dev for its catalogue, or whether it is still the one of `etag`. Throws an Error in words for a log where
 * there is no good answer, and the signal's reason on abort.
 */
export async function fetchModels(
  { url, etag }: { readonly url: string; readonly etag: string | undefined },
  { fetch, clock, signal }: FetchWorld,
): Promise<Fetched> {
  const late = new AbortController();
  const fire = () => late.abort(new Error(`No whole answer within ${longestMs / 1000} s.`));
  using _timer = clock.after(longestMs, fire);
  const either = AbortSignal.any([signal, late.signal]);
  const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) };
  const response = await fetch(url, { headers, signal: either });
  if (response.status === 304 && etag !== undefined) {
    await response.body?.cancel();
    return { type: 'unchanged' };
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url} answered with status ${response.status}.`);
  }
  const served: unknown = JSON.parse(await textOf(response, either));
  const named = response.headers.get('etag');
  return { type: 'new', served, ...(named === null ? {} : { etag: named }) };
}

async function textOf({ body }: Response, signal: AbortSignal): Promise<string> {
  if (body === null) throw new Error('The answer is empty.');
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    signal.throwIfAborted();
    length += piece.length;
    if (length > mostBytes) throw new Error(`The answer is longer than ${mostBytes} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
