import { getEventListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { openaiChat } from '../protocol/openai-chat.ts';
import { openaiCompatible } from '../providers/openai-compatible.ts';
import type { Auth, LLMOptions, Route } from '../route.ts';
import { createLLM } from '../route.ts';
import type { LLMEvent, LLMRequest } from '../schema.ts';
import { openaiSDK } from './openai-sdk.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server };
}

const request: LLMRequest = {
  model: 'm',
  system: [],
  messages: [{ type: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  generation: {},
};
const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const whole = `${chunk('Hi')}${chunk('', 'stop')}data: [DONE]\n\n`;
const sse = { 'content-type': 'text/event-stream' };

async function all(stream: AsyncIterable<LLMEvent>): Promise<readonly LLMEvent[]> {
  const events: LLMEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function collect(route: Route, options?: LLMOptions): Promise<readonly LLMEvent[]> {
  return all(createLLM(route, options).stream(request, { signal: new AbortController().signal }));
}

const finish = { type: 'finish', reason: 'stop', raw: 'stop' };
const hi = [{ type: 'text.delta', text: 'Hi' }, finish];

afterEach(() => vi.unstubAllEnvs());

test('what goes over the wire is what the route says, and nothing from the environment', async () => {
  const environment = {
    OPENAI_API_KEY: 'sk-environment',
    OPENAI_ADMIN_KEY: 'sk-admin',
    OPENAI_BASE_URL: 'http://127.0.0.1:1/',
    OPENAI_ORG_ID: 'org-environment',
    OPENAI_PROJECT_ID: 'proj-environment',
    OPENAI_CUSTOM_HEADERS: 'x-secret: environment',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const seen = Promise.withResolvers<IncomingMessage>();
  const { url } = await serve((incoming, response) => {
    seen.resolve(incoming);
    response.writeHead(200, sse).end(whole);
  });
  const headers = { 'x-mine': 'yes' };
  const query = { 'api-version': '1' };
  expect(await collect(openaiCompatible({ baseURL: `${url}/`, apiKey: 'sk-route', headers, query }))).toEqual(
    hi,
  );
  const incoming = await seen.promise;
  expect(incoming.url).toBe('/v1/chat/completions?api-version=1');
  expect(incoming.headers).toMatchObject({ authorization: 'Bearer sk-route', 'x-mine': 'yes' });
  expect(JSON.stringify(incoming.rawHeaders)).not.toMatch(/environment|sk-admin|stainless/i);
});

test.each<[Auth, readonly [string, string | undefined]]>([
  [{ type: 'none' }, ['authorization', undefined]],
  [{ type: 'bearer', key: 'k-123456' }, ['authorization', 'Bearer k-123456']],
  [{ type: 'header', name: 'api-key', value: 'k-123456' }, ['api-key', 'k-123456']],
])('auth $type is sent as such', async (auth, [header, value]) => {
  const seen = Promise.withResolvers<IncomingMessage>();
  const { url } = await serve((incoming, response) => {
    seen.resolve(incoming);
    response.writeHead(200, sse).end(whole);
  });
  const protocol = openaiChat({ limitName: 'older' });
  await collect({ protocol, endpoint: { baseURL: url, headers: {} }, auth, framing: openaiSDK() });
  expect((await seen.promise).headers[header]).toBe(value);
});

test('a failure is not repeated by the SDK, and its body keeps its words', async () => {
  let count = 0;
  const { url } = await serve((_incoming, response) => {
    count += 1;
    response
      .writeHead(500, { 'content-type': 'text/plain', 'x-request-id': 'req_9' })
      .end('the disk is full');
  });
  expect(await collect(openaiCompatible({ baseURL: url }))).toEqual([
    {
      type: 'error',
      error: {
        code: 'server',
        message: 'the disk is full',
        status: 500,
        retryable: true,
        requestID: 'req_9',
      },
    },
  ]);
  expect(count).toBe(1);
});

test('a key never stands in an error, not even where the provider echoes it', async () => {
  const { url } = await serve((incoming, response) => {
    const body = {
      error: { message: `Bad ${incoming.headers.authorization} and ${incoming.headers['x-api-token']}` },
    };
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const headers = { 'x-api-token': 'tok-7654321' };
  const events = await collect(openaiCompatible({ baseURL: url, apiKey: 'sk-secret-1', headers }));
  expect(events).toMatchObject([
    { error: { code: 'auth', message: 'Bad Bearer [redacted] and [redacted]' } },
  ]);
});

test('a key that is no header value is an error without the key', async () => {
  const events = await collect(
    openaiCompatible({ baseURL: 'http://127.0.0.1:1/v1', apiKey: 'sk-secret\n-2' }),
  );
  expect(events).toMatchObject([{ error: { code: 'invalid-request', retryable: false } }]);
  expect(JSON.stringify(events)).not.toContain('secret');
});

test('a long error is bounded', async () => {
  const { url } = await serve((_incoming, response) => response.writeHead(400).end('x'.repeat(200_000)));
  const [event] = await collect(openaiCompatible({ baseURL: url }));
  expect(event?.type === 'error' && event.error.message.length).toBe(1000);
});

test('nobody listening, and an address that is none, are errors', async () => {
  const { url, server } = await serve(() => undefined);
  server.close();
  await once(server, 'close');
  expect(await collect(openaiCompatible({ baseURL: url }))).toMatchObject([
    { error: { code: 'unreachable', retryable: true, message: expect.stringContaining('ECONNREFUSED') } },
  ]);
  expect(await collect(openaiCompatible({ baseURL: 'not an address' }))).toMatchObject([
    { error: { code: 'invalid-request', retryable: false } },
  ]);
});

test('a redirect is not followed with the key in hand', async () => {
  const { url: thief } = await serve(() => expect.unreachable('the redirect was followed'));
  const { url } = await serve((_incoming, response) => response.writeHead(307, { location: thief }).end());
  expect(await collect(openaiCompatible({ baseURL: url, apiKey: 'sk-secret-3' }))).toMatchObject([
    { error: { code: 'invalid-request', message: expect.stringContaining(thief) } },
  ]);
});

test('a web page instead of a stream is a protocol error', async () => {
  const { url } = await serve((_incoming, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
  );
  expect(await collect(openaiCompatible({ baseURL: url }))).toMatchObject([
    { error: { code: 'protocol', message: expect.stringContaining('web page') } },
  ]);
});

test('an answer that was not streamed is read, indented or not', async () => {
  const body = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  };
  for (const indent of [0, 2]) {
    const { url } = await serve((_incoming, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body, null, indent)),
    );
    expect(await collect(openaiCompatible({ baseURL: url }))).toEqual(hi);
  }
});

test.each([
  ['an empty body', '', 'stream-cut'],
  ['only the end mark', 'data: [DONE]\n\n', 'stream-cut'],
  ['no JSON', 'data: {"choices"\n\n', 'protocol'],
  ['an error object', `${chunk('Hi')}data: {"error":{"message":"boom","code":"server_error"}}\n\n`, 'server'],
  ['an orderly end without finish or mark', chunk('Hi'), 'stream-cut'],
])('%s in a 200 answer ends in error', async (_name, body, code) => {
  const { url } = await serve((_incoming, response) => response.writeHead(200, sse).end(body));
  const events = await collect(openaiCompatible({ baseURL: url }));
  expect(events.at(-1)).toMatchObject({ type: 'error', error: { code } });
  expect(events.filter(({ type }) => type === 'error' || type === 'finish')).toHaveLength(1);
});

test('a connection that breaks in the middle is a cut stream, what came before it stays', async () => {
  const { url } = await serve((_incoming, response) => {
    response.writeHead(200, sse).write(chunk('Hi'), () => response.socket?.destroy());
  });
  expect(await collect(openaiCompatible({ baseURL: url }))).toMatchObject([
    { type: 'text.delta', text: 'Hi' },
    { error: { code: 'stream-cut', retryable: true } },
  ]);
});

test('the end mark alone ends an answer that has no finish reason', async () => {
  const { url } = await serve((_incoming, response) =>
    response.writeHead(200, sse).end(`${chunk('Hi')}data: [DONE]\n\n`),
  );
  expect(await collect(openaiCompatible({ baseURL: url }))).toEqual([
    { type: 'text.delta', text: 'Hi' },
    { type: 'finish', reason: 'stop', raw: null },
  ]);
});

test('the words [DONE] inside an answer are no end mark', async () => {
  const { url } = await serve((_incoming, response) =>
    response.writeHead(200, sse).end(`${chunk('x\ndata: [DONE]\n\n')}`),
  );
  expect((await collect(openaiCompatible({ baseURL: url }))).at(-1)).toMatchObject({
    error: { code: 'stream-cut' },
  });
});

test('a request that does not get through is sent once', async () => {
  let count = 0;
  const fetch = async (): Promise<Response> => {
    count += 1;
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
  };
  expect(await collect(openaiCompatible({ baseURL: 'http://x.invalid/v1', fetch }))).toMatchObject([
    { error: { code: 'unreachable', message: 'The provider cannot be reached: reset (ECONNRESET)' } },
  ]);
  expect(count).toBe(1);
});

test('a connection whose answer is complete is kept, although the reader stops at the end mark', async () => {
  const answered = Promise.withResolvers<ServerResponse>();
  const { url } = await serve((_incoming, response) => {
    response.writeHead(200, sse).write(whole);
    answered.resolve(response);
  });
  const llm = createLLM(openaiCompatible({ baseURL: url }));
  for await (const event of llm.stream(request, { signal: new AbortController().signal })) {
    if (event.type === 'finish') break;
  }
  const response = await answered.promise;
  const closed = once(response, 'close');
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  response.end();
  await closed;
  expect(response.writableFinished).toBe(true);
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
    const stream = createLLM(openaiCompatible({ baseURL: url })).stream(request, { signal: caller.signal });
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
  const reading = all(
    createLLM(openaiCompatible({ baseURL: url })).stream(request, { signal: caller.signal }),
  );
  await arrived.promise;
  caller.abort('gone');
  await expect(reading).rejects.toBe('gone');
});

test('a signal that is already aborted sends no request', async () => {
  const { url } = await serve(() => expect.unreachable('a request was sent'));
  const stream = createLLM(openaiCompatible({ baseURL: url })).stream(request, {
    signal: AbortSignal.abort('no'),
  });
  await expect(all(stream)).rejects.toBe('no');
});

test('leaving the loop closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  const { url } = await serve((_incoming, response) => {
    response.once('close', () => closed.resolve());
    response.writeHead(200, sse).write(chunk('Hi'));
  });
  const signal = new AbortController().signal;
  for await (const _event of createLLM(openaiCompatible({ baseURL: url })).stream(request, { signal })) break;
  await closed.promise;
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a server that falls silent ends in timeout, one that sends comments does not', async () => {
  const step = Promise.withResolvers<ServerResponse>();
  const { url } = await serve((_incoming, response) => {
    response.writeHead(200, sse).write(chunk('Hi'));
    step.resolve(response);
  });
  let now = 0;
  let look = (): void => undefined;
  const clock = {
    now: () => now,
    after: (_ms: number, callback: () => void) => {
      look = callback;
      return () => undefined;
    },
  };
  const bytes: (() => void)[] = [];
  const nextBytes = (): Promise<void> => new Promise((resolve) => bytes.push(resolve));
  const fetch = async (...call: Parameters<typeof globalThis.fetch>): Promise<Response> => {
    const response = await globalThis.fetch(...call);
    const seen = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        controller.enqueue(piece);
        bytes.shift()?.();
      },
    });
    return new Response(response.body?.pipeThrough(seen) ?? null, response);
  };
  const llm = createLLM(openaiCompatible({ baseURL: url, fetch }), { idleTimeoutMs: 60_000, clock });
  const stream = llm.stream(request, { signal: new AbortController().signal })[Symbol.asyncIterator]();
  expect((await stream.next()).value).toEqual({ type: 'text.delta', text: 'Hi' });
  const waiting = stream.next();
  const response = await step.promise;
  now += 50_000;
  const comment = nextBytes();
  response.write(': still here\n\n');
  await comment;
  await new Promise(setImmediate);
  now += 50_000;
  look();
  now += 61_000;
  look();
  expect((await waiting).value).toEqual({
    type: 'error',
    error: { code: 'timeout', message: 'The provider sent nothing for 60 seconds.', retryable: true },
  });
  expect((await stream.next()).done).toBe(true);
});

test('random bytes in random pieces end in one terminal event', async () => {
  const words = fc.constantFrom(
    'data: ',
    '{"choices":[]}',
    '\n',
    '\r',
    ':',
    '[DONE]',
    'event: error',
    chunk('x', 'stop'),
  );
  const body = fc.array(
    fc.oneof(
      words.map((word) => Buffer.from(word)),
      fc.uint8Array({ maxLength: 20 }),
    ),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(body, async (pieces) => {
      const fetch = async (): Promise<Response> =>
        new Response(ReadableStream.from(pieces), { headers: sse });
      const events = await collect(openaiCompatible({ baseURL: 'http://fuzz.invalid/v1', fetch }));
      expect(events.filter(({ type }) => type === 'finish' || type === 'error')).toEqual([events.at(-1)]);
    }),
    { numRuns: 300 },
  );
});
