import type { SnapshotPolicy } from '#host/store/snapshot-policy.ts';
import { openStore, type Store } from '#host/store/store.ts';
import { storeFiles } from '#host/store/store-files.ts';
import type { projections } from '#host/store-worker.ts';
import type { SessionID } from '#shared/ids.ts';

/** A store as the host opens it, with every room's tables. */
export type BenchStore = Store<typeof projections>;

/**
 * @param policy when snapshots are made, where it differs from the usual.
 * @param files the worker's program: the sources by default, which take longer to load than what is built.
 */
export function openBenchStore(
  directory: string,
  policy: Partial<SnapshotPolicy> = {},
  files = storeFiles(),
): Promise<BenchStore> {
  const quiet = (): void => undefined;
  return openStore<typeof projections>({
    ...files,
    directory,
    policy,
    ownership: 'refuse',
    surface: 'bench',
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      after: () => ({ [Symbol.dispose]: quiet }),
    },
    log: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    onNotice: quiet,
    signal: new AbortController().signal,
  });
}

export async function createSession(store: BenchStore, sessionID: SessionID): Promise<void> {
  const tokens = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
  const time = { created: 0, updated: 0 };
  const info = { id: sessionID, directory: '/bench', title: 'Bench', version: '0', cost: 0, tokens, time };
  await store.commit([{ type: 'session.created', info }]);
}
