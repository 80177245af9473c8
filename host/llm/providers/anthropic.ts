import { anthropicSDK } from '../framing/anthropic-sdk.ts';
import { anthropicMessages, type MessagesEncoding } from '../protocol/anthropic-messages.ts';
import type { Auth, Route } from '../route.ts';
import { authOf, type ProviderSettings } from './settings.ts';

/**
 * Anthropic's own endpoint, or one that speaks its Messages under another address.
 * Source: https://platform.claude.com/docs/en/api/overview#authentication
 */
export function anthropic(settings: ProviderSettings & { readonly encoding?: MessagesEncoding }): Route {
  const { baseURL, headers, query, fetch, encoding } = settings;
  return {
    protocol: anthropicMessages(encoding),
    endpoint: {
      baseURL: baseURL ?? 'https://api.anthropic.com/v1',
      headers: { 'anthropic-version': '2023-06-01', ...headers },
      ...(query !== undefined && { query }),
    },
    auth: authOf(settings, asKeyHeader),
    framing: anthropicSDK(fetch === undefined ? {} : { fetch }),
  };
}

function asKeyHeader(value: string): Auth {
  return { type: 'header', name: 'x-api-key', value };
}
