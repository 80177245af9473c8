import { openaiSDK } from '../framing/openai-sdk.ts';
import { type ChatEncoding, openaiChat } from '../protocol/openai-chat.ts';
import type { Route } from '../route.ts';
import { authOf, type ProviderSettings } from './settings.ts';

export type ChatSettings = ProviderSettings & {
  readonly baseURL: string;
  /** How this server differs from those that imitate OpenAI's older form. */
  readonly encoding?: Partial<ChatEncoding>;
};

/** Any server that speaks chat completions: most providers, gateways and local servers. */
export function openaiCompatible(settings: ChatSettings): Route {
  const { baseURL, headers, query, fetch, encoding } = settings;
  return {
    protocol: openaiChat({ limitName: 'older', ...encoding }),
    endpoint: { baseURL, headers: headers ?? {}, ...(query !== undefined && { query }) },
    auth: authOf(settings),
    framing: openaiSDK(fetch === undefined ? {} : { fetch }),
  };
}
