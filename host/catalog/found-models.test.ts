import { expect, test } from 'vitest';
import {
  type FoundModels,
  type FoundProvider,
  type FoundSource,
  joinSources,
  nothingFound,
} from './found-models.ts';
import { catalogWith, model, names } from './testing/catalog-rig.ts';
import { modelWith, providerWith } from './testing/small-catalog.ts';

/** A server that runs here. */
function server(id: string, api: string, more: Partial<FoundProvider> = {}): FoundProvider {
  const models = new Map([['small', { name: 'Small' }]]);
  return { id, name: id, npm: '@ai-sdk/openai-compatible', api, env: [], models, ...more };
}

const local = server('here', 'http://127.0.0.1:11434/v1');
const found = (...providers: readonly FoundProvider[]): FoundModels => ({
  providers,
  missing: () => undefined,
});

/** A source whose findings a test changes. */
function sourceOf(first: FoundModels) {
  const listeners = new Set<() => void>();
  let latest = first;
  const source: FoundSource = {
    get latest() {
      return latest;
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  const change = (next: FoundModels) => {
    latest = next;
    for (const listener of listeners) listener();
  };
  return { source, change, listeners };
}

test('a server that was found is used without a key, by what its package speaks (LM-03)', () => {
  const catalog = catalogWith({ found: found(local) });
  expect(names(catalog)).toEqual(['here/small']);
  expect(model(catalog, 'here/small')).toMatchObject({
    endpoint: 'http://127.0.0.1:11434/v1',
    route: { auth: { type: 'none' }, protocol: { id: 'openai-chat' } },
  });
});

test('a name that the configuration gives to an address is the configuration’s, and the server has another', () => {
  const models = { big: { name: 'Big' } };
  const at = (options: object) =>
    catalogWith({ found: found(local), user: { provider: { here: { models, options } } } });
  const placed = at({ baseURL: 'http://gpu.test/v1' });
  expect(names(placed)).toEqual(['here/big', 'here-11434/small']);
  expect(model(placed, 'here/big').endpoint).toBe('http://gpu.test/v1');
  expect(names(at({}))).toEqual(['here/big', 'here/small']);
});

test('a found provider has the models that it has now, not those that the catalogue knows', () => {
  const listed = providerWith({
    id: 'here',
    api: 'http://localhost:11434/v1',
    models: { other: modelWith() },
  });
  const catalog = catalogWith({ found: found(local), providers: { here: listed } });
  expect(names(catalog)).toEqual(['here/small']);
});

test('several sources are one: the first of one id counts, and it is the same until one of them changes', () => {
  const first = sourceOf(found(local));
  const second = sourceOf({
    ...found(server('here', 'http://127.0.0.1:1/v1'), server('there', 'http://127.0.0.1:2/v1')),
    missing: () => 'It is off.',
  });
  const joined = joinSources([first.source, second.source]);
  const before = joined.latest;
  expect(before.providers.map(({ id, api }) => [id, api])).toEqual([
    ['here', 'http://127.0.0.1:11434/v1'],
    ['there', 'http://127.0.0.1:2/v1'],
  ]);
  expect(before.missing({ providerID: 'there', modelID: 'x' })).toBe('It is off.');
  expect(joined.latest).toBe(before);
  const told: FoundModels[] = [];
  {
    using _listening = joined.onChange(() => told.push(joined.latest));
    first.change(nothingFound);
  }
  second.change(nothingFound);
  expect(told).toHaveLength(1);
  expect(told[0]?.providers[0]?.api).toBe('http://127.0.0.1:1/v1');
  expect(joined.latest.providers).toEqual([]);
  expect([first.listeners.size, second.listeners.size]).toEqual([0, 0]);
});
