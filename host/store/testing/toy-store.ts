import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notice } from '#shared/notice.ts';
import type { Log } from '../../ports/log.ts';
import { openStore, type Store, type StoreOptions } from '../store.ts';
import { storeFiles } from '../store-files.ts';
import type { projections } from './toy-worker.ts';

export type ToyStore = Store<typeof projections>;
export type OpenToyStore = ToyStore & {
  readonly notices: readonly Notice[];
  /** Messages of the log. */
  readonly errors: readonly string[];
};

/** A real store of notes in a worker thread, on the real disk. */
export async function openToyStore(
  directory: string,
  options: Partial<StoreOptions> = {},
): Promise<OpenToyStore> {
  const notices: Notice[] = [];
  const errors: string[] = [];
  const quiet = (): void => undefined;
  const log: Log = {
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (message) => errors.push(message),
  };
  const store = await openStore<typeof projections>({
    directory,
    workerUrl: new URL('toy-worker.ts', import.meta.url),
    wasmUrl: storeFiles(new URL('../store-files.ts', import.meta.url).href).wasmUrl,
    ownership: 'take-over',
    surface: 'test',
    clock: {
      now: () => 1_700_000_000_000,
      monotonic: () => 0,
      after: () => ({ [Symbol.dispose]: quiet }),
    },
    log,
    onNotice: (notice) => notices.push(notice),
    signal: new AbortController().signal,
    ...options,
  });
  return Object.assign(store, { notices, errors });
}

/** A folder that goes away with its test. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'millrace-store-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
