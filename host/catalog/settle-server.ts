import type { Config, ResolvedProvider } from '../config/config.ts';
import type { FoundProvider } from './found-models.ts';
import { withPort } from './local/found-servers.ts';
import type { DevModel, ModelsDev } from './models-dev.ts';

/**
 * A server that was found, among what the configuration and models.dev say: undefined where it is left out. Its name is
 * its own where nobody else has that; one that the user placed elsewhere, or models.dev, keeps it, and the server is
 * called by its port as well. What the user configured at the same address under another name is not offered twice.
 */
export function settleServer(
  server: FoundProvider,
  data: ModelsDev,
  config: Config,
): FoundProvider | undefined {
  const dev = data.provider(server.id);
  if (isPlacedElsewhere(server, config) || (dev && !isSamePlace(dev.api, server.api))) {
    const renamed = withPort(server, portOf(server.api));
    const isOff = config.disabledProviders.includes(server.id) || data.provider(renamed.id) !== undefined;
    return isOff ? undefined : offeredOnce(renamed, config);
  }
  if (!dev) return offeredOnce(server, config);
  const known = data.models(server.id);
  const models = [...server.models].map(([id, model]) => [id, { ...known.get(id), ...model }] as const);
  return offeredOnce({ ...server, ...dev, api: server.api ?? '', models: new Map(models) }, config);
}

/** The way to a server that was found is its own: what a project's file says of it is not taken, whatever it is. */
export function withoutProjectWay(named: ResolvedProvider, server: FoundProvider): ResolvedProvider {
  const { baseURL: _url, npm: _npm, apiKey: _key, ...rest } = named;
  // What the project has elsewhere is not to be had here.
  const own = Object.entries(named.models).filter(
    ([id, model]) => !isElsewhere(named, server) || server.models.has(model.id ?? id),
  );
  const models = own.map(
    ([id, { headers: _headers, provider: _provider, ...model }]) => [id, model] as const,
  );
  const noWay = { env: [], headers: {}, endpointFrom: 'adapter', place: {} } as const;
  return { ...rest, ...noWay, models: Object.fromEntries(models) };
}

/** Why a model that a project has elsewhere, under the name of a server that was found, cannot be asked: one line. */
export function takenName(server: FoundProvider, { providers }: Config): string | undefined {
  const named = Object.hasOwn(providers, server.id) ? providers[server.id] : undefined;
  if (server.adapter || named?.endpointFrom !== 'project' || !isElsewhere(named, server)) return undefined;
  return `"${server.id}" is the server that was found at ${server.api}. This project has ${named.baseURL} under that name: call it otherwise in opencode.json.`;
}

/** Whether the user's own file has another place under this name. */
function isPlacedElsewhere(server: FoundProvider, { providers }: Config): boolean {
  const named = Object.hasOwn(providers, server.id) ? providers[server.id] : undefined;
  return named?.endpointFrom === 'user' && isElsewhere(named, server);
}

function isElsewhere({ baseURL }: ResolvedProvider, server: FoundProvider): boolean {
  return baseURL !== undefined && !isSamePlace(baseURL, server.api);
}

function offeredOnce(server: FoundProvider, config: Config): FoundProvider {
  const isDouble = Object.values(config.providers).some(
    ({ id, baseURL }) =>
      id !== server.id && !config.disabledProviders.includes(id) && isSamePlace(baseURL, server.api),
  );
  if (!isDouble) return server;
  const hidden = [...server.models].map(([id, model]): [string, DevModel] => [
    id,
    { ...model, status: 'hidden' },
  ]);
  return { ...server, models: new Map(hidden) };
}

/** One machine has several names for itself. */
const ownNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function isSamePlace(a: string | undefined, b: string | undefined): boolean {
  const [one, other] = [placeOf(a), placeOf(b)];
  return one !== undefined && one === other;
}

function placeOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${ownNames.has(hostname) ? 'localhost' : hostname}:${portOf(address)}`;
}

function portOf(address: string | undefined): string {
  const { port = '', protocol = '' } = address !== undefined && URL.canParse(address) ? new URL(address) : {};
  return port || (protocol === 'https:' ? '443' : '80');
}
