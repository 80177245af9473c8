import type { Notice } from '#shared/notice.ts';
import type { AgentLayer, Config, Layer, ResolvedProvider } from './config.ts';
import type {
  AgentConfig,
  CompactionConfig,
  ConfigValues,
  ProviderConfig,
  ProviderPlace,
  ProviderSignIn,
} from './config-schema.ts';
import { rulesOf, rulesOfTools } from './permission-rules.ts';

/** One file's decoded values. */
export interface LayerValues {
  readonly from: Layer;
  readonly values: ConfigValues;
  /** Providers whose key in this file came from the user's environment or from another file. */
  readonly borrowedKeys: ReadonlySet<string>;
  readonly notices: readonly Notice[];
}

/** Lays the files over one another, lowest precedence first. */
export function mergeLayers(layers: readonly LayerValues[], homeDirectory: string): Config {
  const last = <K extends keyof ConfigValues>(key: K): ConfigValues[K] | undefined =>
    layers.findLast(({ values }) => values[key] !== undefined)?.values[key];
  const model = last('model');
  const smallModel = last('small_model');
  const defaultAgent = last('default_agent');
  const enabledProviders = last('enabled_providers');
  const rulesFrom = (from: Layer) =>
    layers
      .filter((layer) => layer.from === from)
      .flatMap(({ values }) => [...rulesOfTools(values.tools), ...rulesOf(values.permission, homeDirectory)]);
  return {
    ...(model === undefined ? {} : { model }),
    ...(smallModel === undefined ? {} : { smallModel }),
    ...(defaultAgent === undefined ? {} : { defaultAgent }),
    ...(enabledProviders === undefined ? {} : { enabledProviders }),
    disabledProviders: last('disabled_providers') ?? [],
    providers: mergeProviders(layers),
    permission: { user: rulesFrom('user'), project: rulesFrom('project') },
    agents: layers.flatMap(agentsOf),
    instructions: layers.flatMap(({ from, values }) =>
      (values.instructions ?? []).map((pattern) => ({ from, pattern })),
    ),
    compaction: mergeCompaction(layers),
    notices: layers.flatMap(({ notices }) => notices),
  };
}

function mergeCompaction(layers: readonly LayerValues[]): CompactionConfig {
  const merged: CompactionConfig = {};
  for (const { values } of layers) Object.assign(merged, values.compaction);
  return merged;
}

function agentsOf({ from, values }: LayerValues): AgentLayer[] {
  const all: Record<string, AgentConfig> = { ...values.mode, ...values.agent };
  return Object.entries(all).map(([name, config]) => ({ name, from, config }));
}

function mergeProviders(layers: readonly LayerValues[]): Record<string, ResolvedProvider> {
  // A map: a provider may be called `constructor` or `__proto__`.
  const merged = new Map<string, ResolvedProvider>();
  for (const { from, values, borrowedKeys } of layers) {
    for (const [id, config] of Object.entries(values.provider ?? {})) {
      const keyFrom = borrowedKeys.has(id) ? 'user' : from;
      merged.set(id, overlay(merged.get(id) ?? emptyProvider(id), config, { from, keyFrom }));
    }
  }
  return Object.fromEntries(merged);
}

function emptyProvider(id: string): ResolvedProvider {
  return { id, env: [], headers: {}, endpointFrom: 'adapter', models: {}, place: {}, blacklist: [] };
}

function overlay(
  lower: ResolvedProvider,
  config: ProviderConfig,
  { from, keyFrom }: { readonly from: Layer; readonly keyFrom: Layer },
): ResolvedProvider {
  const isTaken = from === 'project' && namesEndpoint(config) && lower.endpointFrom !== 'project';
  const below = isTaken ? withoutHeaders(lower) : lower;
  const baseURL = config.options?.baseURL ?? config.api;
  const apiKey = config.options?.apiKey;
  const headers = config.options?.headers;
  return {
    ...below,
    ...(config.name === undefined ? {} : { name: config.name }),
    ...(config.npm === undefined ? {} : { npm: config.npm }),
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(apiKey ? { apiKey: { value: apiKey, from: keyFrom } } : {}),
    // A project that names a variable would name the user's secret; only the user says where keys stand.
    env: from === 'user' && config.env ? config.env : below.env,
    headers: { ...below.headers, ...headers },
    endpointFrom: namesEndpoint(config) ? from : below.endpointFrom,
    models: { ...below.models, ...mergeModels(below.models, config.models ?? {}) },
    place: { ...below.place, ...placeOf(config, from) },
    ...(from === 'user' ? { signIn: { ...below.signIn, ...signInOf(config) } } : {}),
    ...(config.whitelist === undefined ? {} : { whitelist: config.whitelist }),
    blacklist: config.blacklist ?? below.blacklist,
  };
}

/** The names of a place that a project may give; whose credentials are used only the user says. */
function placeOf({ options = {} }: ProviderConfig, from: Layer): ProviderPlace {
  const { region, project, location, apiVersion, profile, resourceName, accountId, gatewayId } = options;
  const place = { region, project, location, apiVersion, resourceName, accountId, gatewayId };
  return given({ ...place, ...(from === 'user' ? { profile } : {}) });
}

function signInOf({ options = {} }: ProviderConfig): ProviderSignIn {
  const { clientID, clientSecret, tenant, account, scopes } = options;
  return given({ clientID, clientSecret, tenant, account, scopes });
}

/** Without the names that nothing is said of. */
function given<K extends string>(
  options: Readonly<Partial<Record<K, string | undefined>>>,
): Readonly<Partial<Record<K, string>>> {
  const said: Partial<Record<K, string>> = {};
  for (const name in options) {
    const value = options[name];
    if (value !== undefined) said[name] = value;
  }
  return said;
}

/** Headers that the user set may hold a key: they do not go where a project points. */
function withoutHeaders(provider: ResolvedProvider): ResolvedProvider {
  const models = Object.entries(provider.models).map(
    ([id, { headers: _, ...model }]) => [id, model] as const,
  );
  return { ...provider, headers: {}, models: Object.fromEntries(models) };
}

/** Once a project has named the address or a header, a user's file below it does not make it the user's again. */
function namesEndpoint({ options = {}, api, npm, models }: ProviderConfig): boolean {
  const { baseURL, headers, resourceName, accountId, gatewayId } = options;
  const named = [baseURL, headers, resourceName, accountId, gatewayId, api, npm];
  const ofModels = Object.values(models ?? {}).flatMap((model) => [model.headers, model.provider]);
  return [...named, ...ofModels].some((each) => each !== undefined);
}

function mergeModels(
  below: ResolvedProvider['models'],
  above: ResolvedProvider['models'],
): ResolvedProvider['models'] {
  return Object.fromEntries(
    Object.entries(above).map(
      ([id, model]) => [id, { ...(Object.hasOwn(below, id) && below[id]), ...model }] as const,
    ),
  );
}
