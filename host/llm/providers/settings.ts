import type { Fetch } from '../framing/exchange.ts';
import type { Auth } from '../route.ts';

/** What a user configures about a provider with one key. */
export type ProviderSettings = {
  readonly apiKey?: string;
  /** In place of a key: a token that is renewed, a header of its own. */
  readonly auth?: Auth;
  readonly baseURL?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly fetch?: Fetch;
};

/** What the caller chose, else the key in the provider's form. Local servers want neither: then no credential is sent. */
export function authOf({ auth, apiKey }: ProviderSettings, form: (key: string) => Auth = asBearer): Auth {
  if (auth !== undefined) return auth;
  return apiKey === undefined || apiKey === '' ? { type: 'none' } : form(apiKey);
}

function asBearer(key: string): Auth {
  return { type: 'bearer', key };
}
