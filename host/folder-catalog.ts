import { type Catalog, createCatalog } from './catalog/catalog.ts';
import { knownKeyNames } from './catalog/known-provider.ts';
import type { LocalServers } from './catalog/local/local-servers.ts';
import { createConfigSource } from './config/config-source.ts';
import { type Consents, openConsents } from './credential/consents.ts';
import { type Credentials, type CredentialsOptions, openCredentials } from './credential/credentials.ts';
import { quietLog } from './credential/quiet-log.ts';
import { createRedaction } from './credential/redaction.ts';
import { type MachineServersOptions, openMachineServers } from './local-servers.ts';
import { openModelSources } from './model-sources.ts';
import { createResources, type Resources } from './resources.ts';

export interface FolderCatalogOptions extends Pick<CredentialsOptions, 'flows'>, MachineServersOptions {
  readonly directory: string;
  /** Is told where a damaged list of models was put aside. */
  readonly onDamaged: (path: string) => void;
}

/** What a folder's sessions can use, and the user's keys and sign-ins, without opening the folder's store. */
export interface FolderCatalog extends AsyncDisposable {
  readonly credentials: Credentials;
  readonly consents: Consents;
  /** Those of this machine that were found before, until it is looked at again. */
  readonly localServers: LocalServers;
  /** As configuration and credentials stand now. */
  catalog(): Promise<Catalog>;
}

export async function openFolderCatalog(options: FolderCatalogOptions): Promise<FolderCatalog> {
  const resources = createResources();
  const redaction = createRedaction();
  const ports = { ...options.ports, log: quietLog(options.ports.log, redaction.text) };
  try {
    const folder = await compose({ ...options, ports }, resources);
    redaction.follow(folder.credentials);
    return folder;
  } catch (error) {
    await resources[Symbol.asyncDispose]();
    throw error;
  }
}

async function compose(options: FolderCatalogOptions, resources: Resources): Promise<FolderCatalog> {
  const { ports, directory, onDamaged, flows } = options;
  const { environment, textFiles: files, trust } = ports;
  const sources = resources.use(openModelSources({ ports, onDamaged, lifetime: 'short' }));
  const own = flows === undefined ? {} : { flows };
  const credentials = resources.use(await openCredentials({ ...ports, ...own, fetch }));
  const consents = resources.use(await openConsents(ports));
  const localServers = resources.use(await openMachineServers(options));
  const data = await sources.current();
  const config = createConfigSource({
    directory,
    isTrusted: () => trust.isTrusted(directory),
    files,
    environment,
    keyNames: (id) => knownKeyNames(id, data),
  });
  return {
    credentials,
    consents,
    localServers,
    async catalog() {
      const found = localServers.latest;
      return createCatalog(await config.current(), { environment, data, found, credentials, consents });
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}
