import type { WireFailure } from './failure.ts';
import type { LLMError, LLMErrorCode } from './schema.ts';

/** What a protocol read out of a failed answer, in neutral words. Strings are '' where there was nothing. */
export type FailedAnswer = {
  /** HTTP status, or the one an in-stream error names. */
  readonly status: number | null;
  /** The provider's code and type words, e.g. `insufficient_quota`. */
  readonly words: readonly string[];
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * One table for all protocols: status, code words and usual phrases to an `LLMError`. A rule that stands earlier wins,
 * so that a 429 for an empty purse is `quota` and a 400 for a long prompt is `overflow`.
 */
export function classifyAnswer(answer: FailedAnswer, now: number): LLMError {
  const code = rules.find(([, applies]) => applies(answer))?.[0] ?? 'invalid-request';
  const wait = retryAfter(answer, now);
  const requestID = answer.headers['x-request-id'] ?? answer.headers['request-id'];
  return {
    code,
    message: answer.message || statusWords(answer.status),
    ...(answer.status !== null && { status: answer.status }),
    ...(wait !== null && { retryAfterMs: wait }),
    retryable: retryableCodes.has(code) && answer.headers['x-should-retry'] !== 'false',
    ...(requestID !== undefined && { requestID }),
  };
}

/** Failures in which the provider said nothing; null for those in which it did. */
export function classifySilence(failure: WireFailure): LLMError | null {
  switch (failure.type) {
    case 'http':
    case 'in-stream':
      return null;
    case 'unreachable':
      return unreachable(failure);
    case 'cut':
      return { code: 'stream-cut', message: `The connection broke: ${failure.message}`, retryable: true };
    case 'malformed':
      return { code: 'protocol', message: failure.message, retryable: false };
    case 'unauthorized':
      return { code: 'auth', message: failure.message, retryable: false };
    case 'unsendable':
      return { code: 'invalid-request', message: failure.message, retryable: false };
  }
}

const retryableCodes: ReadonlySet<LLMErrorCode> = new Set([
  'rate-limit',
  'server',
  'timeout',
  'unreachable',
  'stream-cut',
]);

/** Wrong certificates do not mend themselves; everything else about a connection may. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS|ERR_SSL/;

function unreachable({
  code,
  message,
}: {
  readonly code: string | null;
  readonly message: string;
}): LLMError {
  const words = code === null || message.includes(code) ? message : `${message} (${code})`;
  const retryable = !certificate.test(code ?? '');
  return { code: 'unreachable', message: `The provider cannot be reached: ${words}`, retryable };
}

const overflowWords =
  /context[_ -]?(length|window|size)|maximum (context|prompt) length|prompt (is )?too long|input (is )?too long|too many (input |prompt )?tokens|input token count|exceeded model token limit|reduce the length of|reduce your message size|request_too_large|request entity too large/i;
const overflowContradicted = /tokens per (minute|day)|rate limit/i;
const quotaWords =
  /insufficient_quota|insufficient[ _](credits?|balance|funds)|billing|credit balance|exceeded your current quota|out of credits|payment required|usage limit/i;
const rateWords = /rate[_ -]?limit|too many requests|resource_exhausted|throttl/i;
const filterWords =
  /content[_ ](filter|policy)|content management policy|responsibleai|flagged|moderation|safety (system|policy)/i;
const authWords =
  /invalid_api_key|authentication|unauthorized|incorrect api key|invalid api key|permission_denied|permission_error/i;
const modelWords =
  /model_not_found|model.{0,120}(does not exist|not found|not supported|not available|is not a valid)|(unknown|no such|invalid) model|not a valid model|no endpoints found/is;
const serverWords =
  /server_error|internal_error|overloaded|unavailable|api_error|engine|upstream|bad gateway|internal server/i;
const requestWords = /invalid_request|bad_request|unsupported|validation/i;

const says = (answer: FailedAnswer, pattern: RegExp): boolean =>
  pattern.test(answer.message) || answer.words.some((word) => pattern.test(word));
const is = (answer: FailedAnswer, ...statuses: readonly number[]): boolean =>
  answer.status !== null && statuses.includes(answer.status);
const isServer = ({ status }: FailedAnswer): boolean => status !== null && status >= 500 && status !== 501;

const rules: readonly (readonly [LLMErrorCode, (answer: FailedAnswer) => boolean])[] = [
  ['overflow', (answer) => is(answer, 413)],
  [
    'overflow',
    (answer) =>
      !is(answer, 401, 402, 403, 404, 429) &&
      says(answer, overflowWords) &&
      !says(answer, overflowContradicted),
  ],
  ['quota', (answer) => is(answer, 402)],
  // "Exceeded your current quota, retry in 30 s" is a rate limit in the clothes of an empty purse.
  [
    'quota',
    (answer) => !isServer(answer) && says(answer, quotaWords) && waitInWords(answer.message) === null,
  ],
  ['rate-limit', (answer) => is(answer, 429)],
  ['content-filter', (answer) => !isServer(answer) && says(answer, filterWords)],
  [
    'model-not-found',
    (answer) => (is(answer, 400, 404, 422) || answer.status === null) && says(answer, modelWords),
  ],
  ['auth', (answer) => is(answer, 401, 403)],
  ['timeout', (answer) => is(answer, 408)],
  ['server', (answer) => isServer(answer) || is(answer, 409, 425)],
  ['auth', (answer) => answer.status !== 404 && says(answer, authWords)],
  ['invalid-request', (answer) => answer.status !== null],
  // From here on: an error inside a stream, which has no status of its own.
  ['rate-limit', (answer) => says(answer, rateWords)],
  ['server', (answer) => says(answer, serverWords)],
  ['invalid-request', (answer) => says(answer, requestWords)],
  ['server', () => true],
];

function statusWords(status: number | null): string {
  return status === null
    ? 'The provider reported an error without words.'
    : `The provider answered ${status} without words.`;
}

/** Milliseconds to wait: `retry-after-ms`, `retry-after` in seconds or as a date, or the provider's prose. */
function retryAfter(answer: FailedAnswer, now: number): number | null {
  const exact = duration(answer.headers['retry-after-ms'], 1);
  if (exact !== null) return exact;
  const header = answer.headers['retry-after'];
  const seconds = duration(header, 1000);
  if (seconds !== null) return seconds;
  const date = Date.parse(header ?? '');
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  return waitInWords(answer.message);
}

const digits = /^\s*\d+(\.\d+)?\s*$/;

function duration(value: string | undefined, unit: number): number | null {
  return value !== undefined && digits.test(value) ? Math.ceil(Number(value) * unit) : null;
}

const prose = /(?:try again|retry) in (?:(\d+)h)?\s*(?:(\d+)m(?!s))?\s*(?:(\d+(?:\.\d+)?)\s?(ms|s))?/i;

function waitInWords(message: string): number | null {
  const [, hours, minutes, amount, unit] = prose.exec(message) ?? [];
  if (hours === undefined && minutes === undefined && amount === undefined) return null;
  const rest = Number(amount ?? 0) * (unit?.toLowerCase() === 'ms' ? 1 : 1000);
  return Math.ceil(Number(hours ?? 0) * 3_600_000 + Number(minutes ?? 0) * 60_000 + rest);
}
