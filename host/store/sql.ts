import { readFile } from 'node:fs/promises';
import initSqlJs from 'sql.js';

export type Sql = Awaited<ReturnType<typeof initSqlJs>>;

/** Compiles SQLite. `wasmUrl` names `sql-wasm.wasm`; nothing else is looked for or fetched. */
export async function loadSql(wasmUrl: URL): Promise<Sql> {
  const bytes = await readFile(wasmUrl);
  return initSqlJs({ wasmBinary: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) });
}
