import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gunzip, gzip } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { steppedClock } from '../context/testing/stepped-clock.ts';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodeFiles } from '../node/files.ts';
import { createLog } from '../node/log.ts';
import { type CatalogData, type CatalogDataOptions, openCatalogData } from './catalog-data.ts';
import { createModelsCache } from './models-cache.ts';
import { writeModelsFile } from './models-file.ts';
import { modelWith, providerWith, servedWith } from './testing/small-catalog.ts';

const served = (name: string, day: string) =>
  servedWith({ lab: providerWith({ id: 'lab', models: { m: modelWith({ name, last_updated: day }) } }) });

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A models.dev of our own, over real HTTP. */
async function startServer(answer: Answer) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api.json`;
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url };
}

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function fresh(name: string, day: string, etag?: string): Answer {
  return (request, response) => {
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, etag === undefined ? {} : { etag }).end(JSON.stringify(served(name, day)));
  };
}

const hour = 3_600_000;
const compress = promisify(brotliCompress);

interface Place {
  readonly path: string;
  readonly logged: string[];
  readonly damaged: string[];
  readonly stepped: ReturnType<typeof steppedClock>;
  open(more?: Partial<CatalogDataOptions>): CatalogData;
}

function placeOf(name: string): Place {
  const path = join(tempFolder(name), 'cache', 'models-dev.json.gz');
  const logged: string[] = [];
  const damaged: string[] = [];
  const stepped = steppedClock(1_790_000_000_000);
  const log = createLog({ write: (line) => logged.push(line), level: 'trace', now: stepped.clock.now });
  const usual: CatalogDataOptions = {
    bundled: async () => compress(writeModelsFile(served('bundled', '2026-03-03'))),
    cache: createModelsCache({ path, files: nodeFiles }),
    clock: stepped.clock,
    log,
    onDamaged: (at) => damaged.push(at),
  };
  return { path, logged, damaged, stepped, open: (more = {}) => openCatalogData({ ...usual, ...more }) };
}

const nameIn = async (data: CatalogData) => (await data.current()).models('lab').get('m')?.name;

test('without a network there is what came with Millrace, and asking costs nothing (LM-05)', async () => {
  const place = placeOf('catalog-bundled');
  await using data = place.open();
  expect(await nameIn(data)).toBe('bundled');
  expect(await data.current()).toBe(await data.current());
  expect(data.lastRefresh).toEqual({ type: 'never' });
  expect(await data.refresh()).toMatchObject({ type: 'failed' });
});

test('what models.dev has is fetched in the background, told, and there at the next start (LM-05)', async () => {
  const place = placeOf('catalog-fetched');
  const server = await startServer(fresh('fetched', '2026-04-04', '"v1"'));
  const online = { fetch, url: server.url };
  {
    await using data = place.open(online);
    const changed = Promise.withResolvers<void>();
    using _listener = data.onChange(changed.resolve);
    expect(await nameIn(data)).toBe('bundled');
    await changed.promise;
    expect(await nameIn(data)).toBe('fetched');
    expect(await data.refresh()).toEqual({ type: 'unchanged', at: place.stepped.clock.now() });
  }
  await using next = place.open();
  expect(await nameIn(next)).toBe('fetched');
});

test('models.dev is asked at most once in some hours, with the name of what is there', async () => {
  const place = placeOf('catalog-hours');
  const server = await startServer(fresh('fetched', '2026-04-04', '"v1"'));
  const online = { fetch, url: server.url };
  {
    await using first = place.open(online);
    await first.refresh();
    await first.current();
  }
  place.stepped.elapse(5 * hour);
  {
    await using second = place.open(online);
    await second.current();
    expect(second.lastRefresh.type).toBe('never');
  }
  place.stepped.elapse(2 * hour);
  await using third = place.open(online);
  await third.current();
  expect(await third.refresh()).toMatchObject({ type: 'unchanged' });
  expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"v1"']);
  await third.current();
  expect(third.lastRefresh.type).toBe('unchanged');
});

test('no answer, a bad one and one without an end leave what is there, and say why to who asks', async () => {
  const place = placeOf('catalog-offline');
  const answers: Record<string, Answer> = {
    'status 500': (_, response) => void response.writeHead(500).end(),
    JSON: (_, response) => void response.writeHead(200).end('<html>sign in to this hotel</html>'),
    'not a catalogue': (_, response) => void response.writeHead(200).end('{"error": "moved"}'),
    // The connection is closed: words differ.
    '': (request) => void request.socket.destroy(),
  };
  for (const [words, answer] of Object.entries(answers)) {
    const { url } = await startServer(answer);
    await using data = place.open({ fetch, url });
    const refresh = await data.refresh();
    expect(refresh).toMatchObject({ type: 'failed', reason: expect.stringContaining(words) });
    expect(await nameIn(data)).toBe('bundled');
  }
});

test('a failure is not repeated within the hour', async () => {
  const place = placeOf('catalog-again');
  const server = await startServer((_, response) => void response.writeHead(503).end());
  await using data = place.open({ fetch, url: server.url });
  await data.refresh();
  await data.current();
  place.stepped.elapse(hour - 1);
  await data.current();
  expect(data.lastRefresh.type).toBe('failed');
  place.stepped.elapse(1);
  await data.current();
  expect(data.lastRefresh.type).toBe('running');
  await data.refresh();
  expect(server.requests).toHaveLength(2);
});

test('an answer that takes too long, or too much, is given up', async () => {
  const place = placeOf('catalog-slow');
  const begun = Promise.withResolvers<void>();
  const slow = await startServer((_, response) => {
    response.writeHead(200);
    response.write('{', () => begun.resolve());
  });
  await using data = place.open({ fetch, url: slow.url });
  const refresh = data.refresh();
  await begun.promise;
  place.stepped.elapse(30_000);
  expect(await refresh).toMatchObject({ type: 'failed', reason: 'No whole answer within 30 s.' });
  expect(place.stepped.waiting).toEqual([]);
  const endless = () =>
    Promise.resolve(
      new Response(ReadableStream.from(Array.from({ length: 40 }, () => new Uint8Array(1024 * 1024)))),
    );
  await using other = place.open({ fetch: endless });
  expect(await other.refresh()).toMatchObject({ reason: expect.stringContaining('longer than') });
});

test('closing gives up what is under way, and waits for it', async () => {
  const place = placeOf('catalog-closed');
  const asked = Promise.withResolvers<void>();
  const server = await startServer(() => asked.resolve());
  const data = place.open({ fetch, url: server.url });
  const refresh = data.refresh();
  await asked.promise;
  await data[Symbol.asyncDispose]();
  expect(await refresh).toMatchObject({ type: 'failed' });
  expect(await nameIn(data)).toBe('bundled');
  expect(server.requests).toHaveLength(1);
});

test('a damaged cache is put aside and told, and what came with Millrace stands in (LM-05)', async () => {
  const whole = await promisify(gzip)(writeModelsFile(served('cached', '2026-05-05')));
  const other = await promisify(gzip)('{"format":"something-else"}\n');
  for (const bytes of [whole.subarray(0, whole.length / 2), Buffer.from('garbage'), other]) {
    const place = placeOf('catalog-damaged');
    await mkdir(join(place.path, '..'));
    await writeFile(place.path, bytes);
    await using data = place.open();
    expect(await nameIn(data)).toBe('bundled');
    expect(place.damaged).toEqual([`${place.path}.damaged`]);
    expect(await readFile(`${place.path}.damaged`)).toEqual(Buffer.from(bytes));
    await expect(readFile(place.path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(place.logged.join()).toContain('was damaged and was put aside');
  }
});

test('of the bundled and the fetched catalogue the newer counts', async () => {
  const place = placeOf('catalog-newer');
  await mkdir(join(place.path, '..'));
  await writeFile(place.path, await promisify(gzip)(writeModelsFile(served('old', '2026-01-01'))));
  await using data = place.open();
  expect(await nameIn(data)).toBe('bundled');
  expect(place.damaged).toEqual([]);
});

test('where what came with Millrace cannot be read, the rest goes on without', async () => {
  const place = placeOf('catalog-none');
  await using data = place.open({ bundled: () => Promise.reject(new Error('gone')) });
  expect((await data.current()).providers).toEqual([]);
  expect(place.logged.join()).toContain('cannot be read');
});

test('two processes share one cache: what one has fetched the other takes, and neither breaks the file', async () => {
  const place = placeOf('catalog-two');
  const server = await startServer(fresh('fetched', '2026-04-04', '"v1"'));
  const online = { fetch, url: server.url };
  await using one = place.open(online);
  await using two = place.open(online);
  await Promise.all([one.current(), two.current()]);
  await one.refresh();
  await two.refresh();
  expect(await nameIn(two)).toBe('fetched');
  const asked = server.requests.length;
  place.stepped.elapse(7 * hour);
  await one.refresh();
  expect(await two.refresh()).toMatchObject({ type: 'updated' });
  expect(server.requests).toHaveLength(asked + 1);
  expect((await promisify(gunzip)(await readFile(place.path))).toString()).toContain('"fetched"');
});

test('a listener that fails does not keep the others from hearing', async () => {
  const place = placeOf('catalog-listeners');
  const server = await startServer(fresh('fetched', '2026-04-04'));
  await using data = place.open({ fetch, url: server.url });
  let heard = 0;
  using _bad = data.onChange(() => {
    throw new Error('bad listener');
  });
  using _good = data.onChange(() => {
    heard += 1;
  });
  data.onChange(() => expect.fail('is gone'))[Symbol.dispose]();
  await data.refresh();
  expect(heard).toBe(1);
});
