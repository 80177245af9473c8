import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdLock } from './build-lock.ts';

test('a second holder waits until the first lets go', async () => {
  await using place = await makePlace();
  const first = await holdLock(place.file, { onWait: unexpected, signal: AbortSignal.timeout(5_000) });
  const waiting = Promise.withResolvers<void>();
  const order: string[] = [];
  const second = holdLock(place.file, {
    onWait: () => waiting.resolve(),
    signal: AbortSignal.timeout(5_000),
  });
  const got = second.then(() => void order.push('second has it'));
  await waiting.promise;
  order.push('first lets go');
  await first[Symbol.asyncDispose]();
  await got;
  expect(order).toEqual(['first lets go', 'second has it']);
  await (await second)[Symbol.asyncDispose]();
});

test('a lock that its dead owner no longer touches is taken over', async () => {
  await using place = await makePlace();
  await writeFile(place.file, '1');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(place.file, longAgo, longAgo);
  await using _lock = await holdLock(place.file, { onWait: ignore, signal: AbortSignal.timeout(5_000) });
  expect((await stat(place.file)).mtimeMs).toBeGreaterThan(longAgo.getTime());
});

test('waiting ends with the reason of the signal', async () => {
  await using place = await makePlace();
  await using _first = await holdLock(place.file, { onWait: unexpected, signal: AbortSignal.timeout(5_000) });
  const abort = new AbortController();
  const second = holdLock(place.file, {
    onWait: () => abort.abort(new Error('enough')),
    signal: abort.signal,
  });
  await expect(second).rejects.toThrow('enough');
});

async function makePlace() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  return {
    file: join(folder, 'some.lock'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function unexpected(): void {
  throw new Error('Nobody else holds the lock.');
}

function ignore(): undefined {
  return undefined;
}
