import { anthropic } from '../llm/providers/anthropic.ts';
import { azure } from '../llm/providers/azure.ts';
import { bedrock } from '../llm/providers/bedrock.ts';
import { copilot } from '../llm/providers/copilot.ts';
import { deepseek } from '../llm/providers/deepseek.ts';
import { google } from '../llm/providers/google.ts';
import { applicationDefault } from '../llm/providers/google-login.ts';
import { groq } from '../llm/providers/groq.ts';
import { mistral } from '../llm/providers/mistral.ts';
import { openai, openaiCompletions } from '../llm/providers/openai.ts';
import { openaiCompatible } from '../llm/providers/openai-compatible.ts';
import { openrouter } from '../llm/providers/openrouter.ts';
import type { ProviderSettings } from '../llm/providers/settings.ts';
import { type VertexSettings, vertex, vertexAnthropic } from '../llm/providers/vertex.ts';
import { xai } from '../llm/providers/xai.ts';
import type { Route } from '../llm/route.ts';
import type { Place, PlaceName } from './place.ts';

/** What a way in is made from. */
export interface RouteFacts {
  readonly providerID: string;
  /** As the catalogue or the user names it, filled; absent: the way in has one of its own, or there is none. */
  readonly address?: string;
  /** For a single model: the way in's own address is another provider's then, and no key of this one goes there. */
  readonly isOverride: boolean;
  readonly shape?: 'responses' | 'completions';
  /** Credential and headers. */
  readonly settings: Omit<ProviderSettings, 'baseURL'>;
  readonly place: Place;
}

export type Routed =
  | { readonly type: 'route'; readonly route: Route }
  /** One line for the user: why not, or what to set. */
  | { readonly type: 'unusable'; readonly reason: string };

/** How models of one package of the AI SDK are reached. */
export interface Adapter {
  route(facts: RouteFacts): Routed;
  /** Goes for every model of its provider, whatever package the catalogue names for one. */
  readonly isForAll?: true;
  /** Credentials that the vendor's own package finds on the machine: the variables that say that there are some. */
  readonly ambient?: readonly string[];
  /** The variables that hold a key, where their names do not tell. */
  readonly keyNames?: readonly string[];
  /** Nothing that the machine has is a credential: the user signs in. */
  readonly isSignInOnly?: true;
  /** Not spoken at all: why. */
  readonly unspokenBecause?: string;
}

const googleVariables = ['GOOGLE_VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_APPLICATION_CREDENTIALS'];

const awsVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

const bedrockKey = 'AWS_BEARER_TOKEN_BEDROCK';

/**
 * The packages of the AI SDK that the catalogue names, one line each: what speaks for them, and their address where the
 * catalogue has none. A package that is not here speaks chat completions.
 */
export const adapters: ReadonlyMap<string, Adapter> = new Map([
  ['@ai-sdk/openai-compatible', chatAt()],
  ['@ai-sdk/openai', speaks(openai)],
  ['@ai-sdk/anthropic', speaks(anthropic)],
  ['@ai-sdk/google', speaks(google)],
  ['@ai-sdk/google-vertex', onVertex(vertex)],
  ['@ai-sdk/google-vertex/anthropic', onVertex(vertexAnthropic)],
  ['@ai-sdk/amazon-bedrock', onBedrock()],
  ['@ai-sdk/amazon-bedrock/mantle', onMantle()],
  ['@ai-sdk/azure', onAzure()],
  ['@openrouter/ai-sdk-provider', speaks(openrouter)],
  ['@ai-sdk/xai', speaks(xai)],
  ['@ai-sdk/groq', speaks(groq)],
  ['@ai-sdk/mistral', speaks(mistral)],
  // https://inference-docs.cerebras.ai/resources/openai
  ['@ai-sdk/cerebras', chatAt('https://api.cerebras.ai/v1')],
  // https://docs.cohere.com/docs/compatibility-api
  ['@ai-sdk/cohere', chatAt('https://api.cohere.ai/compatibility/v1')],
  // https://deepinfra.com/docs/openai_api
  ['@ai-sdk/deepinfra', chatAt('https://api.deepinfra.com/v1/openai')],
  // https://docs.perplexity.ai/guides/chat-completions-guide
  ['@ai-sdk/perplexity', chatAt('https://api.perplexity.ai')],
  // https://docs.together.ai/docs/openai-api-compatibility
  ['@ai-sdk/togetherai', chatAt('https://api.together.xyz/v1')],
  // https://v0.app/docs/api/model
  ['@ai-sdk/vercel', chatAt('https://api.v0.dev/v1')],
  // https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions
  ['@ai-sdk/gateway', chatAt('https://ai-gateway.vercel.sh/v1')],
  // https://docs.venice.ai/api-reference/api-spec
  ['venice-ai-sdk-provider', chatAt('https://api.venice.ai/api/v1')],
  // https://docs.aihubmix.com
  ['@aihubmix/ai-sdk-provider', chatAt('https://aihubmix.com/v1')],
  // https://docs.salad.com/ai-gateway/tutorials/getting-started
  ['@saladtechnologies-oss/ai-sdk-provider', chatAt('https://ai.salad.cloud/v1')],
  // https://docs.merge.dev/merge-gateway/get-started; the catalogue's address is that of the package's own protocol.
  ['merge-gateway-ai-sdk-provider', onMerge()],
  ['ai-gateway-provider', onCloudflare()],
  // https://docs.qvac.tether.io/http-server
  ['@qvac/ai-sdk-provider', chatAt('http://127.0.0.1:11434/v1')],
  ['gitlab-ai-provider', unspoken('GitLab Duo speaks only the protocol of its own agent platform')],
  ['watsonx-ai-provider', unspoken('watsonx wants tokens of IBM Cloud and speaks a protocol of its own')],
  [
    '@jerome-benoit/sap-ai-provider-v2',
    unspoken('SAP AI Core wants a deployment of your own for each model'),
  ],
]);

/** Providers that the catalogue lists under a package for all, and that have a way in of their own. */
export const adaptersByProvider: ReadonlyMap<string, Adapter> = new Map([
  ['deepseek', speaks(deepseek)],
  ['github-copilot', { ...speaks(copilot), isSignInOnly: true }],
]);

/** A single model under another package than its provider's, where that package alone would not do. */
export const adaptersByPair: ReadonlyMap<string, Adapter> = new Map([
  [pairOf('@ai-sdk/google-vertex', '@ai-sdk/openai-compatible'), onVertexChat()],
  [pairOf('@ai-sdk/azure', '@ai-sdk/openai-compatible'), onFoundry()],
]);

export function pairOf(provider: string, model: string): string {
  return `${provider} ${model}`;
}

export const fallbackAdapter: Adapter = chatAt();

/** By what knows its own address. */
function speaks(make: (settings: ProviderSettings) => Route): Adapter {
  return {
    route({ providerID, settings, shape, address, isOverride }) {
      if (address === undefined && isOverride) return unusable(noAddress(providerID));
      const shaped = shape === 'completions' && make === openai ? openaiCompletions : make;
      return routed(shaped({ ...settings, ...base(address) }));
    },
  };
}

/** Chat completions at an address, unless a model asks for Responses. */
function chatAt(own?: string): Adapter {
  return {
    route({ providerID, settings, shape, address, isOverride }) {
      const baseURL = address ?? (isOverride ? undefined : own);
      if (baseURL === undefined) return unusable(noAddress(providerID));
      return routed((shape === 'responses' ? openai : openaiCompatible)({ ...settings, baseURL }));
    },
  };
}

function unspoken(reason: string): Adapter {
  return { route: () => unusable(`${reason}.`), unspokenBecause: reason };
}

/** With a key alone it is Vertex in express mode, which knows no projects. */
function onVertex(make: (settings: VertexSettings) => Route): Adapter {
  return {
    ambient: googleVariables,
    keyNames: [],
    route({ settings, address, place }) {
      const project = place.named('project');
      const location = place.named('location');
      if (project === undefined && !settings.apiKey) return unusable(place.howTo('project'));
      const where = { ...(project ? { project } : {}), ...(location ? { location } : {}) };
      return routed(make({ ...settings, ...base(address), ...where }));
    },
  };
}

/** Models of other makers on Vertex: chat completions, with the machine's credentials where there is no key. */
function onVertexChat(): Adapter {
  const spoken = chatAt();
  return {
    ambient: googleVariables,
    keyNames: [],
    route({ settings, ...facts }) {
      const found = settings.apiKey ? {} : { auth: applicationDefault(settings.fetch) };
      return spoken.route({ ...facts, settings: { ...found, ...settings } });
    },
  };
}

function onBedrock(): Adapter {
  return {
    ambient: awsVariables,
    keyNames: [bedrockKey],
    route({ settings, address, place }) {
      const profile = place.named('profile');
      return within(place, ['region'], ([region]) =>
        routed(bedrock({ ...settings, ...base(address), region, ...(profile ? { profile } : {}) })),
      );
    },
  };
}

/** OpenAI's models on AWS. Requests here are not signed. */
function onMantle(): Adapter {
  const spoken = speaks(openai);
  return {
    keyNames: [bedrockKey],
    route(facts) {
      if (!facts.settings.apiKey) return unusable(`This model of AWS wants a key. Set ${bedrockKey}.`);
      return spoken.route(facts);
    },
  };
}

function onAzure(): Adapter {
  return {
    route({ providerID, settings, address, place, shape = 'responses' }) {
      const resourceName = place.named('resourceName');
      const apiVersion = place.named('apiVersion');
      const baseURL = address ?? azureAddress(providerID, resourceName);
      if (baseURL === undefined && !resourceName) return unusable(place.howTo('resourceName'));
      const named = { ...(resourceName ? { resourceName } : {}), ...(apiVersion ? { apiVersion } : {}) };
      return routed(azure({ ...settings, ...base(baseURL), ...named, shape }));
    },
  };
}

/** https://learn.microsoft.com/en-us/rest/api/aifoundry/modelinference */
function onFoundry(): Adapter {
  const spoken = chatAt();
  return {
    route({ settings: { apiKey, ...rest }, place, ...facts }) {
      const auth = apiKey ? ({ type: 'header', name: 'api-key', value: apiKey } as const) : undefined;
      const query = { 'api-version': place.named('apiVersion') ?? '2024-05-01-preview' };
      return spoken.route({ ...facts, place, settings: { ...(auth ? { auth } : {}), query, ...rest } });
    },
  };
}

/** https://learn.microsoft.com/en-us/azure/ai-services/cognitive-services-custom-subdomains */
function azureAddress(providerID: string, resourceName: string | undefined): string | undefined {
  if (providerID !== 'azure-cognitive-services' || !resourceName) return undefined;
  return `https://${resourceName}.cognitiveservices.azure.com/openai/v1`;
}

function onMerge(): Adapter {
  const spoken = chatAt();
  return {
    route: (facts) => {
      const address =
        facts.address?.replace(mergePath, '/v1/openai') ?? 'https://api-gateway.merge.dev/v1/openai';
      return spoken.route({ ...facts, address });
    },
  };
}

const mergePath = /\/v1\/ai-sdk\/?$/;

/** https://developers.cloudflare.com/ai-gateway/usage/chat-completion; one address for the models of all makers. */
function onCloudflare(): Adapter {
  return {
    isForAll: true,
    route({ settings: { apiKey, ...settings }, address, place }) {
      const auth = apiKey ? { auth: gatewayAuth(apiKey) } : {};
      return within(place, ['accountId', 'gatewayId'], ([account, gateway]) => {
        const own = `https://gateway.ai.cloudflare.com/v1/${account}/${gateway}/compat`;
        return routed(openaiCompatible({ ...auth, ...settings, baseURL: address ?? own }));
      });
    },
  };
}

function gatewayAuth(key: string): NonNullable<ProviderSettings['auth']> {
  return { type: 'header', name: 'cf-aig-authorization', value: `Bearer ${key}` };
}

function within<const N extends readonly PlaceName[]>(
  place: Place,
  names: N,
  make: (values: { readonly [K in keyof N]: string }) => Routed,
): Routed {
  const missing = names.find((name) => place.named(name) === undefined);
  if (missing !== undefined) return unusable(place.howTo(missing));
  return make(names.map((name) => place.named(name) ?? '') as { [K in keyof N]: string }); // one for each name
}

function base(address: string | undefined): { readonly baseURL?: string } {
  return address === undefined ? {} : { baseURL: address };
}

function routed(route: Route): Routed {
  return { type: 'route', route };
}

export function unusable(reason: string): Routed & { type: 'unusable' } {
  return { type: 'unusable', reason };
}

function noAddress(providerID: string): string {
  return `The catalogue has no address for "${providerID}". Set options.baseURL of it in opencode.json.`;
}
