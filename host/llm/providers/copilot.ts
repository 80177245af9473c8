import type { Route } from '../route.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ProviderSettings } from './settings.ts';

/**
 * The models of a GitHub Copilot subscription. The headers by which its own clients tell who they are, are not sent:
 * requests were answered without. Source: https://github.com/pydantic/pydantic-ai/pull/8059
 */
export function copilot(settings: ProviderSettings): Route {
  return openaiCompatible({ baseURL: 'https://api.githubcopilot.com', ...settings });
}
