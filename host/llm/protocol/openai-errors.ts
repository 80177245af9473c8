import { classifyAnswer, classifySilence, type FailedAnswer } from '../classify.ts';
import type { WireFailure } from '../failure.ts';
import type { LLMError } from '../schema.ts';
import { fieldsOf, parsedBody } from './error-body.ts';

/** Reads the error objects of the OpenAI family; see `Protocol.classify`. */
export function classifyOpenAI(failure: WireFailure, now: number): LLMError {
  if (failure.type === 'http') return classifyAnswer(refusal(failure), now);
  if (failure.type === 'in-stream') return classifyAnswer(inStream(failure.payload, failure.headers), now);
  return classifySilence(failure) ?? unknownFailure;
}

const unknownFailure: LLMError = { code: 'server', message: 'The provider failed.', retryable: true };

type Refusal = Extract<WireFailure, { readonly type: 'http' }>;

function refusal({ status, headers, body }: Refusal): FailedAnswer {
  const document = parsedBody(body);
  const error = errorObject(document);
  const plainBody = document === undefined && !body.trimStart().startsWith('<') ? body.trim() : '';
  return {
    status,
    headers,
    words: codeWords(error),
    message: message(error) || plainBody || moved(status, headers),
  };
}

/** An error object in a stream has no status; OpenRouter writes one into its `code`. */
function inStream(payload: unknown, headers: Readonly<Record<string, string>>): FailedAnswer {
  const error = errorObject({ error: payload });
  const code = Number(error['code'] ?? error['status']);
  const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : null;
  return { status, headers: pacing(headers), words: codeWords(error), message: message(error) };
}

/** The headers of a 200 speak of pacing for answers that succeed, not of this error. */
function pacing(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const requestID = headers['x-request-id'];
  return requestID === undefined ? {} : { 'x-request-id': requestID };
}

/** `{error: {…}}`, `{error: "…"}`, `[{error: …}]` (Google), `{message: …}`, `{detail: …}`, `{object: 'error', …}`. */
function errorObject(document: unknown): Readonly<Record<string, unknown>> {
  const outer = fieldsOf(Array.isArray(document) ? document[0] : document);
  const inner = outer['error'] ?? outer['errors'] ?? outer['detail'];
  if (typeof inner === 'string') return { ...outer, message: inner };
  if (Array.isArray(inner)) return { ...outer, ...fieldsOf(inner[0]) };
  return inner === undefined || inner === null ? outer : fieldsOf(inner);
}

function message(error: Readonly<Record<string, unknown>>): string {
  const own = firstText(error['message'], error['msg'], error['detail']);
  // OpenRouter says "Provider returned error" and keeps the provider's own words beside it.
  const upstream = firstText(fieldsOf(error['metadata'])['raw']);
  return upstream === '' || own.includes(upstream) ? own : `${own}: ${upstream}`;
}

function firstText(...values: readonly unknown[]): string {
  const value = values.find((each) => each !== undefined && each !== null && each !== '');
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function codeWords(error: Readonly<Record<string, unknown>>): readonly string[] {
  const flagged = fieldsOf(error['metadata'])['flagged_input'] === undefined ? [] : ['flagged'];
  const words = [error['code'], error['type'], error['status']].filter((word) => typeof word === 'string');
  return [...words, ...flagged];
}

function moved(status: number, headers: Readonly<Record<string, string>>): string {
  const place = headers['location'];
  if (status >= 400 || place === undefined) return '';
  return `The address moved to ${place}. Set the provider's base URL to it.`;
}
