import { expect, test } from 'vitest';
import { loadOnce } from './load-once.ts';

function thing() {
  let disposals = 0;
  return {
    disposals: () => disposals,
    async [Symbol.asyncDispose]() {
      disposals++;
    },
  };
}

test('it is opened once, and again only after a failure', async () => {
  const opened = thing();
  let opens = 0;
  const loader = loadOnce(async () => {
    if (++opens === 1) throw new Error('not yet');
    return opened;
  });
  await expect(loader.load()).rejects.toThrow('not yet');
  expect(await loader.load()).toBe(opened);
  expect(await loader.load()).toBe(opened);
  expect(opens).toBe(2);
});

test('closing gives up an opening that is under way', async () => {
  const loader = loadOnce<AsyncDisposable>(
    (signal) => new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason))),
  );
  const loading = expect(loader.load()).rejects.toMatchObject({ code: 'host.closed' });
  await loader[Symbol.asyncDispose]();
  await loading;
});

test('what finishes opening after the close is disposed, once', async () => {
  const gate = Promise.withResolvers<ReturnType<typeof thing>>();
  const opened = thing();
  const loader = loadOnce(() => gate.promise);
  const loading = loader.load();
  const closing = [loader[Symbol.asyncDispose](), loader[Symbol.asyncDispose]()];
  gate.resolve(opened);
  await Promise.all([loading, ...closing]);
  expect(opened.disposals()).toBe(1);
});

test('nothing is opened any more once it is closed', async () => {
  let opens = 0;
  const loader = loadOnce(async () => {
    opens++;
    return thing();
  });
  await loader[Symbol.asyncDispose]();
  await expect(loader.load()).rejects.toMatchObject({ code: 'host.closed' });
  expect(opens).toBe(0);
});
