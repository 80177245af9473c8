import { expect, test } from 'vitest';
import { parseConfigFile } from '../config/config-file.ts';
import { mergeLayers } from '../config/merge-layers.ts';
import type { Environment } from '../ports/environment.ts';
import { createCatalog } from './catalog.ts';

const environment: Environment = {
  platform: 'linux',
  homeDirectory: '/home/me',
  surface: 'test',
  variable: (name) => (name === 'OPENAI_API_KEY' ? 'sk-user' : undefined),
};

test('names that every object inherits are providers and models only where a file has them', () => {
  const { values } = parseConfigFile(
    `{"provider": {
      "__proto__": {"options": {"baseURL": "https://x.test"}, "models": {"m": {}}},
      "constructor": {"options": {"baseURL": "https://x.test"}, "models": {"toString": {"name": "T"}}}
    }}`,
  );
  const config = mergeLayers([{ from: 'project', values, borrowedKeys: new Set(), notices: [] }], '/home/me');
  const catalog = createCatalog(config, environment);
  const typeOf = (providerID: string, modelID: string) => catalog.resolve({ providerID, modelID }).type;
  expect(typeOf('openai', 'constructor')).toBe('unknown');
  expect(typeOf('toString', 'call')).toBe('unknown');
  expect(typeOf('constructor', 'toString')).toBe('model');
  expect(typeOf('constructor', 'valueOf')).toBe('unknown');
});
