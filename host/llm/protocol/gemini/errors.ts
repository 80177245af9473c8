import { classifyAnswer, classifySilence, type FailedAnswer } from '../../classify.ts';
import type { WireFailure } from '../../failure.ts';
import type { LLMError } from '../../schema.ts';
import { fieldsOf, parsedBody } from '../error-body.ts';

/** Reads Google's error objects, `{ error: { code, message, status, details } }`; see `Protocol.classify`. */
export function classifyGemini(failure: WireFailure, now: number): LLMError {
  if (failure.type === 'http') {
    const { status, headers, body } = failure;
    const error = errorOf(parsedBody(body));
    const plain = error.message === '' && !body.trimStart().startsWith('<') ? body.trim() : error.message;
    return classifyAnswer(
      { ...error, message: plain, status, headers: { ...error.headers, ...headers } },
      now,
    );
  }
  if (failure.type === 'in-stream') return classifyAnswer(errorOf(failure.payload), now);
  return classifySilence(failure) ?? unknownFailure;
}

const unknownFailure: LLMError = { code: 'server', message: 'The provider failed.', retryable: true };

function errorOf(document: unknown): FailedAnswer {
  // A stream that was not asked for as events is an array, also when it holds nothing but an error.
  const outer = fieldsOf(Array.isArray(document) ? document.at(-1) : document);
  const error = fieldsOf(outer['error'] ?? outer);
  const { code, status } = error;
  const details = Array.isArray(error['details']) ? error['details'].map(fieldsOf) : [];
  const delay = textOf(
    fieldsOf(details.find((detail) => typeof detail['retryDelay'] === 'string'))['retryDelay'],
  );
  const reasons = details.map((detail) => textOf(detail['reason'])).filter((reason) => reason !== '');
  return {
    status: typeof code === 'number' && code >= 400 ? code : (statuses.get(textOf(status)) ?? null),
    words: [textOf(status), ...reasons.map((reason) => wordings.get(reason) ?? reason)].filter(
      (word) => word !== '',
    ),
    message: withDelay(textOf(outer['error']) || textOf(error['message']), delay),
    headers: delay === '' ? {} : { 'retry-after': delay.replace(unit, '') },
  };
}

const unit = /s$/;
const delayInWords = /retry in/i;

/** "Exceeded your current quota" for a minute is not what it is for a purse: the wait makes the difference. */
function withDelay(message: string, delay: string): string {
  return message === '' || delay === '' || delayInWords.test(message)
    ? message
    : `${message} Retry in ${delay}.`;
}

/** Said with a 400, which would read as a fault of the request. */
const wordings: ReadonlyMap<string, string> = new Map([['API_KEY_INVALID', 'invalid_api_key']]);

/**
 * What an error in a stream would have had as its status.
 * Source: https://cloud.google.com/apis/design/errors#handling_errors
 */
const statuses: ReadonlyMap<string, number> = new Map([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['ABORTED', 409],
  ['RESOURCE_EXHAUSTED', 429],
  ['INTERNAL', 500],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
]);

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
