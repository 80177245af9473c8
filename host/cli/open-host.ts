import { HostError, hasCode } from '#shared/host-error.ts';
import { cliStorage, maxStores } from '../folder-stores.ts';
import { type Host, openHost } from '../host.ts';
import type { Ports } from '../ports/ports.ts';

export interface CliHostOptions {
  readonly ports: Ports;
  /** Real path of the folder. */
  readonly directory: string;
  readonly version: string;
}

/**
 * Opens a host for a folder under `$XDG_DATA_HOME/millrace`. A store has one owner: runs that are under way at the same
 * time in one folder get stores side by side, the first that is free.
 * @throws HostError `cli.busy`
 */
export async function openCliHost(options: CliHostOptions): Promise<Host> {
  const { ports, directory } = options;
  for (let number = 1; number <= maxStores; number++) {
    const host = await openAt(cliStorage(directory, number, ports), options, 'owner').catch(
      (error: unknown) => {
        if (hasCode(error, 'store.locked')) return undefined;
        throw error;
      },
    );
    if (host) return host;
  }
  throw new HostError('cli.busy', `${maxStores} runs are under way in ${directory}: wait for one to end.`);
}

/**
 * Opens a host on a storage folder that somebody else may have made, to change a session there.
 * @throws HostError `session.owned` where another process has it open: it says which, and what to do
 */
export async function openStorage(
  { storage, sessionID }: { readonly storage: string; readonly sessionID: string },
  options: CliHostOptions,
): Promise<Host> {
  try {
    return await openAt(storage, options, 'guest');
  } catch (error) {
    if (!hasCode(error, 'store.locked')) throw error;
    const { pid = 0, surface = '' } = error.data;
    throw new HostError(
      'session.owned',
      `${surface || 'Another process'} (process ${pid}) works on the history that the session ${sessionID} lies in. Go on with it there, or close that first. Nothing was changed.`,
      { data: { pid, surface }, cause: error },
    );
  }
}

function openAt(
  storage: string,
  { ports, directory, version }: CliHostOptions,
  standing: 'owner' | 'guest',
): Promise<Host> {
  return openHost({
    ports,
    storage,
    standing,
    directories: [directory],
    ownership: 'refuse',
    lifetime: 'short',
    // Whoever asks for one thing must not set other sessions going.
    resumes: 'nothing',
    version,
    signal: new AbortController().signal,
  });
}
