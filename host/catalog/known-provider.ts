import type { Config, ResolvedProvider } from '../config/config.ts';
import type { ModelConfig } from '../config/config-schema.ts';
import {
  type Adapter,
  adapters,
  adaptersByPair,
  adaptersByProvider,
  fallbackAdapter,
  pairOf,
} from './adapters.ts';
import type { FoundData, FoundProvider } from './found-models.ts';
import { describeModel, type ModelDescription } from './ingest.ts';
import type { DevModel, DevProvider, ModelsDev } from './models-dev.ts';
import { keyNamesIn } from './place.ts';
import { withoutProjectWay } from './settle-server.ts';

/** A provider as the catalogue and the configuration together define it. */
export interface KnownProvider extends ResolvedProvider {
  readonly name: string;
  readonly npm: string;
  /** The variables that hold its keys. */
  readonly env: readonly string[];
  /** What the catalogue says of it, if it is in there. */
  readonly dev: DevProvider | undefined;
  /** It is there on this machine. */
  readonly found?: FoundProvider;
  /** The package is the configuration's choice, or the provider is in no catalogue. */
  readonly isOwn: boolean;
  readonly isConfigured: boolean;
}

/** Undefined for what neither the configuration nor the catalogue has. */
export function knownProvider(id: string, config: Config, data: FoundData): KnownProvider | undefined {
  const dev = data.provider(id);
  const found = data.found(id);
  const named = own(config.providers, id);
  const configured = named && found ? underFound(named, found) : named;
  if (!dev && !configured) return undefined;
  const npm = configured?.npm ?? dev?.npm ?? '@ai-sdk/openai-compatible';
  const isOwn = configured?.npm !== undefined || dev === undefined;
  const names = keyNamesOf(dev, adapterFor({ id, npm, isOwn, ...(found ? { found } : {}) }));
  return {
    ...(configured ?? { id, ...noWay, models: {}, blacklist: [] }),
    ...(found ? { found } : {}),
    name: configured?.name ?? dev?.name ?? id,
    npm,
    env: [...new Set([...(configured?.env ?? []), ...names])],
    dev,
    isOwn,
    isConfigured: configured !== undefined,
  };
}

/** What the configuration may say of a provider that was found. */
function underFound(named: ResolvedProvider, found: FoundProvider): ResolvedProvider {
  if (found.adapter) return withoutWay(named);
  return named.endpointFrom === 'project' ? withoutProjectWay(named, found) : named;
}

const noWay = { headers: {}, endpointFrom: 'adapter', place: {}, env: [] } as const;

/** What the configuration may say of a provider that is reached in one way only: what it is called, and its models. */
function withoutWay({ id, name, models, whitelist, blacklist }: ResolvedProvider): ResolvedProvider {
  return {
    id,
    ...noWay,
    ...(name === undefined ? {} : { name }),
    models,
    ...(whitelist === undefined ? {} : { whitelist }),
    blacklist,
  };
}

/** The variables that the catalogue knows to hold a provider's keys: those that a project's file may name as its key. */
export function knownKeyNames(id: string, data: ModelsDev): readonly string[] {
  const dev = data.provider(id);
  return dev ? keyNamesOf(dev, adapterFor({ ...dev, isOwn: false })) : [];
}

function keyNamesOf(dev: DevProvider | undefined, { keyNames }: Adapter): readonly string[] {
  return keyNames ?? keyNamesIn(dev?.env ?? []);
}

/** The way in of a provider, or of one of its models that the catalogue gives a package of its own. */
export function adapterFor(
  { id, npm, isOwn, found }: Pick<KnownProvider, 'id' | 'npm' | 'isOwn' | 'found'>,
  override?: string,
): Adapter {
  if (found?.adapter) return found.adapter;
  const ofProvider = (isOwn ? undefined : adaptersByProvider.get(id)) ?? adapters.get(npm) ?? fallbackAdapter;
  if (override === undefined || override === npm || ofProvider.isForAll) return ofProvider;
  return adaptersByPair.get(pairOf(npm, override)) ?? adapters.get(override) ?? fallbackAdapter;
}

/** A model of a provider; undefined where neither the catalogue nor the configuration has it. */
export function modelOf(provider: KnownProvider, id: string, data: ModelsDev): ModelDescription | undefined {
  const config = own<ModelConfig>(provider.models, id);
  const wireID = config?.id ?? id;
  const dev = data.models(provider.id).get(wireID) ?? provider.found?.unlisted?.(wireID);
  // Nobody but who reaches such a provider knows which models it has.
  if (!dev && (!config || provider.found?.adapter)) return undefined;
  return describeModel(id, { dev: dev && provider.isOwn ? withoutPackage(dev) : dev, config });
}

/** Whoever chooses the package of a provider chooses it for all of its models. */
function withoutPackage({ provider: { npm: _, ...provider } = {}, ...model }: DevModel): DevModel {
  return { ...model, provider };
}

/** Why a model is not to be used although it is known; undefined: it may be. */
export function leftOutBy({ id, whitelist, blacklist }: KnownProvider, modelID: string): string | undefined {
  const by = blacklist.includes(modelID)
    ? 'blacklist'
    : whitelist?.includes(modelID) === false
      ? 'whitelist'
      : '';
  return by === '' ? undefined : `"${modelID}" is left out by the ${by} of "${id}" in opencode.json.`;
}

/** An entry under a name that a file or client gave; never what every object inherits. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
