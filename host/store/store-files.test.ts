import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storeFiles } from './store-files.ts';

test('from source, the worker is the entry file and SQLite that of the package', () => {
  const { workerUrl, wasmUrl } = storeFiles();
  expect(workerUrl.pathname.endsWith('/host/store-worker.ts')).toBe(true);
  expect([existsSync(workerUrl), existsSync(wasmUrl)]).toEqual([true, true]);
});

test('in the bundle, both stand in dist, whichever file the code was put into', () => {
  for (const base of ['file:///x/dist/host.js', 'file:///x/dist/chunks/store-ABC.js']) {
    expect(storeFiles(base)).toEqual({
      workerUrl: new URL('file:///x/dist/store-worker.js'),
      wasmUrl: new URL('file:///x/dist/sql-wasm.wasm'),
    });
  }
});
