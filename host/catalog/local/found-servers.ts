import type { ModelRef } from '#shared/message.ts';
import type { Place } from '../../llm/local/probe.ts';
import type { LocalServerKind } from '../../llm/local/servers.ts';
import { serverNames } from '../../llm/local/words.ts';
import type { FoundModels, FoundProvider } from '../found-models.ts';
import type { DevModel } from '../models-dev.ts';
import type { KnownServer, KnownServers } from './known-servers.ts';

export interface FoundServersFacts {
  /** Where each kind is looked for: a server there has the plain name of its kind. */
  readonly places: readonly Place[];
  /** Else all are known, and none is offered. */
  readonly isOn: boolean;
}

/** As people write them in opencode.json. */
const providerIDs: Readonly<Record<LocalServerKind, string>> = {
  ollama: 'ollama',
  'lm-studio': 'lmstudio',
  'llama.cpp': 'llama.cpp',
  'docker-model-runner': 'docker-model-runner',
  vllm: 'vllm',
  other: 'local',
};

/** The kind that a provider of this name is of, if it is called as one calls them. */
export function kindOf(providerID: string): LocalServerKind | undefined {
  const kinds = Object.keys(providerIDs) as LocalServerKind[]; // the keys of a literal
  return kinds.find((kind) => kind !== 'other' && providerIDs[kind] === providerID.replace(portSuffix, ''));
}

const portSuffix = /-\d+$/;

/** What is known of local servers, in the catalogue's words. What is not there now is known, and not offered. */
export function foundServers(servers: KnownServers, facts: FoundServersFacts): FoundModels {
  const providers = servers.map((server) => providerOf(server, facts));
  return {
    providers,
    missing({ providerID, modelID }: ModelRef) {
      const server = providers.find(({ id }) => id === providerID);
      if (!server) return undefined;
      return `${server.name} at ${server.api} has not been seen with a model "${modelID}". It is looked at again when models are chosen.`;
    },
  };
}

function providerOf(server: KnownServer, { places, isOn }: FoundServersFacts): FoundProvider {
  const { kind, baseURL } = server;
  const { origin, port } = new URL(baseURL);
  const isUsual = places.some((place) => place.kind === kind && place.origin === origin);
  const isOffered = isOn && server.isThere;
  const models = server.models.map((model) => {
    const described = describe(model, kind);
    return [model.id, isOffered && model.isThere ? described : { ...described, status: 'hidden' }] as const;
  });
  const plain = { id: providerIDs[kind], name: kind === 'other' ? 'Local server' : serverNames[kind] };
  return {
    ...(isUsual ? plain : withPort(plain, port)),
    npm: '@ai-sdk/openai-compatible',
    api: baseURL,
    env: [],
    models: new Map(models),
  };
}

/** The name of one of several. */
export function withPort<T extends Pick<FoundProvider, 'id' | 'name'>>(provider: T, port: string): T {
  return { ...provider, id: `${provider.id}-${port}`, name: `${provider.name} (port ${port})` };
}

/** They load a model with less than it could take, unless they are told otherwise: what they do not say is not known. */
const sparing: ReadonlySet<LocalServerKind> = new Set(['ollama', 'lm-studio', 'docker-model-runner']);

function describe(model: KnownServer['models'][number], kind: LocalServerKind): DevModel {
  const { id, contextTokens, maxContextTokens, tools } = model;
  const context = contextTokens ?? (sparing.has(kind) ? undefined : maxContextTokens);
  return {
    name: id,
    // Where the server does not say, calls through the API are tried first.
    tool_call: tools ?? true,
    // An answer has no limit of its own in there.
    ...(context === undefined ? {} : { limit: { context, output: context } }),
    cost: { input: 0, output: 0 },
  };
}
