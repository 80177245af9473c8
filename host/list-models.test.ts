import { expect, test } from 'vitest';
import { checkModel, type LookOptions, listModels } from './list-models.ts';
import { ollama } from './llm/testing/local-servers.ts';
import { tempFolder } from './location/testing/temp-folder.ts';
import { nodePorts } from './node/node-ports.ts';
import { serveModels } from './testing/local-server.ts';

const small = { providerID: 'ollama', modelID: 'qwen3:8b' };

/** A machine with nothing on it but a model server, as the command line sees it. */
async function machine(name: string) {
  const home = tempFolder(name);
  const server = await serveModels(ollama);
  const node = nodePorts({
    surface: 'test',
    isTrusted: () => true,
    log: { write: () => undefined, level: 'error' },
  });
  const environment = { ...node.environment, homeDirectory: home, variable: () => undefined };
  const options: LookOptions = {
    ports: { ...node, environment },
    directory: home,
    looksLocally: false,
    localServers: { isOn: () => true, places: [{ kind: 'ollama', origin: server.origin }] },
    onDamaged: () => undefined,
    signal: new AbortController().signal,
  };
  return { server, options };
}

test('this machine is looked at only where that was asked for, and what was found stays known (LM-03, HL-09)', async () => {
  const { server, options } = await machine('list-local');
  const names = async (more: Partial<LookOptions> = {}) =>
    (await listModels({ ...options, ...more, provider: 'ollama' })).map(({ id }) => id);
  expect(await names()).toEqual([]);
  expect(server.paths).toEqual([]);
  const found = await names({ looksLocally: true });
  expect(found).toEqual(['qwen3:8b', 'llama3:latest']);
  const asked = server.paths.length;
  expect(await names()).toEqual(found);
  expect(server.paths).toHaveLength(asked);
});

test('a model is checked at its own server and nowhere else (LM-14)', async () => {
  const { server, options } = await machine('check-local');
  expect(await checkModel(small, options)).toEqual({ type: 'unknown' });
  await listModels({ ...options, looksLocally: true });
  expect(await checkModel(small, options)).toMatchObject({
    type: 'checked',
    findings: [{ type: 'context-small', weight: 'advises' }],
  });
  server.routes = { '/api/tags': { models: [] } };
  expect(await checkModel(small, options)).toMatchObject({
    findings: [{ type: 'model-missing', weight: 'blocks', remedy: expect.stringContaining('ollama pull') }],
  });
});
