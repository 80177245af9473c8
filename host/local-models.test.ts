import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fetch } from './llm/framing/exchange.ts';
import type { Place } from './llm/local/probe.ts';
import { ollama, vllm } from './llm/testing/local-servers.ts';
import type { LocalLook } from './local-servers.ts';
import { type ScriptedServer, serveModels } from './testing/local-server.ts';
import { lastTurn } from './testing/read-view.ts';
import { openTestHost, scripted, type TestHost } from './testing/test-host.ts';

// Model servers of this machine, through the whole host: real HTTP, a real store.

const { signal } = new AbortController();
const qwen = { providerID: 'vllm', modelID: 'Qwen/Qwen3-8B' };
const small = { providerID: 'ollama', modelID: 'qwen3:8b' };

function lookAt(places: readonly Place[], more: Partial<LocalLook> = {}): LocalLook {
  return { isOn: () => true, places, ...more };
}

const atVllm = ({ origin }: ScriptedServer): Place => ({ kind: 'vllm', origin });
const atOllama = ({ origin }: ScriptedServer): Place => ({ kind: 'ollama', origin });

async function offered({ host, workspace }: TestHost): Promise<readonly string[]> {
  const { models } = await host.choices(workspace);
  return models
    .map(({ ref }) => `${ref.providerID}/${ref.modelID}`)
    .filter((name) => !name.startsWith('scripted'));
}

/** Waits for what a background look is about to tell. */
async function untilOffered(rig: TestHost, name: string): Promise<void> {
  for (;;) {
    const changed = Promise.withResolvers<void>();
    using _listener = rig.host.onCatalogChange(changed.resolve);
    if ((await offered(rig)).includes(name)) return;
    await changed.promise;
  }
}

const local = ({ host }: TestHost) => host.notices().filter(({ key }) => key.startsWith('local:'));

test('a server is found once the host is open, and a session can use what it has (LM-03)', async () => {
  const server = await serveModels(vllm);
  await using rig = await openTestHost({ localServers: lookAt([atVllm(server)]) });
  await untilOffered(rig, 'vllm/Qwen/Qwen3-8B');
  expect(lastTurn(await rig.run('hello', { model: qwen }))).toMatchObject({
    finish: 'stop',
    providerID: 'vllm',
  });
  expect(local(rig)).toEqual([]);
});

test('nothing waits for a look: neither the start nor a prompt nor the choices (LM-03)', async () => {
  const asked = Promise.withResolvers<void>();
  const never: Fetch = (_url, init) => {
    asked.resolve();
    return new Promise((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  };
  const localServers = lookAt([{ kind: 'vllm', origin: 'http://127.0.0.1:1' }], { fetch: never });
  await using rig = await openTestHost({ localServers });
  await asked.promise;
  expect(await offered(rig)).toEqual([]);
  expect(lastTurn(await rig.run('hello')).finish).toBe('stop');
});

test('after a restart what was found is there at once, and who is gone is told as such (LM-03, LM-14)', async () => {
  const server = await serveModels(vllm);
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  const held: Fetch = async (url, init) => {
    if (isHeld) await gate.promise;
    return fetch(url, init);
  };
  await using rig = await openTestHost({ localServers: lookAt([atVllm(server)], { fetch: held }) });
  await untilOffered(rig, 'vllm/Qwen/Qwen3-8B');
  const { sessionID } = await rig.prompt('hello', { model: qwen });
  await rig.host.sessions.awaitIdle(sessionID);
  await rig.host.localServers.look(signal);
  isHeld = true;
  await rig.reopen();
  expect(await offered(rig)).toEqual(['vllm/Qwen/Qwen3-8B']);
  expect(lastTurn(await rig.run('again', { sessionID, model: qwen })).finish).toBe('stop');
  server.routes = {};
  gate.resolve();
  await rig.host.localServers.look(signal);
  expect(await offered(rig)).toEqual([]);
  expect(lastTurn(await rig.run('once more', { sessionID, model: qwen })).finish).toBe('stop');
});

test('without the wish for it, and with a short life, nobody is asked (HL-09)', async () => {
  const server = await serveModels(vllm);
  await using rig = await openTestHost({
    userConfig: {
      provider: {
        vllm: {
          npm: '@ai-sdk/openai-compatible',
          options: { baseURL: `${server.origin}/v1` },
          models: { [qwen.modelID]: {} },
        },
      },
    },
  });
  expect(lastTurn(await rig.run('hello', { model: qwen })).finish).toBe('stop');
  await rig.reopen();
  expect(server.paths).toEqual(['/v1/chat/completions']);
});

test('switched off, this machine is not looked at (LM-03)', async () => {
  const server = await serveModels(vllm);
  await using rig = await openTestHost({ localServers: lookAt([atVllm(server)], { isOn: () => false }) });
  await rig.host.localServers.look(signal);
  expect(await offered(rig)).toEqual([]);
  expect(server.paths).toEqual([]);
});

test('what keeps a local model small is told when a session first uses it, and goes when it is mended (LM-14)', async () => {
  const server = await serveModels(ollama);
  await using rig = await openTestHost({ localServers: lookAt([atOllama(server)]) });
  await untilOffered(rig, 'ollama/qwen3:8b');
  const { sessionID } = await rig.prompt('hello', { model: small });
  const { properties } = await rig.event(
    'notice.raised',
    (event) => event.properties.notice.code === 'local.advice',
  );
  expect(properties.notice.data['0']).toBe('ollama/qwen3:8b');
  expect(properties.notice.data['1']).toContain('gives qwen3:8b 4,096 tokens of context');
  expect(properties.notice.data['2']).toContain('OLLAMA_CONTEXT_LENGTH=32768');
  await rig.host.sessions.awaitIdle(sessionID);
  server.routes = { ...ollama, '/api/ps': { models: [{ name: 'qwen3:8b', context_length: 40_960 }] } };
  const cleared = rig.event('notice.cleared', ({ properties: { key } }) => key.startsWith('local:'));
  // Another session's first turn looks again.
  await rig.run('hello too', { model: small });
  await cleared;
  expect(local(rig)).toEqual([]);
});

test('a model that is loaded for its first turn is judged after that (LM-14)', async () => {
  const untold = { '/api/ps': { models: [] }, '/api/show': { capabilities: ['completion', 'tools'] } };
  const server = await serveModels({ ...ollama, ...untold });
  await using rig = await openTestHost({ localServers: lookAt([atOllama(server)]) });
  await untilOffered(rig, 'ollama/qwen3:8b');
  await rig.run('hello', { model: small });
  await rig.event('notice.raised', ({ properties: { notice } }) => notice.code === 'local.advice');
  expect(local(rig)[0]?.data['1']).toContain('may give it only 4,096 tokens');
});

test('a turn that fails for a missing model is explained, and the next good one takes that back (LM-14)', async () => {
  const server = await serveModels(ollama);
  await using rig = await openTestHost({ localServers: lookAt([atOllama(server)]) });
  await untilOffered(rig, 'ollama/llama3:latest');
  const model = { providerID: 'ollama', modelID: 'llama3:latest' };
  const { sessionID } = await rig.prompt('hello', { model });
  await rig.host.sessions.awaitIdle(sessionID);
  server.status = 404;
  server.routes = { ...ollama, '/api/tags': { models: [{ name: 'qwen3:8b' }] } };
  expect(lastTurn(await rig.run('again', { sessionID, model })).error?.data.code).toBe('model-not-found');
  await rig.event('notice.raised', ({ properties: { notice } }) => notice.code === 'local.blocked');
  const blocked = local(rig).find(({ code }) => code === 'local.blocked');
  expect(blocked).toMatchObject({ level: 'warning', data: { '0': 'ollama/llama3:latest' } });
  expect(blocked?.data['1']).toContain('Ollama has no model "llama3:latest"');
  expect(blocked?.data['2']).toContain('ollama pull llama3:latest');
  server.status = 200;
  server.routes = ollama;
  await rig.run('and again', { sessionID, model });
  await rig.event('notice.cleared', ({ properties: { key } }) => key === blocked?.key);
});

test('a server that goes away between two turns is told, and that it is back (LM-14)', async () => {
  const server = await serveModels(vllm);
  await using rig = await openTestHost({ localServers: lookAt([atVllm(server)]) });
  await untilOffered(rig, 'vllm/Qwen/Qwen3-8B');
  const { sessionID } = await rig.prompt('hello', { model: qwen });
  await rig.host.sessions.awaitIdle(sessionID);
  server.status = 0;
  expect(lastTurn(await rig.run('again', { sessionID, model: qwen })).error?.data.code).toBe('unreachable');
  await rig.event('notice.raised', ({ properties: { notice } }) => notice.code === 'local.blocked');
  server.status = 200;
  await rig.run('once more', { sessionID, model: qwen });
  await rig.event('notice.cleared', ({ properties: { key } }) => key.startsWith('local:'));
  expect(local(rig)).toEqual([]);
});

test('nobody at home is told in words, for a configured server too, and one that only has no list is not (LM-14)', async () => {
  const server = await serveModels({});
  const at = (baseURL: string, id: string) => ({
    [id]: { npm: '@ai-sdk/openai-compatible', options: { baseURL }, models: { m: {} } },
  });
  const userConfig = {
    provider: { ...at('http://127.0.0.1:1/v1', 'gone'), ...at(`${server.origin}/v1`, 'plain') },
  };
  await using rig = await openTestHost({ userConfig, localServers: lookAt([]) });
  const answered = Promise.withResolvers<void>();
  server.gate = answered.promise;
  const { sessionID } = await rig.prompt('hello', { model: { providerID: 'plain', modelID: 'm' } });
  await expect.poll(() => server.paths).toContain('/v1/models');
  answered.resolve();
  await rig.host.sessions.awaitIdle(sessionID);
  expect(
    lastTurn(await rig.run('hello', { model: { providerID: 'gone', modelID: 'm' } })).error?.data.code,
  ).toBe('unreachable');
  await rig.event('notice.raised', ({ properties: { notice } }) => notice.code === 'local.blocked');
  const told = rig.events.flatMap((event) =>
    event.type === 'notice.raised' ? [event.properties.notice] : [],
  );
  const words = told.filter(({ key }) => key.startsWith('local:')).map(({ data }) => data['1']);
  expect(words).toEqual(['Nothing answers at http://127.0.0.1:1/v1.']);
});

test('a surface may look before anybody prompts: local, remote, unknown (LM-14)', async () => {
  const server = await serveModels(ollama);
  const remote = {
    npm: '@ai-sdk/openai-compatible',
    options: { baseURL: 'https://far.test/v1' },
    models: { m: {} },
  };
  await using rig = await openTestHost({
    userConfig: { provider: { remote } },
    localServers: lookAt([atOllama(server)]),
  });
  await untilOffered(rig, 'ollama/qwen3:8b');
  const check = (providerID: string, modelID: string) =>
    rig.host.preflight(rig.workspace, { providerID, modelID }, signal);
  expect(await check('ollama', 'qwen3:8b')).toMatchObject({
    type: 'checked',
    findings: [{ type: 'context-small', weight: 'advises', problem: expect.stringContaining('4,096') }],
  });
  expect(await check('remote', 'm')).toEqual({ type: 'remote' });
  expect(await check('remote', 'n')).toEqual({ type: 'unknown' });
  await expect(rig.host.preflight(rig.workspace, small, AbortSignal.abort('no'))).rejects.toBe('no');
});

test('a damaged memory of servers is passed over at the start', async () => {
  const server = await serveModels(vllm);
  await using rig = await openTestHost({ localServers: lookAt([atVllm(server)]) });
  await untilOffered(rig, 'vllm/Qwen/Qwen3-8B');
  await rig.host.localServers.look(signal);
  const folder = join(rig.home, '.local/share/millrace/cache');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'local-servers.json'), '{"servers": [');
  await rig.reopen();
  expect(lastTurn(await rig.run('hello', { model: scripted })).finish).toBe('stop');
  await untilOffered(rig, 'vllm/Qwen/Qwen3-8B');
});
