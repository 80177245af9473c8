import { expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import type { Fetch } from '../framing/exchange.ts';
import { docker, llamaCpp, lmStudio, nobody, ollama, serve, vllm } from '../testing/local-servers.ts';
import { type LocalServer, ollamaOrigin, type Place, probeLocalServers } from './probe.ts';

const { signal } = new AbortController();

async function probe(...places: readonly Place[]): Promise<readonly LocalServer[]> {
  return probeLocalServers({ signal, places });
}

test('every kind of server is found, with its models and what it tells of them (LM-03)', async () => {
  const [atOllama, atStudio, atLlama, atDocker, atVllm] = await Promise.all(
    [ollama, lmStudio, llamaCpp, docker, vllm].map(serve),
  );
  const found = await probe(
    { kind: 'ollama', origin: `${atOllama}` },
    { kind: 'lm-studio', origin: `${atStudio}` },
    { kind: 'llama.cpp', origin: `${atLlama}` },
    { kind: 'docker-model-runner', origin: `${atDocker}` },
    { kind: 'vllm', origin: `${atVllm}` },
  );
  expect(found).toEqual([
    {
      kind: 'ollama',
      baseURL: `${atOllama}/v1`,
      models: [
        { id: 'qwen3:8b', contextTokens: 4096, maxContextTokens: 40960, tools: true },
        { id: 'llama3:latest', contextTokens: 32768, maxContextTokens: 131072, tools: false },
      ],
    },
    {
      kind: 'lm-studio',
      baseURL: `${atStudio}/v1`,
      models: [
        { id: 'qwen', contextTokens: 8192, maxContextTokens: 32768, tools: true },
        { id: 'plain', maxContextTokens: 8192, tools: false },
      ],
    },
    {
      kind: 'llama.cpp',
      baseURL: `${atLlama}/v1`,
      models: [{ id: 'gemma', contextTokens: 16384, maxContextTokens: 131072, tools: true }],
    },
    { kind: 'docker-model-runner', baseURL: `${atDocker}/engines/v1`, models: [{ id: 'ai/qwen2.5-coder' }] },
    { kind: 'vllm', baseURL: `${atVllm}/v1`, models: [{ id: 'Qwen/Qwen3-8B', contextTokens: 40960 }] },
  ]);
});

test('older servers are understood, and another one at a known port is called another (LM-03)', async () => {
  const [studio, llama, other] = await Promise.all(
    [
      { '/v1/models': { data: [{ id: 'qwen' }] } },
      {
        '/v1/models': { data: [{ id: 'm', owned_by: 'llamacpp' }] },
        '/props': { default_generation_settings: { n_ctx: 512 } },
      },
      { '/v1/models': { data: [{ id: 'm', owned_by: 'me' }] } },
    ].map(serve),
  );
  const found = await probe(
    { kind: 'lm-studio', origin: `${studio}` },
    { kind: 'llama.cpp', origin: `${llama}` },
    { kind: 'vllm', origin: `${other}` },
  );
  expect(found).toMatchObject([
    { kind: 'lm-studio', models: [{ id: 'qwen' }] },
    { kind: 'llama.cpp', models: [{ contextTokens: 512 }] },
    { kind: 'other', models: [{ id: 'm' }] },
  ]);
});

test('what Ollama says makes only vectors is not a model to talk to, and of many models not each is asked for (LM-03)', async () => {
  let asked = 0;
  const names = Array.from({ length: 100 }, (_, index) => ({ name: `m${index}` }));
  const many = await serve({
    '/api/tags': { models: [{ name: 'embed' }, ...names] },
    '/api/ps': { models: [] },
    '/api/show': (body) => {
      asked += 1;
      return { capabilities: [body.includes('embed') ? 'embedding' : 'completion'] };
    },
  });
  const [server] = await probe({ kind: 'ollama', origin: many });
  expect(server?.models).toHaveLength(100);
  expect(server?.models.map(({ id }) => id)).not.toContain('embed');
  expect(server?.models.at(0)?.tools).toBe(false);
  expect(asked).toBe(32);
});

test('a name that no list could show is not taken for that of a model (LM-03)', async () => {
  const ids = ['good', '', '  ', 'a\u001b[31mb', 'a\u202eb', 'a\nb', 'x'.repeat(201), 'größe 8B'];
  const origin = await serve({ '/v1/models': { data: ids.map((id) => ({ id, owned_by: 'vllm' })) } });
  const [server] = await probe({ kind: 'vllm', origin });
  expect(server?.models.map(({ id }) => id)).toEqual(['good', 'größe 8B']);
});

test('what is no model server is not one: nobody, a web page, other JSON, an error, a redirect (LM-03)', async () => {
  const real = await serve(vllm);
  const answers = [
    [200, 'text/html', '<html>'],
    [200, 'application/json', '{"data":{}}'],
    [200, 'application/json', '[]'],
    [500, 'application/json', JSON.stringify(vllm['/v1/models'])],
    [302, 'text/plain', ''],
  ] as const;
  const origins = await Promise.all(
    answers.map(([status, type, body]) =>
      serve((_request, response) => {
        response.writeHead(status, { 'content-type': type, location: `${real}/v1/models` }).end(body);
      }),
    ),
  );
  const places = [...origins, await nobody()].map((origin): Place => ({ kind: 'vllm', origin }));
  expect(await probe(...places)).toEqual([]);
});

test('a server is told of as soon as it answers, and nobody waits for one that does not (LM-03)', async () => {
  const reached = Promise.withResolvers<void>();
  const silent = await serve(() => reached.resolve());
  const quick = await serve(vllm);
  const told = Promise.withResolvers<LocalServer>();
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    after: (_ms, callback) => {
      timers.push(callback);
      return () => undefined;
    },
  };
  const places: readonly Place[] = [
    { kind: 'ollama', origin: silent },
    { kind: 'vllm', origin: quick },
  ];
  const probing = probeLocalServers({ signal, clock, places, onFound: told.resolve });
  expect(await told.promise).toMatchObject({ kind: 'vllm' });
  await reached.promise;
  for (const fire of timers) fire();
  expect(await probing).toMatchObject([{ kind: 'vllm' }]);
});

test('an abort ends the probing with its reason (LM-03)', async () => {
  const stop = new AbortController();
  const reached = Promise.withResolvers<void>();
  const origin = await serve(() => reached.resolve());
  const probing = probeLocalServers({ signal: stop.signal, places: [{ kind: 'vllm', origin }] });
  await reached.promise;
  stop.abort('closed');
  await expect(probing).rejects.toBe('closed');
  const before = probeLocalServers({
    signal: AbortSignal.abort('never'),
    places: [{ kind: 'vllm', origin }],
  });
  await expect(before).rejects.toBe('never');
});

/** The addresses that are asked when nothing answers. */
async function asked(ollamaHost?: string): Promise<readonly string[]> {
  const urls: string[] = [];
  const fetch: Fetch = async (url) => {
    urls.push(String(url));
    throw new TypeError('fetch failed');
  };
  expect(await probeLocalServers({ signal, fetch, ollamaHost })).toEqual([]);
  return urls;
}

test('the default ports are asked at once, on the loopback address alone (LM-03)', async () => {
  expect(await asked()).toEqual([
    'http://127.0.0.1:11434/api/tags',
    'http://127.0.0.1:11434/api/ps',
    'http://127.0.0.1:1234/api/v0/models',
    'http://127.0.0.1:8080/v1/models',
    'http://127.0.0.1:8080/props',
    'http://127.0.0.1:12434/engines/v1/models',
    'http://127.0.0.1:8000/v1/models',
    'http://127.0.0.1:1234/v1/models',
  ]);
  expect(await asked('0.0.0.0:9999')).toContain('http://127.0.0.1:9999/api/tags');
  expect((await asked('http://ollama.example.com:11434')).join()).not.toMatch(/example|11434/);
  expect((await asked('127.0.0.1.example.com')).join()).not.toMatch(/example/);
});

test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['127.0.0.1', 'http://127.0.0.1:11434'],
  [' "localhost:8000" ', 'http://localhost:8000'],
  [':8000', 'http://127.0.0.1:8000'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['[::]:8000', 'http://[::1]:8000'],
  ['[::1]', 'http://[::1]:11434'],
  ['http://localhost', 'http://localhost'],
  ['https://localhost:1/path', 'https://localhost:1'],
  ['http://', undefined],
])('OLLAMA_HOST %j means %j (LM-03)', (host, origin) => {
  expect(ollamaOrigin(host)).toBe(origin);
});

test('an answer without end is given up (LM-03)', async () => {
  const left = Promise.withResolvers<void>();
  const origin = await serve((_request, response) => {
    response.once('close', left.resolve);
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(100_000)));
    };
    response.on('drain', more);
    more();
  });
  expect(await probe({ kind: 'vllm', origin })).toEqual([]);
  await left.promise;
});

test('a server that breaks off is none (LM-03)', async () => {
  const origin = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{"data"', () => response.destroy());
  });
  expect(await probe({ kind: 'vllm', origin })).toEqual([]);
});
