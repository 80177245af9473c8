import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { HostError, hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import { type Host, openHost } from '../host.ts';
import type { Ports } from '../ports/ports.ts';

export interface CliHostOptions {
  readonly ports: Ports;
  readonly directory: string;
  readonly version: string;
  /** Only the store that has this session will do. */
  readonly sessionID?: SessionID;
}

/** More runs than this at one time in one folder are refused. */
const maxStores = 64;

/**
 * Opens a host for a folder under `$XDG_DATA_HOME/millrace`. A store has one owner: runs that are under way at the same
 * time in one folder get stores side by side, the first that is free.
 */
export async function openCliHost({ ports, directory, version, sessionID }: CliHostOptions): Promise<Host> {
  const folder = join(dataFolder(ports), 'locations', hashOf(directory));
  const open = (name: string) =>
    openHost({
      ports,
      storage: join(folder, name),
      ownership: 'refuse',
      lifetime: 'short',
      version,
      signal: new AbortController().signal,
    });
  for (let number = 1; number <= maxStores; number++) {
    const name = String(number);
    if (sessionID && (await ports.textFiles.stamp(join(folder, name))) === 'absent') break;
    const host = await open(name).catch((error: unknown) => {
      if (hasCode(error, 'store.locked')) return undefined;
      throw error;
    });
    if (!host) continue;
    if (!sessionID || (await host.sessions.get(sessionID))) return host;
    await host[Symbol.asyncDispose]();
  }
  if (!sessionID)
    throw new HostError('cli.busy', `${maxStores} runs are under way in ${directory}: wait for one to end.`);
  throw new HostError(
    'session.unknown',
    `There is no session ${sessionID} of ${directory} that is not in use elsewhere.`,
  );
}

function dataFolder({ environment }: Ports): string {
  const xdg = environment.variable('XDG_DATA_HOME') || join(environment.homeDirectory, '.local', 'share');
  return join(xdg, 'millrace');
}

function hashOf(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 16);
}
