import { openaiSDK } from '../framing/openai-sdk.ts';
import { openaiChat } from '../protocol/openai-chat.ts';
import type { Route } from '../route.ts';
import type { ProviderSettings } from './settings.ts';
import { authOf } from './settings.ts';

/** Any server that speaks chat completions: most providers, gateways and local servers. */
export function openaiCompatible(settings: ProviderSettings & { readonly baseURL: string }): Route {
  const { baseURL, headers, query, fetch } = settings;
  return {
    protocol: openaiChat({ maxTokensField: 'max_tokens' }),
    endpoint: { baseURL, headers: headers ?? {}, ...(query !== undefined && { query }) },
    auth: authOf(settings),
    framing: openaiSDK(fetch === undefined ? {} : { fetch }),
  };
}
