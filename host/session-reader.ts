import { join } from 'node:path';
import type { SessionID } from '#shared/ids.ts';
import type { Notice } from '#shared/notice.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import type { Ports } from './ports/ports.ts';
import { allMessages, exportSession } from './session/manage/export-session.ts';
import type { SessionFile } from './session/manage/session-file.ts';
import { openStore } from './store/store.ts';
import { storeFiles } from './store/store-files.ts';
import type { projections } from './store-worker.ts';

/** The sessions of a store that may be another process's: nothing there is changed, claimed or mended. */
export interface SessionReader extends AsyncDisposable {
  /** Why what is read may not be all there is: damage, or a newer format. */
  readonly trouble: readonly Notice[];
  /** All sessions, the one changed last first. */
  sessions(): Promise<readonly Session[]>;
  /** Every message, in order, those that were compacted or taken back too. */
  messages(id: SessionID): Promise<readonly MessageWithParts[]>;
  export(id: SessionID): Promise<SessionFile>;
}

export interface ReaderOptions {
  readonly storage: string;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'environment'>;
  /** As of `openStore`. */
  readonly lifetime: 'long' | 'short';
  readonly signal: AbortSignal;
}

/**
 * Opens the store in a storage folder for reading.
 * @throws HostError `store.absent` where there is none, or those of `openStore`
 */
export async function openReader(options: ReaderOptions): Promise<SessionReader> {
  const { storage, ports, lifetime, signal } = options;
  const { clock, log, environment } = ports;
  const trouble: Notice[] = [];
  const store = await openStore<typeof projections>({
    directory: join(storage, 'store'),
    ...storeFiles(),
    ownership: 'read',
    lifetime,
    surface: environment.surface,
    clock,
    log,
    onNotice: (notice) => trouble.push(notice),
    signal,
  });
  return {
    get trouble() {
      const { state } = store;
      return state.type === 'read-only' && state.code !== 'store.reading' ? [...trouble] : [];
    },
    sessions: () => store.read('session.list'),
    messages: (id) => allMessages(id, store),
    export: (id) => exportSession(id, { store }),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
