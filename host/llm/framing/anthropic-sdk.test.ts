import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { anthropic } from '../providers/anthropic.ts';
import { createLLM } from '../route.ts';
import { collect, smallRequest } from '../testing/recordings.ts';
import { useReplayServer } from '../testing/replay-server.ts';

const server = useReplayServer();
const sse = 'text/event-stream';

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
}

const begun = [
  event('message_start', { message: { usage: { input_tokens: 3, output_tokens: 0 } } }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hi' } }),
].join('');
const whole = [
  begun,
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
  event('message_stop', {}),
].join('');
const overloaded = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });

function answerWith(text: string, more: { readonly status?: number; readonly type?: string } = {}): void {
  server.answerWith({ status: 200, type: sse, pieces: [Buffer.from(text)], ...more });
}

const route = (apiKey = 'sk-ant-1') => anthropic({ baseURL: `${server.origin()}/v1`, apiKey });

afterEach(() => vi.unstubAllEnvs());

test('what goes over the wire is what the route says, and nothing from the environment (LM-06)', async () => {
  const environment = {
    ANTHROPIC_API_KEY: 'sk-environment',
    ANTHROPIC_AUTH_TOKEN: 'token-environment',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/',
    ANTHROPIC_CUSTOM_HEADERS: 'x-secret: environment',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  answerWith(whole);
  const events = await collect(route());
  expect(events.map(({ type }) => type)).toEqual(['text.delta', 'part.end', 'usage', 'finish']);
  const { message } = server.requests.at(-1) ?? {};
  expect(message?.url).toBe('/v1/messages');
  expect(message?.headers).toMatchObject({ 'x-api-key': 'sk-ant-1', 'anthropic-version': '2023-06-01' });
  expect(JSON.stringify(message?.rawHeaders)).not.toMatch(/environment|stainless|authorization/i);
});

test.each([
  { name: 'that the stream names', error: overloaded, message: 'Overloaded' },
  {
    name: 'whose name a proxy has dropped',
    error: overloaded.replace('event: error\n', ''),
    message: 'Overloaded',
  },
  { name: 'that is no JSON', error: 'event: error\ndata: out of memory\n\n', message: 'out of memory' },
])('an error $name ends a good answer (LM-11)', async ({ error, message }) => {
  answerWith(begun + error);
  const events = await collect(route());
  expect(events[0]).toEqual({ type: 'text.delta', text: 'Hi' });
  expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'server', message, retryable: true } });
});

test('a stream without names of events is read all the same', async () => {
  answerWith(whole.replace(/^event: .*\n/gm, ''));
  expect((await collect(route())).at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
});

test('an answer that was not streamed is read', async () => {
  const content = [{ type: 'text', text: 'Hi' }];
  const body = {
    type: 'message',
    content,
    stop_reason: 'end_turn',
    usage: { input_tokens: 3, output_tokens: 1 },
  };
  answerWith(JSON.stringify(body), { type: 'application/json' });
  expect(await collect(route())).toMatchObject([
    { text: 'Hi' },
    { type: 'part.end' },
    { type: 'usage' },
    { type: 'finish' },
  ]);
});

const failure = (type: string, message: string): string =>
  JSON.stringify({ type: 'error', error: { type, message } });

test.each([
  { status: 429, body: failure('rate_limit_error', 'Slow down'), code: 'rate-limit', message: 'Slow down' },
  {
    status: 401,
    body: failure('authentication_error', 'bad sk-ant-1'),
    code: 'auth',
    message: 'bad [redacted]',
  },
  { status: 529, body: failure('overloaded_error', 'Overloaded'), code: 'server', message: 'Overloaded' },
  { status: 502, body: 'bad gateway', code: 'server', message: 'bad gateway' },
])(
  'status $status keeps the words of the provider, without the key (LM-11)',
  async ({ body, status, ...error }) => {
    answerWith(body, { status, type: 'application/json' });
    expect(await collect(route())).toMatchObject([{ type: 'error', error: { ...error, status } }]);
  },
);

test.each([
  ['nothing', '', 'stream-cut'],
  ['half an answer', begun, 'stream-cut'],
  ['what is no JSON', 'event: message_start\ndata: {"type"\n\n', 'protocol'],
])('%s in a good answer ends in error', async (_name, body, code) => {
  answerWith(body);
  expect((await collect(route())).at(-1)).toMatchObject({ type: 'error', error: { code } });
});

test('an answer is complete at its last event, although the server keeps the connection open', async () => {
  const { url, answered } = await openServer();
  const llm = createLLM(anthropic({ baseURL: url }));
  const types: string[] = [];
  for await (const { type } of llm.stream(smallRequest, { signal: new AbortController().signal }))
    types.push(type);
  expect(types.at(-1)).toBe('finish');
  const response = await answered;
  const closed = once(response, 'close');
  response.end();
  await closed;
  expect(response.writableFinished).toBe(true);
});

test('an abort throws its reason and closes the connection', async () => {
  const { url, answered } = await openServer(begun);
  const caller = new AbortController();
  const reading = async (): Promise<void> => {
    const stream = createLLM(anthropic({ baseURL: url })).stream(smallRequest, { signal: caller.signal });
    for await (const _event of stream) caller.abort('the user pressed Stop');
  };
  await expect(reading()).rejects.toBe('the user pressed Stop');
  const response = await answered;
  if (!response.destroyed) await once(response, 'close');
});

/** A server that sends `body` and then nothing more. */
async function openServer(
  body = whole,
): Promise<{ readonly url: string; readonly answered: Promise<ServerResponse> }> {
  const answered = Promise.withResolvers<ServerResponse>();
  const listening = createServer((_message: IncomingMessage, response) => {
    response.writeHead(200, { 'content-type': sse }).write(body);
    answered.resolve(response);
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => {
    listening.close();
    listening.closeAllConnections();
  });
  const { port } = listening.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, answered: answered.promise };
}
