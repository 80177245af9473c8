import { classifyAnswer, classifySilence, type FailedAnswer } from '../../classify.ts';
import type { WireFailure } from '../../failure.ts';
import type { LLMError } from '../../schema.ts';
import { fieldsOf, parsedBody } from '../error-body.ts';

/** Reads Anthropic's error objects, `{ type: 'error', error: { type, message } }`; see `Protocol.classify`. */
export function classifyMessages(failure: WireFailure, now: number): LLMError {
  if (failure.type === 'http') {
    const { status, headers, body } = failure;
    const error = errorOf(parsedBody(body));
    const plain = error.message === '' && !body.trimStart().startsWith('<') ? body.trim() : error.message;
    return classifyAnswer({ ...error, message: plain, status, headers }, now);
  }
  if (failure.type === 'in-stream') {
    const error = errorOf(failure.payload);
    const status = statuses.get(error.words[0] ?? '') ?? null;
    return classifyAnswer({ ...error, status, headers: requestID(failure.headers) }, now);
  }
  return classifySilence(failure) ?? unknownFailure;
}

const unknownFailure: LLMError = { code: 'server', message: 'The provider failed.', retryable: true };

/**
 * What an error in a stream would have had as its status.
 * Source: https://platform.claude.com/docs/en/api/errors
 */
const statuses: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

/** The headers of a 200 speak of pacing for answers that succeed, not of this error. */
function requestID(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const id = headers['request-id'];
  return id === undefined ? {} : { 'request-id': id };
}

function errorOf(document: unknown): Pick<FailedAnswer, 'words' | 'message'> {
  const outer = fieldsOf(document);
  const inner = fieldsOf(outer['error'] ?? outer);
  const message = inner['message'];
  return {
    words: [inner['type']].filter((word) => typeof word === 'string'),
    message: typeof message === 'string' ? message : '',
  };
}
