import { openaiSDK } from '../framing/openai-sdk.ts';
import { wireCallID } from '../protocol/call-id.ts';
import type { ChatEncoding } from '../protocol/openai-chat.ts';
import { openaiResponses, type ResponsesEncoding } from '../protocol/openai-responses.ts';
import type { Route } from '../route.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { authOf, type ProviderSettings } from './settings.ts';

const address = 'https://api.openai.com/v1';

/** OpenAI's own endpoint, or one that serves Responses like it under another address. */
export function openai(settings: ProviderSettings & { readonly encoding?: ResponsesEncoding }): Route {
  const { baseURL, headers, query, fetch, encoding } = settings;
  return {
    protocol: openaiResponses({ cacheKey: true, ...encoding }),
    endpoint: { baseURL: baseURL ?? address, headers: headers ?? {}, ...(query !== undefined && { query }) },
    auth: authOf(settings),
    framing: openaiSDK(fetch === undefined ? {} : { fetch }),
  };
}

/** OpenAI's older way of the same address, for models that know nothing else. */
export function openaiCompletions(settings: ProviderSettings): Route {
  return openaiCompatible({ baseURL: address, ...settings, encoding: ownChat });
}

/** Chat completions as OpenAI itself serves them. */
export const ownChat: ChatEncoding = {
  limitName: 'newer',
  cacheKey: true,
  callID: (id) => wireCallID(id, 40),
};
