import { nineCharacters } from '../protocol/call-id.ts';
import type { ChatEncoding } from '../protocol/openai-chat.ts';
import type { Route } from '../route.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ProviderSettings } from './settings.ts';

/** Mistral, which is strict about fields and about the ids of calls. Source: https://docs.mistral.ai/api */
export function mistral(settings: ProviderSettings): Route {
  return openaiCompatible({ baseURL: 'https://api.mistral.ai/v1', ...settings, encoding });
}

const encoding: Partial<ChatEncoding> = { withoutUsageOption: true, callID: nineCharacters };
