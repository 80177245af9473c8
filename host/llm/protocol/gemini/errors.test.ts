import { expect, test } from 'vitest';
import type { LLMErrorCode } from '../../schema.ts';
import { classifyGemini } from './errors.ts';

const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' };
const badKey = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' };

function http(status: number, error: object | string, headers = {}) {
  const body = typeof error === 'string' ? error : JSON.stringify({ error: { code: status, ...error } });
  return classifyGemini({ type: 'http', status, headers, body }, 0);
}

test.each<readonly [number, object, LLMErrorCode]>([
  [400, { message: 'API key not valid.', status: 'INVALID_ARGUMENT', details: [badKey] }, 'auth'],
  [400, { message: 'Invalid JSON payload received.', status: 'INVALID_ARGUMENT' }, 'invalid-request'],
  [
    400,
    { message: 'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).' },
    'overflow',
  ],
  [403, { message: 'Permission denied on resource project x.', status: 'PERMISSION_DENIED' }, 'auth'],
  [404, { message: 'models/x is not found for API version v1beta.', status: 'NOT_FOUND' }, 'model-not-found'],
  [429, { message: 'Resource exhausted.', status: 'RESOURCE_EXHAUSTED' }, 'rate-limit'],
  [429, { message: 'You exceeded your current quota, check your billing.' }, 'quota'],
  [500, { message: 'An internal error has occurred.', status: 'INTERNAL' }, 'server'],
  [503, { message: 'The model is overloaded.', status: 'UNAVAILABLE' }, 'server'],
])('%i %j is %s (LM-11)', (status, error, code) => {
  const retryable = code === 'rate-limit' || code === 'server';
  expect(http(status, error)).toMatchObject({ code, retryable, status });
});

test('the wait that Google asks for is taken, and makes an exceeded quota one that passes (LM-11)', () => {
  const message = 'You exceeded your current quota, please check your plan and billing details.';
  expect(http(429, { message, status: 'RESOURCE_EXHAUSTED', details: [retry] })).toEqual({
    code: 'rate-limit',
    message: `${message} Retry in 34.07s.`,
    status: 429,
    retryAfterMs: 34_070,
    retryable: true,
  });
  const said = 'Please retry in 34s.';
  expect(http(429, { message: said, details: [retry] })).toMatchObject({
    message: said,
    retryAfterMs: 34_070,
  });
  expect(http(429, { message: said, details: [retry] }, { 'retry-after': '2' })).toMatchObject({
    retryAfterMs: 2000,
  });
});

test('an error in an array, and one that is no JSON, keep their words', () => {
  const error = { code: 503, message: 'Busy.', status: 'UNAVAILABLE' };
  expect(http(503, JSON.stringify([{ error }]))).toMatchObject({ code: 'server', message: 'Busy.' });
  expect(http(502, 'the gateway sleeps')).toMatchObject({ code: 'server', message: 'the gateway sleeps' });
  expect(http(502, '<html>no</html>').message).toBe('The provider answered 502 without words.');
});

test.each<readonly [object, LLMErrorCode, number | undefined]>([
  [{ error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } }, 'server', 503],
  [{ error: { message: 'Too much.', status: 'RESOURCE_EXHAUSTED' } }, 'rate-limit', 429],
  [{ error: { code: 13, message: 'Broken.', status: 'INTERNAL' } }, 'server', 500],
  [{ error: 'Broken.' }, 'server', undefined],
])('%j in a stream is %s', (payload, code, status) => {
  const error = classifyGemini({ type: 'in-stream', payload, headers: {} }, 0);
  expect(error).toMatchObject({ code, message: expect.stringMatching(/./) });
  expect(error.status).toBe(status);
});
