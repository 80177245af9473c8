import { expect, test } from 'vitest';
import { describeCall } from './sent-call.ts';

const call = {
  endpoint: {
    baseURL: 'https://user:pass-word-1@models.test/v1/?token=in-address',
    headers: { 'x-team': 'blue', 'x-title': 'Millrace', 'x-api-key': 'header-secret' },
    query: { 'api-version': '2', 'access-token': 'query secret' },
  },
  auth: { type: 'bearer', key: 'sk-"quoted"' },
  path: '/chat',
  body: { messages: [{ role: 'user', content: 'my key is sk-"quoted", the team is blue' }] },
} as const;

test('what was sent is shown whole, but for every credential of the route (RT-15)', () => {
  const sent = describeCall(call);
  const text = JSON.stringify(sent);
  for (const secret of [
    'pass-word-1',
    'in-address',
    'header-secret',
    'query secret',
    'query%20secret',
    'sk-\\"quoted',
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(sent.url).toContain('?token=[redacted]&api-version=[redacted]&access-token=[redacted]');
  expect(sent.headers).toEqual({
    'x-team': '[redacted]',
    'x-title': 'Millrace',
    'x-api-key': '[redacted]',
    authorization: 'Bearer [redacted]',
  });
  expect(sent.body).toEqual({
    messages: [{ role: 'user', content: 'my key is [redacted], the team is blue' }],
  });
});

test('a key too short to be looked for in texts is still not shown in its header', () => {
  const sent = describeCall({ ...call, auth: { type: 'header', name: 'api-key', value: 'abc' } });
  expect(sent.headers['api-key']).toBe('[redacted]');
});

test('what is shown is what was sent, whatever becomes of the body later', () => {
  const body = { messages: ['a'] };
  const sent = describeCall({ ...call, body });
  body.messages.push('b');
  expect(sent.body).toEqual({ messages: ['a'] });
});

test('a key that also stands among numbers or escapes tears nothing', () => {
  const body = { max_tokens: 1_000_000, text: 'a\nplain' };
  const key = (value: string) => describeCall({ ...call, auth: { type: 'bearer', key: value }, body }).body;
  expect(key('000000')).toEqual(body);
  expect(key('nplain')).toEqual(body);
});
