import { createHash, createHmac } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStreamCodec } from '@smithy/core/event-streams';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type BedrockSettings, bedrock } from '../providers/bedrock.ts';
import type { LLMOptions } from '../route.ts';
import { createLLM } from '../route.ts';
import type { LLMEvent, LLMRequest } from '../schema.ts';
import { bedrockSDK } from './bedrock-sdk.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const model = 'us.amazon.nova-micro-v1:0';
const request: LLMRequest = {
  model,
  system: [],
  messages: [{ type: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  generation: {},
};

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);

function frame(headers: Readonly<Record<string, string>>, body: string): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }] as const);
  return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(body) }));
}
const event = (type: string, fields: object): Buffer =>
  frame({ ':message-type': 'event', ':event-type': type }, JSON.stringify(fields));
const exception = (type: string, body: string): Buffer =>
  frame({ ':message-type': 'exception', ':exception-type': type }, body);

const said = event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hi' } });
const whole = Buffer.concat([
  event('messageStart', { role: 'assistant' }),
  said,
  event('contentBlockStop', { contentBlockIndex: 0 }),
  event('messageStop', { stopReason: 'end_turn' }),
]);
const frames = { 'content-type': 'application/vnd.amazon.eventstream' };

async function all(stream: AsyncIterable<LLMEvent>): Promise<readonly LLMEvent[]> {
  const events: LLMEvent[] = [];
  for await (const each of stream) events.push(each);
  return events;
}

const keys = { accessKeyID: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const at = (baseURL: string, settings: Partial<BedrockSettings> = keys) =>
  bedrock({ region: 'eu-central-1', baseURL, ...settings });

function collect(
  url: string,
  settings?: Partial<BedrockSettings>,
  options?: LLMOptions,
): Promise<readonly LLMEvent[]> {
  const llm = createLLM(at(url, settings), options);
  return all(llm.stream(request, { signal: new AbortController().signal }));
}

const finish = { type: 'finish', reason: 'stop', raw: 'end_turn' };
const hi = [{ type: 'text.delta', text: 'Hi' }, { type: 'part.end' }, finish];

/** AWS' tools find nothing on this machine, and ask no other for it. */
let aws = '';
beforeEach(() => {
  aws = mkdtempSync(join(tmpdir(), 'aws-'));
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_')))
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(aws, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(aws, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(aws, { recursive: true });
});

type Seen = { readonly message: IncomingMessage; readonly body: string };

/** A server that answers well, and what it was asked. */
async function listen(): Promise<{ readonly url: string; readonly seen: Promise<Seen> }> {
  const seen = Promise.withResolvers<Seen>();
  const { url } = await serve((message, response) => {
    let body = '';
    message.on('data', (bytes) => {
      body += bytes;
    });
    message.once('end', () => {
      seen.resolve({ message, body });
      response.writeHead(200, frames).end(whole);
    });
  });
  return { url, seen: seen.promise };
}

/** The signature that a request should have, worked out by hand from what arrived. */
function signatureOf({ message, body }: Seen, secret: string): string {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest();
  const authorization = message.headers.authorization ?? '';
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/(\S+), SignedHeaders=(\S+),/.exec(authorization) ?? [];
  const [path = '', query = ''] = (message.url ?? '').split('?');
  const canonical = [
    'POST',
    path.split('/').map(encodeURIComponent).join('/'),
    query,
    ...names.split(';').map((name) => `${name}:${message.headers[name]}`),
    '',
    names,
    hash(body),
  ].join('\n');
  const [date = '', region = '', service = ''] = scope.split('/');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const toSign = ['AWS4-HMAC-SHA256', message.headers['x-amz-date'], scope, hash(canonical)].join('\n');
  return hmac(key, toSign).toString('hex');
}

test('what goes over the wire is what the route says, signed as it arrives, with the body that was encoded (LM-04)', async () => {
  const { url, seen } = await listen();
  const settings = { ...keys, sessionToken: 'session-1', headers: { 'x-mine': 'yes' }, query: { v: '1' } };
  expect(await collect(`${url}/below/`, settings)).toEqual(hi);
  const { message, body } = await seen;
  expect(message.url).toBe('/below/model/us.amazon.nova-micro-v1%3A0/converse-stream?v=1');
  expect(message.headers).toMatchObject({ 'x-mine': 'yes', 'x-amz-security-token': 'session-1' });
  expect(message.headers.authorization).toContain('/eu-central-1/bedrock/aws4_request');
  expect(message.headers.authorization).toContain(
    `Signature=${signatureOf(await seen, keys.secretAccessKey)}`,
  );
  expect(body).toBe(JSON.stringify(at(url).protocol.encode(request)));
});

test('an API key is sent as such, and nothing is signed', async () => {
  const { url, seen } = await listen();
  expect(await collect(url, { apiKey: 'bedrock-api-key-1' })).toEqual(hi);
  const { headers } = (await seen).message;
  expect(headers.authorization).toBe('Bearer bedrock-api-key-1');
  expect(headers['x-amz-date']).toBeUndefined();
});

test('no address, no token and no limit comes from the environment', async () => {
  const environment = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://127.0.0.1:1',
    AWS_BEARER_TOKEN_BEDROCK: 'token-of-the-environment',
    AWS_ACCESS_KEY_ID: 'AKIDENVIRONMENT',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-environment',
    AWS_SESSION_TOKEN: 'session-of-the-environment',
    AWS_REGION: 'us-west-1',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_AUTH_SCHEME_PREFERENCE: 'httpBearerAuth',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { url, seen } = await listen();
  expect(await collect(url)).toEqual(hi);
  const { rawHeaders } = (await seen).message;
  expect(rawHeaders.join(' ')).not.toMatch(/environment|us-west-1/i);
});

test('without keys those are used that AWS tools would use: of the environment, of a profile that is named', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDENVIRONMENT');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret-of-the-environment');
  const own = '[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = secret-at-work\n';
  writeFileSync(join(aws, 'credentials'), own);
  const warn = vi.spyOn(console, 'warn');
  const first = await listen();
  expect(await collect(first.url, {})).toEqual(hi);
  expect((await first.seen).message.headers.authorization).toContain('Credential=AKIDENVIRONMENT/');
  const second = await listen();
  expect(await collect(second.url, { profile: 'work' })).toEqual(hi);
  expect((await second.seen).message.headers.authorization).toContain('Credential=AKIDWORK/');
  expect(warn).not.toHaveBeenCalled();
});

test.each([
  ['nothing is there', {}],
  ['the profile is not there', { profile: 'nowhere' }],
])('where %s, no request is sent, and the error says what may be done', async (_what, settings) => {
  const { url } = await serve(() => expect.unreachable('a request was sent'));
  expect(await collect(url, settings)).toMatchObject([
    {
      error: {
        code: 'auth',
        retryable: false,
        message: expect.stringMatching(/no AWS credentials.*aws sso login/s),
      },
    },
  ]);
});

test('credentials that a command gives are asked for once, and kept', async () => {
  const script = join(aws, 'keys.mjs');
  const log = join(aws, 'log');
  const given = { Version: 1, AccessKeyId: 'AKIDCOMMAND', SecretAccessKey: 'secret-of-a-command' };
  writeFileSync(
    script,
    `import { appendFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(log)}, 'x');
console.log(${JSON.stringify(JSON.stringify(given))});`,
  );
  writeFileSync(
    join(aws, 'config'),
    `[profile tool]\ncredential_process = "${process.execPath}" "${script}"\n`,
  );
  const { url } = await serve((_incoming, response) => response.writeHead(200, frames).end(whole));
  const llm = createLLM(at(url, { profile: 'tool' }));
  const signal = new AbortController().signal;
  expect(await all(llm.stream(request, { signal }))).toEqual(hi);
  expect(await all(llm.stream(request, { signal }))).toEqual(hi);
  expect(readFileSync(log, 'utf8')).toBe('x');
});

test('a failure is not repeated, its body keeps its words, and Retry-After is honoured (LM-11)', async () => {
  let count = 0;
  const { url } = await serve((_incoming, response) => {
    count += 1;
    const headers = {
      'content-type': 'application/json',
      'x-amzn-errortype': 'ServiceUnavailableException',
      'x-amzn-requestid': 'r1',
      'retry-after': '3',
    };
    response.writeHead(503, headers).end('{"message":"Too busy."}');
  });
  expect(await collect(url)).toEqual([
    {
      type: 'error',
      error: {
        code: 'server',
        message: 'Too busy.',
        status: 503,
        retryAfterMs: 3000,
        retryable: true,
        requestID: 'r1',
      },
    },
  ]);
  expect(count).toBe(1);
});

test('neither secret nor session token stands in an error, not even where AWS echoes it', async () => {
  const { url } = await serve((incoming, response) => {
    const message = `The canonical string should have been x-amz-security-token:${incoming.headers['x-amz-security-token']}`;
    response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  });
  const [event] = await collect(url, { ...keys, sessionToken: 'FwoGZXIvYXdzEXAMPLE==' });
  expect(event).toMatchObject({ error: { code: 'auth', message: expect.stringContaining(':[redacted]') } });
});

test('a redirect is not followed with the signature in hand', async () => {
  const { url: thief } = await serve(() => expect.unreachable('the redirect was followed'));
  const { url } = await serve((_incoming, response) => response.writeHead(307, { location: thief }).end());
  expect(await collect(url)).toMatchObject([{ error: { code: 'invalid-request', status: 307 } }]);
});

test('nobody listening, and an address that is none, are errors', async () => {
  const { url, server } = await serve(() => undefined);
  server.close();
  await once(server, 'close');
  expect(await collect(url)).toMatchObject([
    { error: { code: 'unreachable', retryable: true, message: expect.stringContaining('ECONNREFUSED') } },
  ]);
  expect(await collect('not an address')).toMatchObject([
    { error: { code: 'invalid-request', retryable: false } },
  ]);
});

test.each([
  ['a web page', 'text/html', '<html>Sign in</html>'],
  ['something else', 'text/plain', 'OK'],
])('%s instead of a stream is a protocol error', async (_what, type, body) => {
  const { url } = await serve((_incoming, response) =>
    response.writeHead(200, { 'content-type': type }).end(body),
  );
  expect(await collect(url)).toMatchObject([{ error: { code: 'protocol', retryable: false } }]);
});

test('an answer that was not streamed is read', async () => {
  const body = { output: { message: { content: [{ text: 'Hi' }] } }, stopReason: 'end_turn' };
  const { url } = await serve((_incoming, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
  );
  expect(await collect(url)).toEqual(hi);
});

const flipped = (at: number): Buffer => {
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(at) ^ 0x40, at);
  return damaged;
};

test.each([
  ['an empty body', Buffer.alloc(0), 'stream-cut'],
  ['half an event', whole.subarray(0, -3), 'stream-cut'],
  ['half an event behind the stop', Buffer.concat([whole, said.subarray(0, 20)]), 'stream-cut'],
  ['an orderly end without a stop', said, 'stream-cut'],
  ['a flipped bit in a length', flipped(0), 'protocol'],
  ['a flipped bit in a checksum', flipped(9), 'protocol'],
  ['a flipped bit in a text', flipped(whole.indexOf('Hi')), 'protocol'],
  ['no JSON', frame({ ':message-type': 'event', ':event-type': 'messageStop' }, '{"stop'), 'protocol'],
  ['an event without a name', frame({}, '{}'), 'stream-cut'],
])('%s in a 200 answer ends in error', async (_name, body, code) => {
  const { url } = await serve((_incoming, response) => response.writeHead(200, frames).end(body));
  const events = await collect(url);
  expect(events.at(-1)).toMatchObject({ type: 'error', error: { code } });
  expect(events.filter(({ type }) => type === 'error' || type === 'finish')).toHaveLength(1);
});

test.each([
  ['throttlingException', '{"message":"Too fast."}', { code: 'rate-limit', message: 'Too fast.' }],
  ['internalServerException', '{"message":"Broken."}', { code: 'server', message: 'Broken.' }],
  ['modelStreamErrorException', 'not JSON', { code: 'server', message: 'not JSON' }],
  ['validationException', '{"message":"Input is too long."}', { code: 'overflow', retryable: false }],
])('%s inside a stream ends it, what came before stays (LM-11)', async (type, body, error) => {
  const { url } = await serve((_incoming, response) =>
    response.writeHead(200, frames).end(Buffer.concat([said, exception(type, body)])),
  );
  expect(await collect(url)).toMatchObject([{ type: 'text.delta', text: 'Hi' }, { error }]);
});

test('an error that is no exception of the model, and an exception that is written as an event, end the stream too', async () => {
  const bodies = [
    frame({ ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'Gone.' }, ''),
    event('serviceUnavailableException', { message: 'Gone.' }),
  ];
  for (const body of bodies) {
    const { url } = await serve((_incoming, response) => response.writeHead(200, frames).end(body));
    expect(await collect(url)).toMatchObject([{ error: { code: 'server', message: 'Gone.' } }]);
  }
});

test('a connection that breaks in the middle is a cut stream, what came before it stays', async () => {
  const { url } = await serve((_incoming, response) => {
    response.writeHead(200, frames).write(said, () => response.socket?.destroy());
  });
  expect(await collect(url)).toMatchObject([
    { type: 'text.delta', text: 'Hi' },
    { error: { code: 'stream-cut', retryable: true } },
  ]);
});

test('an abort throws its reason and nothing else, closes the connection, leaves no listener', async () => {
  const closed = Promise.withResolvers<void>();
  const { url } = await serve((_incoming, response) => {
    response.once('close', () => closed.resolve());
    response.writeHead(200, frames).write(said);
  });
  const caller = new AbortController();
  const reason = new Error('the user pressed Stop');
  const events: LLMEvent[] = [];
  const reading = async (): Promise<void> => {
    for await (const each of createLLM(at(url)).stream(request, { signal: caller.signal })) {
      events.push(each);
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
  const reading = all(createLLM(at(url)).stream(request, { signal: caller.signal }));
  await arrived.promise;
  caller.abort('gone');
  await expect(reading).rejects.toBe('gone');
});

test('leaving the loop closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  const { url } = await serve((_incoming, response) => {
    response.once('close', () => closed.resolve());
    response.writeHead(200, frames).write(said);
  });
  const signal = new AbortController().signal;
  for await (const _event of createLLM(at(url)).stream(request, { signal })) break;
  await closed.promise;
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('every piece that arrives is told of, before its event is whole', async () => {
  const held = Promise.withResolvers<ServerResponse>();
  const { url } = await serve((_incoming, response) => {
    response.writeHead(200, frames).write(said.subarray(0, 20));
    held.resolve(response);
  });
  const call = {
    endpoint: { baseURL: url, headers: {} },
    auth: { type: 'none' as const },
    path: '/model/m/converse-stream',
    body: {},
  };
  const signs: (() => void)[] = [];
  const told = (): Promise<void> => new Promise((resolve) => signs.push(resolve));
  const onBytes = (): void => signs.shift()?.();
  const answered = told();
  const { signal } = new AbortController();
  const opening = bedrockSDK({ region: 'eu-central-1', keys }).open({ ...call, onBytes }, { signal });
  await answered;
  const piece = told();
  const { chunks } = await opening;
  const first = chunks[Symbol.asyncIterator]().next();
  await piece;
  const rest = told();
  (await held.promise).end(said.subarray(20));
  await rest;
  expect((await first).value).toEqual({
    contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hi' } },
  });
});

test('random bytes in random pieces end in one terminal event', async () => {
  const words = fc.constantFrom(said, whole, whole.subarray(7), exception('validationException', '{}'));
  const body = fc.array(fc.oneof(words, fc.uint8Array({ maxLength: 20 })), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(body, async (pieces) => {
      const fetch = async (): Promise<Response> =>
        new Response(ReadableStream.from(pieces), { headers: frames });
      const events = await collect('http://fuzz.invalid', { ...keys, fetch });
      expect(events.filter(({ type }) => type === 'finish' || type === 'error')).toEqual([events.at(-1)]);
    }),
    { numRuns: 300 },
  );
});
