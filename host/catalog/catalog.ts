import type { ModelRef } from '#shared/message.ts';
import type { ModelChoice } from '#shared/protocol.ts';
import { builtinKeyNames } from '../config/builtin-keys.ts';
import type { Config, ResolvedProvider } from '../config/config.ts';
import type { ModelConfig } from '../config/config-schema.ts';
import { openai } from '../llm/providers/openai.ts';
import { openaiCompatible } from '../llm/providers/openai-compatible.ts';
import type { Route } from '../llm/route.ts';
import type { Environment } from '../ports/environment.ts';
import { type Credential, credentialFor } from './credential.ts';
import { openaiModels } from './openai-models.ts';

/** A model that can be asked: where it is, and what the configuration says about it. */
export interface CatalogModel {
  readonly ref: ModelRef;
  readonly choice: ModelChoice;
  /** The name on the wire. */
  readonly wireID: string;
  readonly route: Route;
  readonly endpoint: string;
  readonly limit: { readonly context?: number; readonly input?: number; readonly output?: number };
  /** US dollars per million tokens. */
  readonly price: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  };
  readonly options: Readonly<Record<string, unknown>>;
}

export type Resolution =
  | { readonly type: 'model'; readonly model: CatalogModel }
  | { readonly type: 'unknown' }
  /** The user's key would have gone to an address that the project names. */
  | { readonly type: 'withheld'; readonly endpoint: string };

/** The models of a Location, in the order the configuration names them. */
export interface Catalog {
  readonly models: readonly ModelChoice[];
  resolve(ref: ModelRef): Resolution;
}

const builtin: Readonly<Record<string, Partial<ResolvedProvider>>> = {
  openai: { name: 'OpenAI', npm: '@ai-sdk/openai', env: builtinKeyNames.openai, models: openaiModels },
};

export function createCatalog(config: Config, environment: Environment): Catalog {
  const providers = usableProviders(config, environment);
  return {
    models: providers.flatMap((provider) =>
      Object.entries(provider.models).map(([id, model]) => choiceOf(provider, id, model)),
    ),
    resolve({ providerID, modelID }) {
      const provider = providers.find(({ id }) => id === providerID);
      const model = provider && own(provider.models, modelID);
      if (!provider || !model) return { type: 'unknown' };
      const credential = credentialFor(provider, environment);
      if (credential.type === 'withheld') return { type: 'withheld', endpoint: provider.baseURL ?? '' };
      return {
        type: 'model',
        model: catalogModel(provider, { id: modelID, model }, { credential, environment }),
      };
    },
  };
}

/** Providers of the configuration first, then the built-in ones whose key is in the environment. */
function usableProviders(config: Config, environment: Environment): readonly ResolvedProvider[] {
  const ids = [...new Set([...Object.keys(config.providers), ...Object.keys(builtin)])];
  return ids
    .filter((id) => !config.disabledProviders.includes(id))
    .filter((id) => config.enabledProviders?.includes(id) ?? true)
    .map((id) => withBuiltin(id, own(config.providers, id)))
    .filter((provider) => isUsable(provider, config, environment));
}

function isUsable(provider: ResolvedProvider, config: Config, environment: Environment): boolean {
  if (provider.baseURL !== undefined || provider.apiKey !== undefined) return true;
  if (!Object.hasOwn(builtin, provider.id) && !Object.hasOwn(config.providers, provider.id)) return false;
  return provider.env.some((name) => environment.variable(name));
}

function withBuiltin(id: string, configured: ResolvedProvider | undefined): ResolvedProvider {
  const base: ResolvedProvider = {
    id,
    env: [],
    headers: {},
    endpointFrom: 'adapter',
    models: {},
    ...own(builtin, id),
  };
  if (!configured) return base;
  const models = { ...base.models, ...configured.models };
  return { ...base, ...configured, env: [...new Set([...configured.env, ...base.env])], models };
}

/** An entry under a name that a file or client gave; never what every object inherits. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function choiceOf(provider: ResolvedProvider, id: string, model: ModelConfig): ModelChoice {
  const context = model.limit?.context;
  return {
    ref: { providerID: provider.id, modelID: id },
    name: model.name ?? id,
    providerName: provider.name ?? provider.id,
    ...(context ? { contextLimit: context } : {}),
  };
}

function catalogModel(
  provider: ResolvedProvider,
  { id, model }: { readonly id: string; readonly model: ModelConfig },
  { credential, environment }: { readonly credential: Credential; readonly environment: Environment },
): CatalogModel {
  const route = routeOf(provider, { ...provider.headers, ...model.headers }, { credential, environment });
  return {
    ref: { providerID: provider.id, modelID: id },
    choice: choiceOf(provider, id, model),
    wireID: model.id ?? id,
    route,
    endpoint: route.endpoint.baseURL,
    limit: model.limit ?? {},
    price: {
      input: model.cost?.input ?? 0,
      output: model.cost?.output ?? 0,
      cacheRead: model.cost?.cache_read ?? model.cost?.input ?? 0,
      cacheWrite: model.cost?.cache_write ?? model.cost?.input ?? 0,
    },
    options: model.options ?? {},
  };
}

function routeOf(
  provider: ResolvedProvider,
  headers: Readonly<Record<string, string>>,
  { credential, environment }: { readonly credential: Credential; readonly environment: Environment },
): Route {
  const key = credential.type === 'key' ? { apiKey: credential.key } : {};
  if (provider.npm === '@ai-sdk/openai') {
    const baseURL = provider.baseURL ?? environment.variable('OPENAI_BASE_URL');
    return openai({ ...key, headers, ...(baseURL ? { baseURL } : {}) });
  }
  return openaiCompatible({ ...key, headers, baseURL: provider.baseURL ?? '' });
}
