import { classifyAnswer, classifySilence, type FailedAnswer } from '../../classify.ts';
import type { WireFailure } from '../../failure.ts';
import type { LLMError } from '../../schema.ts';
import { fieldsOf, parsedBody } from '../error-body.ts';

/** Reads Bedrock's errors: words in `message`, the kind in a header or, inside a stream, in `type`; see `Protocol.classify`. */
export function classifyConverse(failure: WireFailure, now: number): LLMError {
  if (failure.type === 'http') {
    const { status, headers, body } = failure;
    const error = errorOf(parsedBody(body), headers['x-amzn-errortype']);
    const plain = error.message === '' && !body.trimStart().startsWith('<') ? body.trim() : error.message;
    return judged({ ...error, message: plain, status, headers: { ...requestID(headers), ...headers } }, now);
  }
  if (failure.type === 'in-stream') {
    const error = errorOf(failure.payload);
    const status = statuses.get(error.words[0] ?? '') ?? null;
    return judged({ ...error, status, headers: requestID(failure.headers) }, now);
  }
  return classifySilence(failure) ?? unknownFailure;
}

const unknownFailure: LLMError = { code: 'server', message: 'The provider failed.', retryable: true };

/** "The model failed": which kind of failure that was, only its words say. */
const modelFailed = 424;

function judged(answer: FailedAnswer, now: number): LLMError {
  if (answer.status !== modelFailed) return classifyAnswer(answer, now);
  return { ...classifyAnswer({ ...answer, status: null }, now), status: modelFailed };
}

/**
 * What an error in a stream would have had as its status.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
 */
const statuses: ReadonlyMap<string, number> = new Map([
  ['validationexception', 400],
  ['accessdeniedexception', 403],
  ['resourcenotfoundexception', 404],
  ['modeltimeoutexception', 408],
  ['modelstreamerrorexception', modelFailed],
  ['modelerrorexception', modelFailed],
  ['throttlingexception', 429],
  ['modelnotreadyexception', 429],
  ['internalserverexception', 500],
  ['serviceunavailableexception', 503],
]);

/** The headers of a 200 speak of an answer that succeeds; only its id is of use. */
function requestID(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const id = headers['x-amzn-requestid'];
  return id === undefined ? {} : { 'request-id': id };
}

/** Kinds come as `ValidationException:http://…`, `com.amazon.coral.service#ExpiredTokenException`, `validationException`. */
function errorOf(document: unknown, header = ''): Pick<FailedAnswer, 'words' | 'message'> {
  const error = fieldsOf(document);
  const named = header || textOf(error['type']) || textOf(error['__type']);
  const kind = named.split(':')[0]?.split('#').at(-1)?.toLowerCase() ?? '';
  const words = textOf(error['message']) || textOf(error['Message']);
  const original = textOf(error['originalMessage']);
  const message = original === '' || words.includes(original) ? words : `${words} ${original}`.trim();
  const meaning = meanings.filter(([says]) => says.test(`${kind} ${message}`)).map(([, word]) => word);
  return { words: [kind, ...meaning].filter((word) => word !== ''), message };
}

/** What only Bedrock says in this way, and the word for it that everybody knows. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /model identifier is invalid|on-demand throughput isn.t supported|^resourcenotfoundexception/i,
    'model_not_found',
  ],
  [
    /exceeds? (the )?(context limit|maximum (length|number of tokens))|input tokens exceeded/i,
    'context_length',
  ],
  [/^servicequotaexceededexception/, 'insufficient_quota'],
];

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
