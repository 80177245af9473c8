import { anthropicSDK } from '../framing/anthropic-sdk.ts';
import { genaiSDK } from '../framing/genai-sdk.ts';
import { anthropicMessages, type MessagesEncoding } from '../protocol/anthropic-messages.ts';
import { type GeminiEncoding, gemini } from '../protocol/gemini.ts';
import type { Auth, Endpoint, Route } from '../route.ts';
import { asGoogleKey } from './google.ts';
import { applicationDefault } from './google-login.ts';
import { authOf, type ProviderSettings } from './settings.ts';

/**
 * Where a project's models run. With neither key nor `auth` the credentials of the machine are used. A key without a
 * project is Vertex in express mode.
 */
export type VertexSettings = ProviderSettings & {
  readonly project?: string;
  /** `global` (the default), a region such as `europe-west4`, or `us` or `eu` for all of their regions. */
  readonly location?: string;
};

/**
 * Gemini models, and whatever else speaks their format, on Vertex.
 * Source: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
 */
export function vertex(settings: VertexSettings & { readonly encoding?: GeminiEncoding }): Route {
  const { fetch, encoding } = settings;
  return {
    protocol: gemini({ ...encoding, platform: 'vertex' }),
    endpoint: endpointOf(settings, 'v1beta1'),
    auth: credentialsOf(settings),
    framing: genaiSDK(fetch === undefined ? {} : { fetch }),
  };
}

/**
 * Anthropic's models on Vertex: their Messages in Vertex' address, which names the model.
 * Source: https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
 */
export function vertexAnthropic(settings: VertexSettings & { readonly encoding?: MessagesEncoding }): Route {
  const { fetch, encoding } = settings;
  const path = (model: string): string => `/publishers/anthropic/models/${model}:streamRawPredict`;
  return {
    protocol: anthropicMessages({ ...encoding, version: 'vertex-2023-10-16', path }),
    endpoint: endpointOf(settings, 'v1'),
    auth: credentialsOf(settings),
    framing: anthropicSDK(fetch === undefined ? {} : { fetch }),
  };
}

function credentialsOf(settings: VertexSettings): Auth {
  const { auth, fetch, project } = settings;
  const chosen = authOf(settings, asGoogleKey);
  return chosen.type === 'none' && auth === undefined ? applicationDefault(fetch, project) : chosen;
}

function endpointOf({ baseURL, headers, query, ...place }: VertexSettings, version: string): Endpoint {
  return {
    baseURL: baseURL ?? `${hostOf(place)}/${version}${folderOf(place)}`,
    headers: headers ?? {},
    ...(query !== undefined && { query }),
  };
}

type Place = Pick<VertexSettings, 'project' | 'location'>;

const everywhere = 'global';
const multiRegions: ReadonlySet<string> = new Set(['us', 'eu']);

function hostOf({ project, location = everywhere }: Place): string {
  if (project === undefined || location === everywhere) return 'https://aiplatform.googleapis.com';
  // Whatever it says, the token goes to Google.
  const place = encodeURIComponent(location);
  if (multiRegions.has(place)) return `https://aiplatform.${place}.rep.googleapis.com`;
  return `https://${place}-aiplatform.googleapis.com`;
}

function folderOf({ project, location = everywhere }: Place): string {
  if (project === undefined) return '';
  return `/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
}
