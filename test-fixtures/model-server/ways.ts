import { anthropic } from '#host/llm/providers/anthropic.ts';
import { bedrock } from '#host/llm/providers/bedrock.ts';
import { google } from '#host/llm/providers/google.ts';
import { openai, openaiCompletions } from '#host/llm/providers/openai.ts';
import type { ProviderSettings } from '#host/llm/providers/settings.ts';
import type { Route } from '#host/llm/route.ts';

/** A protocol, spoken the way a user of its vendor would. */
export type Way = {
  readonly protocol: string;
  /** What a model of the vendor may be called: encoders go by names. */
  readonly model: string;
  /** @param origin of a server, or anything that `fetch` answers for. */
  routeTo(origin: string, fetch?: ProviderSettings['fetch']): Route;
};

const key = { apiKey: 'sk-scripted' };

/** All that the model core speaks. */
export const ways: readonly Way[] = [
  {
    protocol: 'openai-chat',
    model: 'gpt-4.1',
    routeTo: (origin, fetch) => openaiCompletions({ ...key, baseURL: `${origin}/v1`, ...by(fetch) }),
  },
  {
    protocol: 'openai-responses',
    model: 'gpt-5.5',
    routeTo: (origin, fetch) => openai({ ...key, baseURL: `${origin}/v1`, ...by(fetch) }),
  },
  {
    protocol: 'anthropic-messages',
    model: 'claude-opus-4-6',
    routeTo: (origin, fetch) => anthropic({ ...key, baseURL: `${origin}/v1`, ...by(fetch) }),
  },
  {
    protocol: 'gemini',
    model: 'gemini-3-pro',
    routeTo: (origin, fetch) => google({ ...key, baseURL: `${origin}/v1beta`, ...by(fetch) }),
  },
  {
    protocol: 'bedrock-converse',
    model: 'us.anthropic.claude-sonnet-4-6',
    routeTo: (origin, fetch) => bedrock({ ...key, region: 'eu-west-1', baseURL: origin, ...by(fetch) }),
  },
];

function by(fetch: ProviderSettings['fetch']): Pick<ProviderSettings, 'fetch'> {
  return fetch === undefined ? {} : { fetch };
}
