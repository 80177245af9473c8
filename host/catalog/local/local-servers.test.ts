import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { steppedClock } from '../../context/testing/stepped-clock.ts';
import type { Place } from '../../llm/local/probe.ts';
import {
  llamaCpp,
  lmStudio,
  nobody,
  ollama,
  type Routes,
  serve,
  vllm,
} from '../../llm/testing/local-servers.ts';
import { tempFolder } from '../../location/testing/temp-folder.ts';
import { nodeFiles } from '../../node/files.ts';
import { createLog } from '../../node/log.ts';
import { nodeTextFiles } from '../../node/text-files.ts';
import { type LocalServers, type LocalServersOptions, openLocalServers } from './local-servers.ts';
import { createServersFile } from './servers-file.ts';

const { signal } = new AbortController();

function machine(name: string) {
  const folder = join(tempFolder(name), 'cache');
  const path = join(folder, 'local-servers.json');
  const lines: string[] = [];
  const stepped = steppedClock();
  const log = createLog({ write: (line) => lines.push(line), level: 'warn', now: () => 0 });
  const makeFolder = async () => {
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const file = createServersFile({ folder, makeFolder, files: nodeFiles, textFiles: nodeTextFiles, log });
  return {
    path,
    lines,
    stepped,
    file,
    async open(places: readonly Place[], more: Partial<LocalServersOptions> = {}): Promise<LocalServers> {
      const servers = await openLocalServers({
        file,
        clock: stepped.clock,
        log,
        isOn: () => true,
        places,
        ...more,
      });
      onTestFinished(() => servers[Symbol.asyncDispose]());
      return servers;
    },
  };
}

/** What is offered, and in brackets what is only known. */
function told({ latest }: LocalServers): string[] {
  return latest.providers.flatMap(({ id, models }) =>
    [...models].map(([name, { status }]) => (status === 'hidden' ? `(${id}/${name})` : `${id}/${name}`)),
  );
}

const modelsOf = (...ids: readonly string[]): Routes => ({
  '/v1/models': { data: ids.map((id) => ({ id, owned_by: 'vllm' })) },
});

test('nobody is asked until somebody wants to know, and then it is told and remembered (LM-03)', async () => {
  const { open, path } = machine('local-found');
  const places = [{ kind: 'ollama', origin: await serve(ollama) } as const];
  const servers = await open(places);
  expect(told(servers)).toEqual([]);
  let changes = 0;
  using _listener = servers.onChange(() => {
    changes += 1;
  });
  await servers.look(signal);
  expect(told(servers)).toEqual(['ollama/qwen3:8b', 'ollama/llama3:latest']);
  const before = servers.latest;
  await servers.look(signal);
  expect(servers.latest).toBe(before);
  expect(changes).toBe(1);
  // At the next start it is there before anybody was asked.
  const next = await open(places, { fetch: () => Promise.reject(new Error('asked')) });
  expect(told(next)).toEqual(told(servers));
  expect(existsSync(path)).toBe(true);
});

test('what is found is told as it comes: a server that keeps silent holds up nobody (LM-03)', async () => {
  const { open, stepped } = machine('local-slow');
  const reached = Promise.withResolvers<void>();
  const silent = await serve(() => reached.resolve());
  const servers = await open([
    { kind: 'ollama', origin: silent },
    { kind: 'vllm', origin: await serve(vllm) },
  ]);
  const changed = Promise.withResolvers<void>();
  using _listener = servers.onChange(changed.resolve);
  const look = servers.look(signal);
  await changed.promise;
  expect(told(servers)).toEqual(['vllm/Qwen/Qwen3-8B']);
  await reached.promise;
  // Whoever stops waiting ends nobody else's look.
  const impatient = new AbortController();
  const waiting = servers.look(impatient.signal);
  impatient.abort('enough');
  await expect(waiting).rejects.toBe('enough');
  stepped.elapse(1500);
  await look;
  expect(stepped.waiting).toEqual([]);
});

test('a server and a model that went are known and not offered, until they are back (LM-03)', async () => {
  const { open } = machine('local-gone');
  let routes: Routes = modelsOf('a', 'b');
  const origin = await serve((request, response) => {
    const route = routes[request.url ?? ''];
    response.writeHead(route ? 200 : 404).end(JSON.stringify(route ?? {}));
  });
  const servers = await open([{ kind: 'vllm', origin }]);
  await servers.look(signal);
  routes = modelsOf('b', 'c');
  await servers.look(signal);
  expect(told(servers)).toEqual(['vllm/b', 'vllm/c', '(vllm/a)']);
  routes = {};
  await servers.look(signal);
  expect(told(servers)).toEqual(['(vllm/b)', '(vllm/c)', '(vllm/a)']);
  const next = await open([{ kind: 'vllm', origin }]);
  expect(told(next)).toEqual(told(servers));
  routes = modelsOf('a');
  await next.look(signal);
  expect(told(next)).toEqual(['vllm/a', '(vllm/b)', '(vllm/c)']);
});

test('two servers of one kind have two names, one at another kind’s port its own (LM-03)', async () => {
  const { open } = machine('local-two');
  const [usual, other, unknown] = await Promise.all(
    [llamaCpp, llamaCpp, { '/v1/models': { data: [{ id: 'm' }] } }].map(serve),
  );
  const servers = await open([
    { kind: 'llama.cpp', origin: `${usual}` },
    { kind: 'vllm', origin: `${other}` },
    { kind: 'lm-studio', origin: await serve(lmStudio) },
    { kind: 'docker-model-runner', origin: await nobody() },
  ]);
  await servers.look(signal);
  const port = new URL(`${other}`).port;
  expect(told(servers)).toEqual(
    expect.arrayContaining(['llama.cpp/gemma', `llama.cpp-${port}/gemma`, 'lmstudio/qwen', 'lmstudio/plain']),
  );
  const strange = await machine('local-strange').open([{ kind: 'vllm', origin: `${unknown}` }]);
  await strange.look(signal);
  expect(told(strange)).toEqual([`local-${new URL(`${unknown}`).port}/m`]);
});

test('switched off, nobody is asked and nothing offered, and what is known can be asked (LM-03)', async () => {
  const { open } = machine('local-off');
  const requests: string[] = [];
  const origin = await serve((request, response) => {
    requests.push(request.url ?? '');
    response.end(JSON.stringify(vllm['/v1/models']));
  });
  let isOn = true;
  const servers = await open([{ kind: 'vllm', origin }], { isOn: () => isOn });
  await servers.look(signal);
  expect(told(servers)).toEqual(['vllm/Qwen/Qwen3-8B']);
  requests.length = 0;
  isOn = false;
  const changed = Promise.withResolvers<void>();
  using _listener = servers.onChange(changed.resolve);
  await servers.look(signal);
  await changed.promise;
  expect(told(servers)).toEqual(['(vllm/Qwen/Qwen3-8B)']);
  expect(requests).toEqual([]);
});

test('more models than anybody chooses from are neither offered nor remembered (LM-03)', async () => {
  const { open, path } = machine('local-many');
  const ids = Array.from({ length: 10_000 }, (_, index) => `model-${index}`);
  const servers = await open([{ kind: 'vllm', origin: await serve(modelsOf(...ids)) }]);
  await servers.look(signal);
  expect(told(servers)).toHaveLength(500);
  expect(readFileSync(path, 'utf8').length).toBeLessThan(100_000);
});

test('what is no list of models is not taken for one: too long, a web page, a way to somewhere else (LM-03)', async () => {
  const { open, lines } = machine('local-hostile');
  let isLed = false;
  const elsewhere = await serve((_request, response) => {
    isLed = true;
    response.end(JSON.stringify(vllm['/v1/models']));
  });
  const long = JSON.stringify({ data: [{ id: 'm', owned_by: 'vllm', filler: 'x'.repeat(8_000_000) }] });
  const origins = await Promise.all(
    [
      { status: 200, body: long },
      { status: 200, body: '<html>not a server</html>' },
      { status: 307, body: '' },
    ].map(({ status, body }) =>
      serve((_request, response) => {
        response.writeHead(status, { location: `${elsewhere}/v1/models` }).end(body);
      }),
    ),
  );
  const servers = await open(origins.map((origin) => ({ kind: 'vllm', origin })));
  await servers.look(signal);
  expect([told(servers), isLed, lines]).toEqual([[], false, []]);
});

test.each([
  ['torn', '{"format":"millrace-local-servers","version":1,"servers":[{'],
  ['of another version', '{"format":"millrace-local-servers","version":9,"servers":[]}'],
  ['too large', 'x'.repeat(5_000_000)],
])('a list that is %s is passed over, and made anew by the next look', async (_what, text) => {
  const { open, path, file } = machine('local-damaged');
  await file.write([]);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  const servers = await open([{ kind: 'vllm', origin: await serve(vllm) }]);
  expect(told(servers)).toEqual([]);
  await servers.look(signal);
  expect(JSON.parse(readFileSync(path, 'utf8')).servers).toHaveLength(1);
});

test('an address in the list that is not of this machine is passed over', async () => {
  const { open, path, file } = machine('local-led');
  const model = { id: 'm', isThere: true };
  const server = { kind: 'vllm', baseURL: 'http://127.0.0.1:1/v1', isThere: true, models: [model] } as const;
  await file.write([server]);
  writeFileSync(path, readFileSync(path, 'utf8').replace('http://127.0.0.1:1', 'https://evil.test'));
  expect(told(await open([]))).toEqual([]);
});

test('what another window has learned meanwhile stays known', async () => {
  const { open } = machine('local-windows');
  const [mine, theirs] = await Promise.all([modelsOf('mine'), modelsOf('theirs')].map(serve));
  const one = await open([{ kind: 'vllm', origin: `${mine}` }]);
  const other = await open([{ kind: 'vllm', origin: `${theirs}` }]);
  await one.look(signal);
  await other.look(signal);
  expect(told(other)).toContain('vllm/theirs');
  await one.look(signal);
  const port = new URL(`${theirs}`).port;
  expect(told(one)).toEqual([`(vllm-${port}/theirs)`, 'vllm/mine']);
});

test('closing gives up a look that is under way, and a disk that fails takes nothing away (LM-03)', async () => {
  const { open, lines, file } = machine('local-closing');
  const reached = Promise.withResolvers<void>();
  const servers = await open([{ kind: 'vllm', origin: await serve(() => reached.resolve()) }]);
  const look = servers.look(signal);
  await reached.promise;
  await servers[Symbol.asyncDispose]();
  await look;
  expect(lines).toEqual([]);
  const full = { ...file, write: () => Promise.reject(new Error('the disk is full')) };
  const next = await open([{ kind: 'vllm', origin: await serve(vllm) }], { file: full });
  await next.look(signal);
  expect(told(next)).toEqual(['vllm/Qwen/Qwen3-8B']);
  expect(lines.join()).toContain('the disk is full');
});
