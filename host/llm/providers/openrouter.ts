import type { ChatEncoding } from '../protocol/openai-chat.ts';
import type { Route } from '../route.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ProviderSettings } from './settings.ts';

/** Models of all makers at one address. Source: https://openrouter.ai/docs/api-reference/overview */
export function openrouter(settings: ProviderSettings): Route {
  return openaiCompatible({ baseURL: 'https://openrouter.ai/api/v1', ...settings, encoding });
}

/** Claude caches only what is marked for it; the others by themselves. */
const encoding: Partial<ChatEncoding> = {
  reasoningField: 'object',
  marksCache: (model) => model.startsWith('anthropic/'),
};
