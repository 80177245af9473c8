import { openaiSDK } from '../framing/openai-sdk.ts';
import { openaiChat } from '../protocol/openai-chat.ts';
import type { Route } from '../route.ts';
import type { ProviderSettings } from './settings.ts';
import { authOf } from './settings.ts';

/** OpenAI's own endpoint, or one that is exactly like it under another address. */
export function openai(settings: ProviderSettings): Route {
  const { baseURL, headers, fetch } = settings;
  return {
    protocol: openaiChat({ maxTokensField: 'max_completion_tokens', cacheKey: true, maxCallIDLength: 40 }),
    endpoint: { baseURL: baseURL ?? 'https://api.openai.com/v1', headers: headers ?? {} },
    auth: authOf(settings),
    framing: openaiSDK(fetch === undefined ? {} : { fetch }),
  };
}
