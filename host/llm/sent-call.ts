import type { Auth, Endpoint } from './endpoint.ts';
import { redact, routeSecrets } from './redact.ts';

const trailingSlashes = /\/+$/;

/** One request as it went out, for people to read: every credential of the route is `[redacted]`. */
export type SentCall = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** What is about to be sent, without the credentials that send it; nothing else is altered. */
export function describeCall(call: {
  readonly endpoint: Endpoint;
  readonly auth: Auth;
  readonly path: string;
  readonly body: object;
}): SentCall {
  const { endpoint, auth, path, body } = call;
  const secrets = routeSecrets(endpoint, auth);
  const query = Object.entries(endpoint.query ?? {}).map((pair) => pair.map(encodeURIComponent).join('='));
  const address = `${endpoint.baseURL.replace(trailingSlashes, '')}${path}`;
  const url = query.length === 0 ? address : `${address}?${query.join('&')}`;
  // An own copy: what is shown later is what was sent now.
  const copy: unknown = JSON.parse(redact(JSON.stringify(body), secrets.map(inJson)));
  return { url: redact(url, secrets), headers: shownHeaders(endpoint, auth, secrets), body: copy };
}

function shownHeaders(
  endpoint: Endpoint,
  auth: Auth,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const headers = Object.entries(endpoint.headers).map(([name, value]) => [name, redact(value, secrets)]);
  // However short the key is.
  if (auth.type === 'bearer') headers.push(['authorization', 'Bearer [redacted]']);
  if (auth.type === 'header') headers.push([auth.name, '[redacted]']);
  return Object.fromEntries(headers);
}

/** A secret as it stands inside a JSON text. */
function inJson(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}
