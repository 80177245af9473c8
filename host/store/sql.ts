import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import initSqlJs from 'sql.js';

export type Sql = Awaited<ReturnType<typeof initSqlJs>>;

/**
 * Compiles SQLite. `wasmUrl` names `sql-wasm.wasm`; nothing else is looked for or fetched.
 * For a `short` life V8 is told not to optimise SQLite's two largest functions after their first few hundred
 * steps, as it would: that compilation alone takes 20 MB. They are still optimised if the life gets long.
 */
export async function loadSql(wasmUrl: URL, lifetime: 'long' | 'short' = 'long'): Promise<Sql> {
  if (lifetime === 'long') return compileSql(wasmUrl);
  // The flag is read when a module is made; other modules of the process are not meant.
  setFlagsFromString(`--wasm-tiering-budget=${1_000_000_000}`);
  try {
    return await compileSql(wasmUrl);
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${13_000_000}`);
  }
}

async function compileSql(wasmUrl: URL): Promise<Sql> {
  const bytes = await readFile(wasmUrl);
  // sql.js asks for its folder, for a file it will not need; a module's bundle has no such variable.
  if (!('__dirname' in globalThis)) Object.assign(globalThis, { __dirname: '' });
  return initSqlJs({ wasmBinary: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) });
}
