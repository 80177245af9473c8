import { tempFolder } from '../../location/testing/temp-folder.ts';
import { nodeClock } from '../../node/clock.ts';
import { createLog } from '../../node/log.ts';
import { openStore, type Store } from '../../store/store.ts';
import { storeFiles } from '../../store/store-files.ts';
import type { projections } from '../../store-worker.ts';

/** A real store of sessions, in a temporary folder unless one is named. */
export function openSessionStore(directory = tempFolder('sessions')): Promise<Store<typeof projections>> {
  return openStore<typeof projections>({
    directory,
    ...storeFiles(),
    ownership: 'refuse',
    surface: 'test',
    clock: nodeClock,
    log: createLog({ write: () => undefined, level: 'error', now: () => 0 }),
    onNotice: () => undefined,
    signal: new AbortController().signal,
  });
}
