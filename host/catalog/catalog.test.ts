import { expect, test } from 'vitest';
import { mergeLayers } from '../config/merge-layers.ts';
import { pinnedNotices } from './pinned-notices.ts';
import {
  catalogWith,
  lab,
  labKey,
  layerOf,
  model,
  names,
  openai,
  reason,
  refOf,
} from './testing/catalog-rig.ts';
import { modelWith, providerWith } from './testing/small-catalog.ts';

test('names that every object inherits are providers and models only where a file has them', () => {
  const project = JSON.parse(`{"provider": {
    "__proto__": {"options": {"baseURL": "https://x.test"}, "models": {"m": {}}},
    "constructor": {"options": {"baseURL": "https://x.test"}, "models": {"toString": {"name": "T"}}}
  }}`) as object;
  const catalog = catalogWith({ project, variables: { OPENAI_API_KEY: 'sk-user' } });
  const typeOf = (name: string) => catalog.resolve(refOf(name)).type;
  expect(typeOf('openai/constructor')).toBe('unknown');
  expect(typeOf('toString/call')).toBe('unknown');
  expect(typeOf('constructor/toString')).toBe('model');
  expect(typeOf('constructor/valueOf')).toBe('unknown');
});

test('a key in the environment is enough for every model of a provider (LM-05)', () => {
  const catalog = catalogWith({ variables: { OPENAI_API_KEY: 'sk-user' } });
  expect(names(catalog)).toEqual(['openai/gpt-9']);
  expect(model(catalog, 'openai/gpt-9')).toMatchObject({
    wireID: 'gpt-9',
    endpoint: 'https://api.openai.com/v1',
    limit: { context: 200_000, output: 32_000 },
    price: { input: 2, output: 8 },
    route: { auth: { type: 'bearer', key: 'sk-user' }, protocol: { id: 'openai-responses' } },
    choice: {
      name: 'GPT 9',
      contextLimit: 200_000,
      price: { input: 2, output: 8 },
      releaseDate: '2026-01-01',
    },
  });
});

test('a provider that only the data brings works at its address, whatever its package is called (LM-07)', () => {
  const providers = {
    tomorrow: providerWith({
      id: 'tomorrow',
      npm: '@tomorrow/sdk',
      env: ['TOMORROW_KEY'],
      models: { t1: modelWith() },
    }),
  };
  const catalog = catalogWith({ providers, variables: { TOMORROW_KEY: 'k' } });
  expect(model(catalog, 'tomorrow/t1')).toMatchObject({
    endpoint: 'https://tomorrow.test/v1',
    route: { protocol: { id: 'openai-chat' }, auth: { key: 'k' } },
  });
});

test('a single model is reached by the package, address and shape that it has of its own (LM-05)', () => {
  const models = {
    messages: modelWith({ provider: { npm: '@ai-sdk/anthropic', api: 'https://lab.test/anthropic' } }),
    inherited: modelWith({ provider: { npm: '@ai-sdk/google' } }),
    responses: modelWith({ provider: { shape: 'responses' } }),
  };
  const catalog = catalogWith({ providers: lab(models), variables: labKey });
  const reached = (name: string) => {
    const { route, endpoint } = model(catalog, name);
    return [route.protocol.id, endpoint];
  };
  expect(reached('lab/messages')).toEqual(['anthropic-messages', 'https://lab.test/anthropic']);
  expect(reached('lab/inherited')).toEqual(['gemini', 'https://lab.test/v1']);
  expect(reached('lab/responses')).toEqual(['openai-responses', 'https://lab.test/v1']);
});

test('opencode.json adds to the catalogue and overrides it, field by field (LM-05)', () => {
  const user = {
    provider: {
      lab: {
        name: 'My Lab',
        options: { baseURL: 'https://mine.test/v1', headers: { 'x-team': 't' } },
        models: {
          m: {
            limit: { output: 5 },
            cost: { input: 1 },
            options: { reasoningEffort: 'low', seed: 1 },
            headers: { h: '1' },
          },
          alias: { id: 'm', name: 'Alias' },
          own: { name: 'Own' },
        },
      },
    },
  };
  const cost = { input: 3, output: 9, context_over_200k: { input: 6, output: 18 } };
  const catalog = catalogWith({
    user,
    providers: lab({ m: modelWith({ cost }), n: modelWith() }),
    variables: labKey,
  });
  expect(names(catalog)).toEqual(['lab/m', 'lab/alias', 'lab/own', 'lab/n']);
  expect(model(catalog, 'lab/m')).toMatchObject({
    choice: { providerName: 'My Lab', name: 'M' },
    limit: { context: 200_000, output: 5 },
    price: { input: 1, output: 9, tiers: [] },
    generation: { reasoningEffort: 'low' },
    options: { seed: 1 },
    route: { endpoint: { baseURL: 'https://mine.test/v1', headers: { 'x-team': 't', h: '1' } } },
  });
  expect(model(catalog, 'lab/alias')).toMatchObject({ wireID: 'm', limit: { context: 200_000 } });
  expect(model(catalog, 'lab/n').endpoint).toBe('https://mine.test/v1');
});

test('lists of opencode.json leave providers and models out, and say so (LM-05)', () => {
  const providers = { openai, ...lab({ a: modelWith(), b: modelWith(), c: modelWith() }) };
  const variables = { OPENAI_API_KEY: 'k', ...labKey };
  const only = catalogWith({ providers, variables, user: { enabled_providers: ['lab'] } });
  expect(names(only)).toEqual(['lab/a', 'lab/b', 'lab/c']);
  expect(reason(only, 'openai/gpt-9')).toContain('turned off');
  const lists = {
    provider: { lab: { whitelist: ['a', 'b'], blacklist: ['b'] } },
    disabled_providers: ['openai'],
  };
  const less = catalogWith({ providers, variables, user: lists });
  expect(names(less)).toEqual(['lab/a']);
  expect(reason(less, 'lab/b')).toContain('left out by the blacklist');
  expect(reason(less, 'lab/c')).toContain('left out by the whitelist');
});

test('what is deprecated or hidden is not offered, and works for who names it (LM-09)', () => {
  const models = {
    now: modelWith(),
    old: modelWith({ status: 'deprecated' }),
    early: modelWith({ status: 'beta' }),
    raw: modelWith({ status: 'alpha' }),
    vectors: modelWith({ modalities: { input: ['text'], output: ['vector'] } }),
  };
  const world = { providers: lab(models), variables: labKey };
  expect(names(catalogWith(world))).toEqual(['lab/early', 'lab/now']);
  expect(model(catalogWith(world), 'lab/old').status).toBe('deprecated');
  expect(model(catalogWith(world), 'lab/raw').status).toBe('hidden');
  const pinned = catalogWith({
    ...world,
    user: { model: 'lab/old', agent: { plan: { model: 'lab/vectors' } } },
  });
  expect(names(pinned)).toEqual(['lab/early', 'lab/now', 'lab/old', 'lab/vectors']);
  expect(pinned.models[2]).toMatchObject({ status: 'deprecated' });
  expect(pinned.models[1]).not.toHaveProperty('status');
});

test('a variant brings its settings, its headers and its price (LM-05)', () => {
  const m = modelWith({
    reasoning: true,
    reasoning_options: [{ type: 'effort', values: ['low', 'high'] }],
    cost: { input: 1, output: 2 },
    experimental: {
      modes: {
        fast: { cost: { input: 5, output: 6 }, provider: { body: { speed: 'fast' }, headers: { x: '1' } } },
      },
    },
  });
  const catalog = catalogWith({ providers: lab({ m }), variables: labKey });
  expect(catalog.models[0]?.variants).toEqual(['low', 'high', 'fast']);
  expect(model(catalog, 'lab/m', 'high')).toMatchObject({
    generation: { reasoningEffort: 'high' },
    price: { input: 1 },
  });
  expect(model(catalog, 'lab/m', 'fast')).toMatchObject({
    options: { speed: 'fast' },
    price: { input: 5, output: 6 },
    route: { endpoint: { headers: { x: '1' } } },
  });
  expect(model(catalog, 'lab/m').generation).toEqual({});
  expect(model(catalog, 'lab/m', 'gone').generation).toEqual({});
});

test('all known providers are told, those first that can be used, with what the others take (LM-08)', () => {
  const providers = {
    openai,
    ...lab({}),
    'github-copilot': providerWith({ id: 'github-copilot', env: ['GITHUB_TOKEN'] }),
    gitlab: providerWith({ id: 'gitlab', npm: 'gitlab-ai-provider', env: ['GITLAB_TOKEN'] }),
  };
  const catalog = catalogWith({
    providers,
    variables: { ...labKey, GITLAB_TOKEN: 't', GITHUB_TOKEN: 't' },
    user: { disabled_providers: ['filler-0'] },
  });
  const entry = (id: string) => catalog.providers.find((each) => each.id === id);
  expect(catalog.providers[0]).toMatchObject({
    id: 'lab',
    access: { type: 'usable' },
    doc: 'https://docs.test',
  });
  expect(entry('openai')).toMatchObject({ env: ['OPENAI_API_KEY'], access: { type: 'missing' } });
  expect(entry('github-copilot')?.access.type).toBe('missing');
  expect(entry('gitlab')?.access.type).toBe('unspoken');
  expect(entry('filler-0')?.access.type).toBe('disabled');
});

test('a model that the configuration chose and its provider will turn off is told, and works (LM-09)', () => {
  const world = {
    providers: lab({ old: modelWith({ status: 'deprecated' }), now: modelWith() }),
    variables: labKey,
  };
  const noticesOf = (user: object) => {
    const config = mergeLayers([layerOf('user', user)], '/home/me');
    return pinnedNotices(config, catalogWith({ ...world, user }));
  };
  expect(noticesOf({ model: 'lab/old' })).toEqual([
    { key: 'model:lab/old', level: 'info', code: 'model.deprecated', data: { '0': 'lab/old' } },
  ]);
  expect(noticesOf({ model: 'lab/now', small_model: 'lab/unknown' })).toEqual([]);
  expect(model(catalogWith({ ...world, user: { model: 'lab/old' } }), 'lab/old').endpoint).toBe(
    'https://lab.test/v1',
  );
});
