import type { Auth, Endpoint } from './endpoint.ts';
import { redact, routeSecrets } from './redact.ts';

const trailingSlashes = /\/+$/;
const userInfo = /^(\w+:\/\/)[^/@]*@/;

/** One request as it went out, for people to read: every credential of the route is `[redacted]`. */
export type SentCall = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** What is about to be sent, without the credentials that send it; nothing else is altered. */
export function describeCall({ endpoint, auth, path, body }: CallFacts): SentCall {
  const secrets = routeSecrets(endpoint, auth);
  // An own copy: what is shown later is what was sent now.
  const copy: unknown = JSON.parse(JSON.stringify(body));
  return {
    url: shownAddress(endpoint, path, secrets),
    headers: shownHeaders(endpoint, auth),
    body: withoutSecrets(copy, secrets),
  };
}

export type CallFacts = {
  readonly endpoint: Endpoint;
  readonly auth: Auth;
  readonly path: string;
  readonly body: object;
};

const hidden = '[redacted]';
/** Any other header may carry a credential, whatever it is called. */
const plainHeaders = new Set(['accept', 'content-type', 'user-agent', 'http-referer', 'x-title']);

/** Names of query values are shown, their values never. */
function shownAddress(endpoint: Endpoint, path: string, secrets: readonly string[]): string {
  const [address = '', search = ''] = endpoint.baseURL.split('?');
  const names = [...new URLSearchParams(search).keys(), ...Object.keys(endpoint.query ?? {})];
  const query = names.map((name) => `${encodeURIComponent(name)}=${hidden}`).join('&');
  const shown = `${address.replace(trailingSlashes, '')}${path}${query === '' ? '' : `?${query}`}`;
  return redact(shown, secrets).replace(userInfo, `$1${hidden}@`);
}

function shownHeaders(endpoint: Endpoint, auth: Auth): Readonly<Record<string, string>> {
  const headers = Object.entries(endpoint.headers).map(([name, value]) => [
    name,
    plainHeaders.has(name.toLowerCase()) ? value : hidden,
  ]);
  if (auth.type === 'bearer' || auth.type === 'token') headers.push(['authorization', `Bearer ${hidden}`]);
  if (auth.type === 'header') headers.push([auth.name, hidden]);
  return Object.fromEntries(headers);
}

/** Only in texts, so that no number or name of a field is torn. */
function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redact(value, secrets);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, secrets)]));
}
