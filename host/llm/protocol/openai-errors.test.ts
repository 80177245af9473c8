import { expect, test } from 'vitest';
import type { WireFailure } from '../failure.ts';
import type { LLMError } from '../schema.ts';
import { classifyOpenAI } from './openai-errors.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const http = (status: number, body: unknown, headers: Record<string, string> = {}): WireFailure => ({
  type: 'http',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const error = (message: string, code: unknown = null, type: string | null = null): object => ({
  error: { message, code, type },
});

test.each<[string, WireFailure, Partial<LLMError>]>([
  [
    '401',
    http(401, error('Incorrect API key', 'invalid_api_key')),
    { code: 'auth', retryable: false, status: 401 },
  ],
  ['403', http(403, error('Country not supported')), { code: 'auth' }],
  [
    '403 moderation',
    http(403, { error: { code: 403, message: 'Input was flagged', metadata: { flagged_input: 'x' } } }),
    { code: 'content-filter' },
  ],
  ['402', http(402, error('Insufficient credits')), { code: 'quota', retryable: false }],
  ['429', http(429, error('Slow down')), { code: 'rate-limit', retryable: true }],
  [
    '429 for an empty purse',
    http(
      429,
      error(
        'You exceeded your current quota, please check your plan and billing details.',
        'insufficient_quota',
      ),
    ),
    { code: 'quota', retryable: false },
  ],
  [
    '429 of a free tier',
    http(429, [
      error(
        'You exceeded your current quota, please check your plan and billing details. Please retry in 34.2s.',
      ),
    ]),
    { code: 'rate-limit', retryAfterMs: 34_200 },
  ],
  [
    '429 that speaks of tokens',
    http(429, error('Rate limit reached on tokens per minute (TPM): Limit 6000. Please try again in 1m2.5s')),
    { code: 'rate-limit', retryAfterMs: 62_500 },
  ],
  [
    '404 model',
    http(404, error('The model `x` does not exist', 'model_not_found')),
    { code: 'model-not-found' },
  ],
  ['404 of Ollama', http(404, error("model 'x' not found")), { code: 'model-not-found' }],
  ['404 page', http(404, '404 page not found'), { code: 'invalid-request', message: '404 page not found' }],
  ['400 unknown model', http(400, error('x is not a valid model ID', 400)), { code: 'model-not-found' }],
  [
    '400',
    http(400, error('Invalid value', null, 'invalid_request_error')),
    { code: 'invalid-request', retryable: false },
  ],
  [
    '422',
    http(422, { detail: [{ msg: 'field required' }] }),
    { code: 'invalid-request', message: 'field required' },
  ],
  [
    '400 filter',
    http(400, error('Your prompt triggered the content management policy', 'content_filter')),
    { code: 'content-filter' },
  ],
  ['400 overflow by code', http(400, error('Too much', 'context_length_exceeded')), { code: 'overflow' }],
  [
    'overflow of OpenAI',
    http(400, error("This model's maximum context length is 8192 tokens. However, you requested 9000")),
    { code: 'overflow', retryable: false },
  ],
  [
    'overflow of llama.cpp',
    http(
      400,
      error(
        'the request exceeds the available context size. try increasing the context size',
        400,
        'exceed_context_size_error',
      ),
    ),
    { code: 'overflow' },
  ],
  [
    'overflow of xAI',
    http(400, {
      code: 'Client specified an invalid argument',
      error: "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
    }),
    { code: 'overflow' },
  ],
  [
    'overflow of Anthropic',
    http(400, error('prompt is too long: 210000 tokens > 200000 maximum')),
    { code: 'overflow' },
  ],
  [
    'overflow of Gemini',
    http(400, [
      error('The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'),
    ]),
    { code: 'overflow' },
  ],
  [
    'overflow of Kimi',
    http(400, error('Your request exceeded model token limit: 131072')),
    { code: 'overflow' },
  ],
  [
    '413',
    http(413, '<html>413 Request Entity Too Large</html>'),
    { code: 'overflow', message: 'The provider answered 413 without words.' },
  ],
  [
    '413 of Groq',
    http(413, error('Request too large for model on tokens per minute (TPM)', 'rate_limit_exceeded')),
    { code: 'overflow' },
  ],
  ['408', http(408, ''), { code: 'timeout', retryable: true }],
  ['409', http(409, error('Conflict')), { code: 'server', retryable: true }],
  ['500', http(500, error('Oops')), { code: 'server', retryable: true, message: 'Oops' }],
  ['529', http(529, error('Overloaded', null, 'overloaded_error')), { code: 'server' }],
  [
    '502 page',
    http(502, '<html>bad</html>'),
    { code: 'server', message: 'The provider answered 502 without words.' },
  ],
  [
    'redirect',
    http(307, '', { location: 'https://b.example/v1' }),
    {
      code: 'invalid-request',
      message: "The address moved to https://b.example/v1. Set the provider's base URL to it.",
    },
  ],
  [
    'the server saying do not retry',
    http(500, error('Oops'), { 'x-should-retry': 'false' }),
    { retryable: false },
  ],
  ['a request id', http(500, error('Oops'), { 'x-request-id': 'req_1' }), { requestID: 'req_1' }],
  [
    'OpenRouter with the words of another',
    http(429, {
      error: { code: 429, message: 'Provider returned error', metadata: { raw: 'busy upstream' } },
    }),
    { message: 'Provider returned error: busy upstream' },
  ],
  ['an error as text', http(400, { error: 'no tools here' }), { message: 'no tools here' }],
  ['a bare message', http(400, { object: 'error', message: 'bad', code: 400 }), { message: 'bad' }],
  [
    'in the stream, numbered',
    { type: 'in-stream', payload: { code: 429, message: 'slow' }, headers: {} },
    { code: 'rate-limit', status: 429 },
  ],
  [
    'in the stream, named',
    { type: 'in-stream', payload: { type: 'rate_limit_exceeded', message: 'slow' }, headers: {} },
    { code: 'rate-limit' },
  ],
  [
    'in the stream, server',
    { type: 'in-stream', payload: { code: 'server_error', message: 'x' }, headers: {} },
    { code: 'server', retryable: true },
  ],
  [
    'in the stream, key',
    { type: 'in-stream', payload: { code: 'invalid_api_key', message: 'x' }, headers: {} },
    { code: 'auth' },
  ],
  [
    'in the stream, overflow',
    { type: 'in-stream', payload: { code: 'context_length_exceeded', message: 'x' }, headers: {} },
    { code: 'overflow' },
  ],
  [
    'in the stream, text',
    { type: 'in-stream', payload: 'boom', headers: { 'retry-after': '9' } },
    { code: 'server', message: 'boom' },
  ],
  [
    'a refused connection',
    { type: 'unreachable', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
    { code: 'unreachable', retryable: true },
  ],
  [
    'a wrong certificate',
    { type: 'unreachable', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' },
    { code: 'unreachable', retryable: false },
  ],
  ['a cut', { type: 'cut', message: 'other side closed' }, { code: 'stream-cut', retryable: true }],
  ['nonsense', { type: 'malformed', message: 'not JSON' }, { code: 'protocol', retryable: false }],
  ['an address that is none', { type: 'unsendable', message: 'Invalid URL' }, { code: 'invalid-request' }],
])('%s is classified (LM-11)', (_name, failure, expected) => {
  expect(classifyOpenAI(failure, now)).toMatchObject(expected);
});

test.each<[string, Record<string, string>, number | undefined]>([
  ['seconds', { 'retry-after': '7' }, 7000],
  ['parts of seconds', { 'retry-after': '0.25' }, 250],
  ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
  ['a date that is past', { 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT' }, 0],
  ['milliseconds', { 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
  ['nothing', {}, undefined],
])('Retry-After of %s is honoured (LM-11)', (_name, headers, expected) => {
  expect(classifyOpenAI(http(429, error('slow'), headers), now).retryAfterMs).toBe(expected);
});
