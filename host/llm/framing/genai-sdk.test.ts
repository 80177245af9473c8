import { getEventListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { google } from '../providers/google.ts';
import type { LLMOptions, Route } from '../route.ts';
import { createLLM } from '../route.ts';
import type { LLMEvent, LLMRequest } from '../schema.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1beta`, server };
}

const request: LLMRequest = {
  model: 'gemini-3-pro',
  system: [],
  messages: [{ type: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  generation: {},
};
const answer = (words: string, finishReason?: string): object => ({
  candidates: [
    { content: { parts: [{ text: words }], role: 'model' }, ...(finishReason && { finishReason }) },
  ],
});
const chunk = (words: string, finishReason?: string): string =>
  `data: ${JSON.stringify(answer(words, finishReason))}\n\n`;
const whole = chunk('Hi', 'STOP');
const sse = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json; charset=UTF-8' };
const hi = [
  { type: 'text.delta', text: 'Hi' },
  { type: 'part.end' },
  { type: 'finish', reason: 'stop', raw: 'STOP' },
];

async function all(stream: AsyncIterable<LLMEvent>): Promise<readonly LLMEvent[]> {
  const events: LLMEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function collect(route: Route, options?: LLMOptions): Promise<readonly LLMEvent[]> {
  return all(createLLM(route, options).stream(request, { signal: new AbortController().signal }));
}

/** What a server that says `body` is understood to say, whatever it calls it. */
function readFrom(
  body: string,
  headers: Readonly<Record<string, string>> = sse,
): Promise<readonly LLMEvent[]> {
  return collect(
    google({ baseURL: 'http://said.invalid', fetch: async () => new Response(body, { headers }) }),
  );
}

/** The names that are read from the environment until the test ends. */
function watchEnvironment(): ReadonlySet<string> {
  const environment = process.env;
  const names = new Set<string>();
  process.env = new Proxy(environment, {
    get(target, name, receiver) {
      names.add(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
  onTestFinished(() => {
    process.env = environment;
  });
  return names;
}

test('what goes over the wire is what the route says; the environment is not even asked, and nothing is warned of', async () => {
  const environment = {
    GOOGLE_API_KEY: 'k-environment',
    GEMINI_API_KEY: 'k-environment-2',
    GOOGLE_GENAI_USE_VERTEXAI: 'true',
    GOOGLE_GENAI_API_VERSION: 'v9environment',
    GOOGLE_CLOUD_PROJECT: 'environment',
    GOOGLE_CLOUD_LOCATION: 'environment',
    GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1/environment',
    GOOGLE_VERTEX_BASE_URL: 'http://127.0.0.1:1/environment',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const warnings = (['warn', 'debug', 'log'] as const).map((level) => vi.spyOn(console, level));
  onTestFinished(() => warnings.forEach((spy) => void spy.mockRestore()));
  const read = watchEnvironment();
  const seen = Promise.withResolvers<readonly [IncomingMessage, string]>();
  const { url } = await serve((incoming, response) => {
    void text(incoming).then((body) => {
      seen.resolve([incoming, body]);
      response.writeHead(200, sse).end(whole);
    });
  });
  const headers = { 'x-mine': 'yes' };
  const query = { trace: '1' };
  expect(await collect(google({ baseURL: `${url}/`, apiKey: 'k-route', headers, query }))).toEqual(hi);
  const [incoming, body] = await seen.promise;
  expect(incoming.method).toBe('POST');
  expect(incoming.url).toBe('/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse&trace=1');
  expect(incoming.headers).toMatchObject({ 'x-goog-api-key': 'k-route', 'x-mine': 'yes' });
  expect(JSON.stringify(incoming.rawHeaders)).not.toMatch(/environment|x-goog-api-client|genai/i);
  expect(JSON.parse(body)).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] });
  expect([...read].filter((name) => /GOOGLE|GEMINI|VERTEX/.test(name))).toEqual([]);
  for (const spy of warnings) expect(spy).not.toHaveBeenCalled();
});

test('a failure is not repeated by the SDK, and its body keeps its words', async () => {
  let count = 0;
  const { url } = await serve((_incoming, response) => {
    count += 1;
    const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' };
    response.writeHead(503, json).end(JSON.stringify({ error }));
  });
  expect(await collect(google({ baseURL: url }))).toEqual([
    {
      type: 'error',
      error: { code: 'server', message: 'The model is overloaded.', status: 503, retryable: true },
    },
  ]);
  expect(count).toBe(1);
});

test('a key never stands in an error, not even where the provider echoes it', async () => {
  const { url } = await serve((incoming, response) => {
    const message = `Bad ${incoming.headers['x-goog-api-key']}`;
    response.writeHead(401, json).end(JSON.stringify({ error: { code: 401, message } }));
  });
  expect(await collect(google({ baseURL: url, apiKey: 'k-secret-1' }))).toMatchObject([
    { error: { code: 'auth', message: 'Bad [redacted]' } },
  ]);
});

test('nobody listening, and an address that is none, are errors', async () => {
  const { url, server } = await serve(() => undefined);
  server.close();
  await once(server, 'close');
  expect(await collect(google({ baseURL: url }))).toMatchObject([
    { error: { code: 'unreachable', retryable: true, message: expect.stringContaining('ECONNREFUSED') } },
  ]);
  expect(await collect(google({ baseURL: 'not an address' }))).toMatchObject([
    { error: { code: 'invalid-request', retryable: false } },
  ]);
});

test('a redirect is not followed with the key in hand', async () => {
  const { url: thief } = await serve(() => expect.unreachable('the redirect was followed'));
  const { url } = await serve((_incoming, response) => response.writeHead(307, { location: thief }).end());
  expect((await collect(google({ baseURL: url, apiKey: 'k-secret-3' }))).at(-1)).toMatchObject({
    type: 'error',
  });
});

test('a web page instead of a stream is a protocol error', async () => {
  expect(await readFrom('<html>Sign in</html>', { 'content-type': 'text/html' })).toMatchObject([
    { error: { code: 'protocol', message: expect.stringContaining('web page') } },
  ]);
});

const indented = JSON.stringify(answer('Hi', 'STOP'), null, 2);

test.each([
  ['one document', indented, json],
  ['an array of its chunks', `\ufeff\n[${indented}\n]`, json],
  ['a document that is called a stream', indented, sse],
  ['a stream that is called nothing', whole, {}],
  ['events of several lines', `${indented.replaceAll(/^/gm, 'data: ')}\n\n`, sse],
  ['events with an empty line inside', `data: {\ndata:\ndata:\n${whole.replace('{', '').trim()}\n\n`, sse],
  ['events behind comments, ids, names', `:hello\nid: 1\nevent: m\nretry: 5\n${whole}: bye\n\n`, sse],
  ['carriage returns alone', whole.replaceAll('\n', '\r'), sse],
  ['a last event without an empty line', `: hello\n${whole.trim()}`, sse],
  ['a last event without an empty line, after another', `${chunk('')}\nid: 3\n${whole.trim()}\n`, sse],
  ['an event without data', `\n\n: hello\n\nevent: ping\n\ndata:\n\n${whole}`, sse],
])('%s is read like any stream', async (_name, body, headers) => {
  expect(await readFrom(body, headers)).toEqual(hi);
});

test.each([
  ['an empty body', '', 'stream-cut'],
  ['no JSON', 'data: {"candidates"\n\n', 'protocol'],
  ['an orderly end without a finish reason', chunk('Hi'), 'stream-cut'],
  ['a last event that is cut in two', `${chunk('Hi')}${whole.slice(0, 20)}`, 'stream-cut'],
  ['a document that is cut in two', indented.slice(0, 40), 'stream-cut'],
])('%s in a 200 answer ends in error', async (_name, body, code) => {
  const events = await readFrom(body);
  expect(events.at(-1)).toMatchObject({ type: 'error', error: { code } });
  expect(events.filter(({ type }) => type === 'error' || type === 'finish')).toHaveLength(1);
});

const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' }];
const busy = { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED', details } };
const wordless = { error: { message: 'Slow down.', status: 'RESOURCE_EXHAUSTED', details } };

test.each([
  ['with a code, at which the SDK throws', `${chunk('Hi')}data: ${JSON.stringify(busy)}\n\n${whole}`],
  ['without a code, which the SDK passes on', `${chunk('Hi')}data: ${JSON.stringify(wordless)}\n\n${whole}`],
  ['in an array', JSON.stringify([answer('Hi'), busy])],
])('an error in a 200 answer, %s, keeps all that it says (LM-11)', async (_name, body) => {
  expect(await readFrom(body)).toEqual([
    { type: 'text.delta', text: 'Hi' },
    {
      type: 'error',
      error: {
        code: 'rate-limit',
        message: 'Slow down. Retry in 3s.',
        status: 429,
        retryAfterMs: 3000,
        retryable: true,
      },
    },
  ]);
});

test('words that look like an error are none', async () => {
  const words = '{"error": {"code": 500}}\n\ndata: {"error": {}}';
  const events = await readFrom(chunk(words, 'STOP'));
  expect(events).toEqual([{ type: 'text.delta', text: words }, ...hi.slice(1)]);
});

test('a connection that breaks in the middle is a cut stream, what came before it stays', async () => {
  const { url } = await serve((_incoming, response) => {
    response.writeHead(200, sse).write(chunk('Hi'), () => response.socket?.destroy());
  });
  expect(await collect(google({ baseURL: url }))).toMatchObject([
    { type: 'text.delta', text: 'Hi' },
    { error: { code: 'stream-cut', retryable: true } },
  ]);
});

test('a request that does not get through is sent once', async () => {
  let count = 0;
  const fetch = async (): Promise<Response> => {
    count += 1;
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
  };
  expect(await collect(google({ baseURL: 'http://x.invalid/v1', fetch }))).toMatchObject([
    { error: { code: 'unreachable', message: 'The provider cannot be reached: reset (ECONNRESET)' } },
  ]);
  expect(count).toBe(1);
});

test('an abort throws its reason and nothing else, closes the connection, leaves no listener', async () => {
  const closed = Promise.withResolvers<void>();
  const { url } = await serve((_incoming, response) => {
    response.once('close', () => closed.resolve());
    response.writeHead(200, sse).write(chunk('Hi'));
  });
  const caller = new AbortController();
  const reason = new Error('the user pressed Stop');
  const events: LLMEvent[] = [];
  const reading = async (): Promise<void> => {
    const stream = createLLM(google({ baseURL: url })).stream(request, { signal: caller.signal });
    for await (const event of stream) {
      events.push(event);
      caller.abort(reason);
    }
  };
  await expect(reading()).rejects.toBe(reason);
  expect(events).toEqual([{ type: 'text.delta', text: 'Hi' }]);
  await closed.promise;
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
});

test('an abort before the first byte throws its reason', async () => {
  const arrived = Promise.withResolvers<void>();
  const { url } = await serve(() => arrived.resolve());
  const caller = new AbortController();
  const reading = all(createLLM(google({ baseURL: url })).stream(request, { signal: caller.signal }));
  await arrived.promise;
  caller.abort('gone');
  await expect(reading).rejects.toBe('gone');
});

test('leaving the loop closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  const { url } = await serve((_incoming, response) => {
    response.once('close', () => closed.resolve());
    response.writeHead(200, sse).write(chunk('Hi'));
  });
  const signal = new AbortController().signal;
  for await (const _event of createLLM(google({ baseURL: url })).stream(request, { signal })) break;
  await closed.promise;
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('comments are signs of life', async () => {
  let now = 0;
  let look = (): void => undefined;
  const clock = {
    now: () => now,
    after: (_ms: number, callback: () => void) => {
      look = callback;
      return () => undefined;
    },
  };
  const steps = [': here\n\n', ': still here\n\n', ': and here\n\n', chunk('Hi')];
  async function* slowly(): AsyncGenerator<Uint8Array> {
    for (const step of steps) {
      now += 50_000;
      yield Buffer.from(step);
      look();
    }
    await new Promise(() => undefined);
  }
  const fetch = async (): Promise<Response> => new Response(ReadableStream.from(slowly()), { headers: sse });
  const llm = createLLM(google({ baseURL: 'http://slow.invalid', fetch }), { idleTimeoutMs: 60_000, clock });
  const stream = llm.stream(request, { signal: new AbortController().signal })[Symbol.asyncIterator]();
  expect((await stream.next()).value).toEqual({ type: 'text.delta', text: 'Hi' });
  const waiting = stream.next();
  now += 61_000;
  look();
  expect((await waiting).value).toMatchObject({ type: 'error', error: { code: 'timeout' } });
});

test('whatever a server sends, the stream ends in exactly one terminal event and never throws', async () => {
  const words = [
    whole,
    chunk('Hi'),
    'data: ',
    '{',
    '[',
    '"',
    '\n',
    '\r\n',
    '\n\n',
    ': c\n',
    '{"error":{"code":500}}',
  ];
  const body = fc.array(
    fc.oneof(
      fc.constantFrom(...words).map((word) => Buffer.from(word)),
      fc.uint8Array({ maxLength: 20 }),
    ),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(body, async (pieces) => {
      const fetch = async (): Promise<Response> =>
        new Response(ReadableStream.from(pieces), { headers: sse });
      const events = await collect(google({ baseURL: 'http://fuzz.invalid/v1', fetch }));
      expect(events.filter(({ type }) => type === 'finish' || type === 'error')).toEqual([events.at(-1)]);
    }),
    { numRuns: 300 },
  );
});
