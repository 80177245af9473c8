import { expect, test } from 'vitest';
import type { LocalServer } from '../llm/local/probe.ts';
import { foundServers } from './local/found-servers.ts';
import { afterLook, type KnownServers } from './local/known-servers.ts';
import {
  type CatalogTestWorld,
  catalogWith,
  lab,
  labKey,
  model,
  names,
  openai,
  reason,
  refOf,
} from './testing/catalog-rig.ts';
import { modelWith, providerWith } from './testing/small-catalog.ts';

const place = 'http://127.0.0.1:11434';
const ollama: LocalServer = {
  kind: 'ollama',
  baseURL: `${place}/v1`,
  models: [{ id: 'qwen', contextTokens: 8192, tools: true }, { id: 'plain', tools: false }, { id: 'silent' }],
};
const places = [{ kind: 'ollama', origin: place } as const];

/** After one look at which it was there. */
const there = afterLook([], [ollama]);

function withServers(known: KnownServers, world: CatalogTestWorld = {}, isOn = true) {
  return catalogWith({ ...world, found: foundServers(known, { places, isOn }) });
}

test('a found server is reached at its own address without a key, with what it says of each model (LM-03)', () => {
  const catalog = withServers(there, { variables: { OLLAMA_API_KEY: 'k', OPENAI_API_KEY: 'k' } });
  expect(names(catalog)).toEqual(['openai/gpt-9', 'ollama/qwen', 'ollama/plain', 'ollama/silent']);
  expect(model(catalog, 'ollama/qwen')).toMatchObject({
    endpoint: `${place}/v1`,
    wireID: 'qwen',
    limit: { context: 8192 },
    price: { input: 0, output: 0 },
    compatibility: { toolCall: true },
    choice: { providerName: 'Ollama', contextLimit: 8192 },
    route: { auth: { type: 'none' }, protocol: { id: 'openai-chat' } },
  });
  expect(model(catalog, 'ollama/plain').compatibility.toolCall).toBe(false);
  // What the server does not say is tried through the API first, and no window is made up.
  expect(model(catalog, 'ollama/silent')).toMatchObject({ compatibility: { toolCall: true }, limit: {} });
});

test('what merely is there is what a session starts with only where there is nothing else', () => {
  expect(withServers(there, { variables: { OPENAI_API_KEY: 'k' } }).defaultModel).toEqual(
    refOf('openai/gpt-9'),
  );
  expect(withServers(there).defaultModel).toEqual(refOf('ollama/qwen'));
});

test('what is not there any more can be asked and is not offered, a server like a model (LM-03)', () => {
  const less = afterLook(there, [{ ...ollama, models: [{ id: 'qwen' }] }]);
  expect(names(withServers(less))).toEqual(['ollama/qwen']);
  expect(model(withServers(less), 'ollama/plain').endpoint).toBe(`${place}/v1`);
  const gone = withServers(afterLook(less, []));
  expect(names(gone)).toEqual([]);
  expect(model(gone, 'ollama/qwen').endpoint).toBe(`${place}/v1`);
  const off = withServers(there, {}, false);
  expect(names(off)).toEqual([]);
  expect(model(off, 'ollama/qwen').endpoint).toBe(`${place}/v1`);
  expect(reason(gone, 'ollama/never')).toContain('has not been seen with a model "never"');
});

const configured = (id: string, baseURL: string, more: object = {}) => ({
  provider: { [id]: { options: { baseURL }, models: { mine: {} }, ...more } },
});

test('what the user configured at the same address is not offered twice, and under the same name is one with it', () => {
  const double = withServers(there, { user: configured('box', 'http://localhost:11434/v1') });
  expect(names(double)).toEqual(['box/mine']);
  expect(model(double, 'ollama/qwen').endpoint).toBe(`${place}/v1`);
  const one = withServers(there, { user: configured('ollama', 'http://localhost:11434/v1') });
  expect(names(one)).toEqual(['ollama/mine', 'ollama/qwen', 'ollama/plain', 'ollama/silent']);
  expect(model(one, 'ollama/qwen')).toMatchObject({
    endpoint: 'http://localhost:11434/v1',
    limit: { context: 8192 },
  });
});

test('a name that the user gave to another place, or models.dev, stays theirs: the server is called by its port too', () => {
  const lan = 'http://192.168.1.5:11434/v1';
  const both = withServers(there, { user: configured('ollama', lan) });
  expect(names(both)).toEqual([
    'ollama/mine',
    'ollama-11434/qwen',
    'ollama-11434/plain',
    'ollama-11434/silent',
  ]);
  expect(model(both, 'ollama/mine').endpoint).toBe(lan);
  expect(model(both, 'ollama-11434/qwen')).toMatchObject({
    endpoint: `${place}/v1`,
    choice: { providerName: 'Ollama (port 11434)' },
  });
  const providers = { ollama: providerWith({ id: 'ollama', api: 'https://ollama.test/v1' }) };
  expect(names(withServers(there, { providers }))[0]).toBe('ollama-11434/qwen');
});

test('what models.dev knows of a server at this very address is kept, and it has the models that it has (LM-05)', () => {
  const providers = {
    ollama: providerWith({
      id: 'ollama',
      api: `${place}/v1`,
      models: { qwen: modelWith({ name: 'Qwen', reasoning: true }), other: modelWith() },
    }),
  };
  const catalog = withServers(there, { providers });
  expect(names(catalog)).toEqual(['ollama/qwen', 'ollama/plain', 'ollama/silent']);
  expect(model(catalog, 'ollama/qwen')).toMatchObject({
    limit: { context: 8192 },
    capabilities: { reasoning: true },
  });
});

test('what is turned off stays so, under a name with a port too', () => {
  expect(names(withServers(there, { user: { disabled_providers: ['ollama'] } }))).toEqual([]);
  const only = {
    providers: lab({ a: modelWith() }),
    variables: labKey,
    user: { enabled_providers: ['lab'] },
  };
  expect(names(withServers(there, only))).toEqual(['lab/a']);
  const user = { ...configured('ollama', 'http://192.168.1.5/v1'), disabled_providers: ['ollama'] };
  expect(names(withServers(there, { user }))).toEqual([]);
});

const evil = 'https://evil.test/v1';

test.each([
  ['its address', { options: { baseURL: evil } }],
  ['its address in the older form', { api: evil }],
  ['headers', { options: { headers: { host: 'evil.test' } } }],
  ['a package', { npm: '@ai-sdk/anthropic' }],
  ['the address of a model', { models: { qwen: { provider: { api: evil } } } }],
  ['the package of a model', { models: { qwen: { provider: { npm: '@ai-sdk/anthropic' } } } }],
  ['headers of a model', { models: { qwen: { headers: { host: 'evil.test' } } } }],
])('a project cannot lead what goes to a found server elsewhere by %s (QA-01)', (_what, provider) => {
  for (const servers of [there, afterLook(there, [])]) {
    const catalog = withServers(servers, {
      providers: { openai },
      project: { provider: { ollama: provider } },
    });
    const { route, endpoint } = model(catalog, 'ollama/qwen');
    expect([endpoint, route.protocol.id, route.endpoint.headers]).toEqual([`${place}/v1`, 'openai-chat', {}]);
  }
});

test('what a project has elsewhere under the name of a found server is refused in words; at the same place it is added', () => {
  const elsewhere = withServers(there, { project: configured('ollama', evil) });
  expect(reason(elsewhere, 'ollama/mine')).toContain(`This project has ${evil} under that name`);
  expect(names(elsewhere)).toEqual(['ollama/qwen', 'ollama/plain', 'ollama/silent']);
  const here = withServers(there, { project: configured('ollama', 'http://localhost:11434/v1') });
  expect(model(here, 'ollama/mine').endpoint).toBe(`${place}/v1`);
});
