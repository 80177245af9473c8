import { join } from 'node:path';
import { type LocalServers, openLocalServers } from './catalog/local/local-servers.ts';
import { createServersFile } from './catalog/local/servers-file.ts';
import type { Fetch } from './llm/framing/exchange.ts';
import type { Place } from './llm/local/probe.ts';
import type { Ports } from './ports/ports.ts';
import { dataFolder } from './registry/data-folder.ts';
import { madeFolder } from './registry/registry-file.ts';

/** How this machine is looked at for model servers. */
export interface LocalLook {
  /** Whether the user lets it be done; asked each time. Where not, what was found before is known and not offered. */
  isOn(): boolean;
  /** Where to look instead of at the default ports. */
  readonly places?: readonly Place[];
  readonly fetch?: Fetch;
}

export interface MachineServersOptions {
  readonly ports: Ports;
  readonly localServers?: LocalLook;
}

/** The model servers of this machine, with what this user's surfaces remember of them. Asks nobody by itself. */
export function openMachineServers({ ports, localServers }: MachineServersOptions): Promise<LocalServers> {
  const { environment, clock, log } = ports;
  const folder = join(dataFolder(environment), 'cache');
  return openLocalServers({
    file: createServersFile({ ...ports, folder, makeFolder: () => madeFolder(folder, ports) }),
    clock,
    log,
    isOn: () => localServers?.isOn() ?? true,
    ollamaHost: environment.variable('OLLAMA_HOST'),
    places: localServers?.places,
    fetch: localServers?.fetch,
  });
}
