import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Where the worker's entry file and SQLite's WebAssembly are: beside the bundle in `dist/`, or in the source
 * tree when the host runs from source. `base` is the URL of this very module.
 */
export function storeFiles(base: string = import.meta.url): StoreFiles {
  if (base.endsWith('.ts')) {
    const wasm = createRequire(base).resolve('sql.js/dist/sql-wasm.wasm');
    return { workerUrl: new URL('../store-worker.ts', base), wasmUrl: pathToFileURL(wasm) };
  }
  // The bundler puts shared code into a folder of its own.
  const dist = new URL(base.includes('/chunks/') ? '..' : '.', base);
  return { workerUrl: new URL('store-worker.js', dist), wasmUrl: new URL('sql-wasm.wasm', dist) };
}

export interface StoreFiles {
  /** The entry file that calls `runStore`. */
  readonly workerUrl: URL;
  /** `sql-wasm.wasm` */
  readonly wasmUrl: URL;
}
