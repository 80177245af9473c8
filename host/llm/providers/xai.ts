import type { Route } from '../route.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ProviderSettings } from './settings.ts';

/** Grok. Source: https://docs.x.ai/docs/api-reference */
export function xai(settings: ProviderSettings): Route {
  return openaiCompatible({ baseURL: 'https://api.x.ai/v1', ...settings, encoding });
}

const encoding = { limitName: 'newer' } as const;
