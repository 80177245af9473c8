import type { Auth, Endpoint } from './endpoint.ts';

const secretName = /auth|key|token|secret|cookie|password|signature/i;
const scheme = /^\w+\s+/;
/** Shorter values would blank out ordinary words. */
const shortest = 6;

/** The exact credentials that a route sends: key, secret-looking headers and query values, password in the address. */
export function routeSecrets(endpoint: Endpoint, auth: Auth): readonly string[] {
  const named = [...Object.entries(endpoint.headers), ...Object.entries(endpoint.query ?? {})]
    .filter(([name]) => secretName.test(name))
    .flatMap(([, value]) => [value, value.replace(scheme, '')]);
  return secretForms([...keyOf(auth), ...named, addressPassword(endpoint.baseURL)]);
}

/** Secrets in the forms in which a text may quote them, the longest first: plain, in an address, in JSON. */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const forms = secrets
    .filter((value) => value.length >= shortest)
    .flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function keyOf(auth: Auth): readonly string[] {
  if (auth.type === 'bearer') return [auth.key];
  if (auth.type === 'header') return [auth.value];
  return auth.type === 'token' ? [auth.last() ?? ''] : [];
}

/** `text` with each secret replaced; never throws, never keeps a part of one. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

function addressPassword(baseURL: string): string {
  return URL.canParse(baseURL) ? decodeURIComponent(new URL(baseURL).password) : '';
}
