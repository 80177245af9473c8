import { expect, test } from 'vitest';
import { classifyConverse } from './errors.ts';

const http = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  classifyConverse(
    { type: 'http', status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    0,
  );

test.each<[kind: string, message: string, expected: string]>([
  ['400 ValidationException', 'The provided model identifier is invalid.', 'model-not-found'],
  [
    '400 ValidationException',
    'Invocation of model ID x with on-demand throughput isn’t supported.',
    'model-not-found',
  ],
  ['404 ResourceNotFoundException', 'This version has reached the end of its life.', 'model-not-found'],
  ['400 ValidationException', 'Input is too long for requested model.', 'overflow'],
  [
    '400 ValidationException',
    'input length and `max_tokens` exceed context limit: 199 + 20 > 200',
    'overflow',
  ],
  ['400 ValidationException', 'Expected toolResult blocks at messages.2.content', 'invalid-request'],
  ['403 AccessDeniedException', "You don't have access to the model with that ID.", 'auth'],
  ['403 ExpiredTokenException', 'The security token included in the request is expired', 'auth'],
  ['400 ServiceQuotaExceededException', 'Too much was asked of this account.', 'quota'],
  ['408 ModelTimeoutException', 'Processing took too long.', 'timeout, retryable'],
  ['424 ModelErrorException', 'The model failed.', 'server, retryable'],
  ['424 ModelErrorException', 'prompt is too long: 9 tokens > 8 maximum', 'overflow'],
  ['429 ThrottlingException', 'Too many tokens, please wait before trying again.', 'rate-limit, retryable'],
  ['429 ModelNotReadyException', 'The model is not ready.', 'rate-limit, retryable'],
  ['500 InternalServerException', 'Internal.', 'server, retryable'],
  ['503 ServiceUnavailableException', 'Bedrock is unable to process it.', 'server, retryable'],
])('%s "%s" is %s (LM-11)', (named, message, expected) => {
  const [status = '', kind] = named.split(' ');
  const headers = { 'x-amzn-errortype': `${kind}:http://internal.amazon.com/`, 'x-amzn-requestid': 'r1' };
  const [code, retryable] = expected.split(', ');
  expect(http(Number(status), { message }, headers)).toEqual({
    code,
    message,
    status: Number(status),
    retryable: retryable !== undefined,
    requestID: 'r1',
  });
});

test('the kind of an error may stand in its body, its words under another name, and Retry-After is honoured (LM-11)', () => {
  const body = { __type: 'com.amazon.coral.service#ServiceQuotaExceededException', Message: 'Too much.' };
  expect(http(400, body)).toMatchObject({ code: 'quota', message: 'Too much.' });
  expect(http(503, 'the proxy is down', { 'retry-after': '7' })).toMatchObject({
    code: 'server',
    message: 'the proxy is down',
    retryAfterMs: 7000,
  });
  expect(http(502, '<html>Bad gateway</html>')).toMatchObject({
    message: 'The provider answered 502 without words.',
  });
});

test.each([
  ['internalServerException', {}, { code: 'server', status: 500, retryable: true }],
  ['modelStreamErrorException', {}, { code: 'server', status: 424, retryable: true }],
  [
    'modelStreamErrorException',
    { originalMessage: 'prompt is too long: 9 tokens > 8 maximum' },
    { code: 'overflow', retryable: false },
  ],
  ['validationException', {}, { code: 'invalid-request', status: 400, retryable: false }],
  ['throttlingException', {}, { code: 'rate-limit', status: 429, retryable: true }],
  ['serviceUnavailableException', {}, { code: 'server', status: 503, retryable: true }],
  ['somethingOfTomorrow', {}, { code: 'server', retryable: true }],
])('%s inside a stream with %j is %j (LM-11)', (type, fields, error) => {
  const headers = { 'retry-after': '9', 'x-amzn-requestid': 'r1' };
  const payload = { type, message: 'It did not go well.', ...fields };
  const judged = classifyConverse({ type: 'in-stream', payload, headers }, 0);
  expect(judged).toMatchObject({ ...error, requestID: 'r1' });
  expect(judged.message).toContain('It did not go well.');
  expect(judged.retryAfterMs).toBeUndefined();
});
