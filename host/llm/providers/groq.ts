import type { Route } from '../route.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ProviderSettings } from './settings.ts';

/** Open models on Groq. Source: https://console.groq.com/docs/api-reference */
export function groq(settings: ProviderSettings): Route {
  return openaiCompatible({ baseURL: 'https://api.groq.com/openai/v1', ...settings, encoding });
}

const encoding = { limitName: 'newer' } as const;
