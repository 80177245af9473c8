import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import { redact } from '../llm/redact.ts';
import { claimsOf, valueAt } from './claims.ts';
import { callWeb, type Web } from './web-call.ts';

/** Who signs in; the secret is the client's, not the user's. */
export interface Client {
  readonly id: string;
  readonly secret?: string;
}

export interface Tokens {
  readonly access: string;
  readonly refresh?: string;
  /** Milliseconds since the epoch; absent when the server says nothing about it. */
  readonly expiresAt?: number;
  readonly claims: unknown;
}

export type TokenOutcome = { readonly type: 'tokens'; readonly tokens: Tokens } | Refusal;

/** What the server said instead. */
export interface Refusal {
  readonly type: 'refused';
  /** Its code, such as `invalid_grant`; of the status where it gave none. */
  readonly error: string;
  /** Its words, with every secret that was sent taken out. */
  readonly words: string;
  /** Seconds to wait between requests from now on. */
  readonly interval?: number;
}

export interface TokenRequest {
  readonly endpoint: string;
  readonly client: Client;
  readonly form: Readonly<Record<string, string>>;
}

/**
 * Asks a token endpoint (RFC 6749). A client with a secret proves itself by basic authentication.
 * @throws HostError `credential.unreachable`, `credential.malformed`
 */
export async function requestTokens(
  { endpoint, client, form }: TokenRequest,
  web: Web,
  signal: AbortSignal,
): Promise<TokenOutcome> {
  const asked = web.clock.now();
  const answer = await callWeb(
    {
      method: 'POST',
      address: endpoint,
      headers: authentication(client),
      form: { ...form, client_id: client.id },
    },
    web,
    signal,
  );
  const refused = refusalIn(answer.body, [...Object.values(form), client.secret ?? '']);
  // Some servers refuse with the status 200.
  if (refused !== undefined) return refused;
  if (answer.status >= 300) return { type: 'refused', error: `status_${answer.status}`, words: '' };
  const decoded = decodeTokens(answer.body);
  // The failure would quote the tokens.
  if (decoded._tag === 'Failure' || !isBearer(decoded.success.token_type)) throw malformed(endpoint);
  return { type: 'tokens', tokens: tokensOf(decoded.success, asked) };
}

export function malformed(endpoint: string): HostError {
  return new HostError(
    'credential.malformed',
    `${new URL(endpoint).origin} gave an answer to the sign-in that cannot be understood. Try again; if it stays so, use a key.`,
  );
}

/** Basic authentication where the client has a secret (RFC 6749, 2.3.1). */
export function authentication({ id, secret }: Client): Readonly<Record<string, string>> {
  if (secret === undefined) return {};
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Numbers come as texts from some servers. */
const Seconds = Schema.Union([Schema.Finite, Schema.String]);

const TokenAnswer = Schema.Struct({
  access_token: Schema.NonEmptyString,
  token_type: Schema.optionalKey(Schema.NullOr(Schema.String)),
  expires_in: Schema.optionalKey(Schema.NullOr(Seconds)),
  refresh_token: Schema.optionalKey(Schema.NullOr(Schema.String)),
  id_token: Schema.optionalKey(Schema.NullOr(Schema.String)),
});
const decodeTokens = Schema.decodeUnknownResult(TokenAnswer);

const optionalText = Schema.optionalKey(Schema.NullOr(Schema.String));
const ErrorAnswer = Schema.Struct({
  error: Schema.Union([
    Schema.NonEmptyString,
    Schema.Struct({ code: Schema.NonEmptyString, message: optionalText }),
  ]),
  error_description: optionalText,
  interval: Schema.optionalKey(Schema.NullOr(Seconds)),
});
const decodeError = Schema.decodeUnknownResult(ErrorAnswer);

function isBearer(type: string | null | undefined): boolean {
  return type === undefined || type === null || type.toLowerCase() === 'bearer';
}

function tokensOf(answer: typeof TokenAnswer.Type, asked: number): Tokens {
  const claims = claimsOf(answer.id_token ?? undefined) ?? claimsOf(answer.access_token);
  const expiresAt = expiryOf(answer, asked);
  return {
    access: answer.access_token,
    ...(answer.refresh_token ? { refresh: answer.refresh_token } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    claims,
  };
}

function expiryOf(answer: typeof TokenAnswer.Type, asked: number): number | undefined {
  const seconds = secondsOf(answer.expires_in);
  if (seconds !== undefined) return Math.floor(asked + seconds * 1000);
  const exp = valueAt(claimsOf(answer.access_token), ['exp']);
  return typeof exp === 'number' && Number.isSafeInteger(exp) && exp > 0 ? exp * 1000 : undefined;
}

/** A positive number of seconds, at most a century; undefined for anything else. */
export function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  const isUsable = typeof seconds === 'number' && seconds > 0 && seconds < century;
  return isUsable ? seconds : undefined;
}

const century = 100 * 366 * 24 * 3600;

/** The server's refusal, where the body is one. */
export function refusalIn(body: unknown, sent: readonly string[]): Refusal | undefined {
  const decoded = decodeError(body);
  if (decoded._tag === 'Failure') return undefined;
  const { error, error_description, interval } = decoded.success;
  const code = typeof error === 'string' ? error : error.code;
  const words = error_description ?? (typeof error === 'string' ? '' : (error.message ?? ''));
  const seconds = secondsOf(interval);
  return {
    type: 'refused',
    error: errorCode(code),
    words: plainWords(words, sent),
    ...(seconds === undefined ? {} : { interval: seconds }),
  };
}

/** A code as it can stand in a sentence of ours. */
export function errorCode(code: string): string {
  return codeForm.test(code) ? code : 'unknown_error';
}

const codeForm = /^[a-z][a-z0-9_.-]{0,60}$/i;
/** Controls, and what would turn the direction of the text. */
const unprintable = /[\p{Cc}\p{Cf}]+/gu;
/** Shorter texts in a form are no secrets, such as the names of grants. */
const shortestSecret = 16;

/** A server's words as part of a sentence of ours. */
export function plainWords(words: string, sent: readonly string[]): string {
  const secrets = sent
    .filter((each) => each.length >= shortestSecret)
    .toSorted((one, other) => other.length - one.length);
  return redact(words, secrets).replace(unprintable, ' ').trim().slice(0, 300);
}
