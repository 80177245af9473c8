import { expect, test } from 'vitest';
import {
  docker,
  llamaCpp,
  lmStudio,
  nobody,
  ollama,
  type Routes,
  serve,
  vllm,
} from '../testing/local-servers.ts';
import { nearest } from './nearest.ts';
import { type Finding, type PreflightOptions, preflight } from './preflight.ts';
import type { LocalServerKind } from './servers.ts';
import { findingWords } from './words.ts';

const { signal } = new AbortController();

function check(
  baseURL: string,
  model: string,
  options: Partial<PreflightOptions> = {},
): Promise<readonly Finding[]> {
  return preflight({ baseURL, model, signal, ...options });
}

test.each<[string, Routes, { path?: string; model: string; kind?: LocalServerKind }, readonly object[]]>([
  ['a model with room', vllm, { model: 'Qwen/Qwen3-8B' }, []],
  ['a model of llama.cpp with just enough room', llamaCpp, { model: 'gemma' }, []],
  [
    'a model that sets its own context, without tools',
    ollama,
    { model: 'llama3', kind: 'ollama' },
    [{ type: 'no-tools', weight: 'advises' }],
  ],
  [
    'a model that is loaded with little',
    ollama,
    { model: 'qwen3:8b', kind: 'ollama' },
    [{ type: 'context-small', by: 'server', tokens: 4096, floorTokens: 16384 }],
  ],
  [
    'a model that is not there',
    ollama,
    { model: 'qwen3:4b', kind: 'ollama' },
    [
      {
        type: 'model-missing',
        weight: 'blocks',
        nearest: 'qwen3:8b',
        present: ['qwen3:8b', 'llama3:latest'],
      },
    ],
  ],
  [
    'a model that is like none',
    ollama,
    { model: 'mistral-large', kind: 'ollama' },
    [{ type: 'model-missing', nearest: null }],
  ],
  [
    'a model of LM Studio with little',
    lmStudio,
    { model: 'qwen', kind: 'lm-studio' },
    [{ type: 'context-small', tokens: 8192 }],
  ],
  [
    'a model that cannot take more',
    lmStudio,
    { model: 'plain', kind: 'lm-studio' },
    [{ type: 'context-small', by: 'model', tokens: 8192 }, { type: 'no-tools' }],
  ],
  [
    'a model of Docker, which tells nothing',
    docker,
    { model: 'ai/qwen2.5-coder', path: '/engines/v1' },
    [{ type: 'context-unknown', kind: 'docker-model-runner' }],
  ],
  [
    'a server at another path',
    vllm,
    { model: 'Qwen/Qwen3-8B', path: '' },
    [{ type: 'wrong-path', kind: 'vllm', right: expect.stringMatching(/:\d+\/v1$/) }],
  ],
  [
    'Ollama without its path',
    ollama,
    { model: 'llama3', path: '/', kind: 'ollama' },
    [{ type: 'wrong-path', weight: 'blocks' }],
  ],
  ['a program that is no model server', {}, { model: 'm' }, [{ type: 'no-models', weight: 'blocks' }]],
])(
  '%s is told as data (LM-14)',
  async (_name, routes, ...[{ path = '/v1', model, ...options }, expected]) => {
    const origin = await serve(routes);
    const findings = await check(`${origin}${path}`, model, options);
    expect(findings).toHaveLength(expected.length);
    expect(findings).toMatchObject(expected);
  },
);

test('nobody there, one who refuses, and what is no address (LM-14)', async () => {
  const closed = await serve((_request, response) => {
    response.writeHead(401).end();
  });
  expect(await check(`${await nobody()}/v1`, 'm', { kind: 'ollama' })).toMatchObject([
    { type: 'unreachable', kind: 'ollama' },
  ]);
  expect(await check(`${closed}/v1`, 'm')).toMatchObject([{ type: 'refused', status: 401 }]);
  expect(await check('localhost', 'm')).toMatchObject([{ type: 'not-an-address' }]);
});

test('the server is known by its answers where its port does not tell (LM-14)', async () => {
  const routes = { ...ollama, '/v1/models': { data: [{ id: 'qwen3:8b', owned_by: 'library' }] } };
  const findings = await check(`${await serve(routes)}/v1/`, 'qwen3:8b');
  expect(findings).toMatchObject([{ type: 'context-small', kind: 'ollama', tokens: 4096 }]);
});

test('the floor is the caller’s to set (LM-14)', async () => {
  const origin = await serve(llamaCpp);
  expect(await check(`${origin}/v1`, 'gemma', { floorTokens: 16_385 })).toMatchObject([
    { type: 'context-small', tokens: 16_384, floorTokens: 16_385 },
  ]);
});

test('an abort throws its reason (LM-14)', async () => {
  const stop = new AbortController();
  const reached = Promise.withResolvers<void>();
  const origin = await serve(() => reached.resolve());
  const checking = check(`${origin}/v1`, 'm', { signal: stop.signal });
  await reached.promise;
  stop.abort('closed');
  await expect(checking).rejects.toBe('closed');
});

const about = { kind: 'ollama', baseURL: 'http://127.0.0.1:11434/v1', model: 'qwen3:8b' } as const;
const kinds = ['ollama', 'lm-studio', 'llama.cpp', 'docker-model-runner', 'vllm', 'other'] as const;

test('findings are said in plain words with what to do, as pinned (LM-14)', () => {
  const findings: readonly Finding[] = [
    { ...about, baseURL: 'here', type: 'not-an-address', weight: 'blocks' },
    { ...about, type: 'refused', weight: 'blocks', status: 401 },
    { ...about, type: 'no-models', weight: 'blocks' },
    { ...about, type: 'wrong-path', weight: 'blocks', right: 'http://127.0.0.1:11434/v1' },
    { ...about, type: 'context-small', weight: 'advises', by: 'model', tokens: 2048, floorTokens: 16384 },
    { ...about, type: 'no-tools', weight: 'advises' },
    ...kinds.flatMap((kind): readonly Finding[] => [
      { ...about, kind, type: 'unreachable', weight: 'blocks' },
      {
        ...about,
        kind,
        type: 'model-missing',
        weight: 'blocks',
        present: ['qwen3:4b', 'b'],
        nearest: 'qwen3:4b',
      },
      {
        ...about,
        kind,
        type: 'context-small',
        weight: 'advises',
        by: 'server',
        tokens: 4096,
        floorTokens: 16384,
      },
    ]),
    { ...about, type: 'model-missing', weight: 'blocks', present: [...'abcdefghijk'], nearest: null },
    { ...about, type: 'model-missing', weight: 'blocks', present: [], nearest: null },
    { ...about, type: 'context-unknown', weight: 'advises', floorTokens: 16384 },
  ];
  const lines = findings.map((finding) => {
    const { problem, remedy } = findingWords(finding);
    return `${finding.type}: ${problem} -> ${remedy}`;
  });
  expect(lines).toMatchSnapshot();
});

test.each<[string, readonly string[], string | undefined]>([
  ['qwen3', ['llama3', 'qwen3:8b'], 'qwen3:8b'],
  ['Qwen3-8B', ['qwen/qwen3-8b', 'qwen3'], 'qwen/qwen3-8b'],
  ['lama3', ['llama3', 'gemma3'], 'llama3'],
  ['gpt-4', ['llama3', 'gemma3'], undefined],
  ['x', [], undefined],
])('nearest to %s of %j is %s (LM-14)', (name, names, expected) => {
  expect(nearest(name, names)).toBe(expected);
});
