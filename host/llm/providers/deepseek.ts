import type { Route } from '../route.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ProviderSettings } from './settings.ts';

/** DeepSeek, which caches by itself. Source: https://api-docs.deepseek.com/api/create-chat-completion */
export function deepseek(settings: ProviderSettings): Route {
  return openaiCompatible({ baseURL: 'https://api.deepseek.com', ...settings });
}
