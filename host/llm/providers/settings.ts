import type { Fetch } from '../framing/exchange.ts';
import type { Auth } from '../route.ts';

/** What a user configures about a provider with one key. */
export type ProviderSettings = {
  readonly apiKey?: string;
  readonly baseURL?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly fetch?: Fetch;
};

/** Local servers want no key: without one no credential header is sent. */
export function bearerOrNone(apiKey: string | undefined): Auth {
  return apiKey === undefined || apiKey === '' ? { type: 'none' } : { type: 'bearer', key: apiKey };
}
