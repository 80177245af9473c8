import { HostError } from '#shared/host-error.ts';
import { isSafeAddress } from '../ports/browser.ts';
import { textAt, valueAt } from './claims.ts';
import type { Exchange } from './flow.ts';
import { malformed, plainWords } from './token-request.ts';
import { callWeb, safeURL, type Web } from './web-call.ts';

/** The second token, which lives for minutes and is kept in memory alone. */
export interface ShortToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly baseURL?: string;
}

export type ExchangeOutcome =
  | { readonly type: 'token'; readonly token: ShortToken }
  /** The access token is not taken any more. */
  | { readonly type: 'ended' };

/** @throws HostError `credential.not-entitled`, `credential.unreachable`, `credential.malformed` */
export async function exchangeToken(
  { exchange, access }: { readonly exchange: Exchange; readonly access: string },
  web: Web,
  signal: AbortSignal,
): Promise<ExchangeOutcome> {
  const { status, body } = await callWeb(
    {
      method: 'GET',
      address: exchange.endpoint,
      headers: { ...exchange.headers, authorization: `${exchange.scheme} ${access}` },
    },
    web,
    signal,
  );
  if (status === 401) return { type: 'ended' };
  if (status >= 300)
    throw notEntitled(
      exchange.endpoint,
      status,
      plainWords(String(valueAt(body, ['message']) ?? ''), [access]),
    );
  const token = valueAt(body, exchange.tokenPath);
  const expiry = valueAt(body, exchange.expiryPath);
  if (typeof token !== 'string' || token === '' || typeof expiry !== 'number')
    throw malformed(exchange.endpoint);
  const baseURL = addressIn(body, exchange);
  return {
    type: 'token',
    token: { token, expiresAt: expiry * 1000, ...(baseURL === undefined ? {} : { baseURL }) },
  };
}

function notEntitled(endpoint: string, status: number, words: string): HostError {
  const said = words === '' ? '' : `: ${words}`;
  return new HostError(
    'credential.not-entitled',
    `You are signed in, but ${safeURL(endpoint).host} gives no access with it (status ${status}${said}). Check that your account has a subscription, and that your client may use it.`,
    { data: { status } },
  );
}

/** The address that the answer names, where it belongs to the service; the token must not go anywhere else. */
function addressIn(body: unknown, { baseURL }: Exchange): string | undefined {
  if (baseURL === undefined) return undefined;
  const address = textAt(body, baseURL.path);
  if (address === undefined || !isSafeAddress(address)) return undefined;
  const { hostname } = new URL(address);
  const { domain } = baseURL;
  return hostname === domain || hostname.endsWith(`.${domain}`) ? address : undefined;
}
