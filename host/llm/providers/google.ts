import { genaiSDK } from '../framing/genai-sdk.ts';
import { type GeminiEncoding, gemini } from '../protocol/gemini.ts';
import type { Auth, Route } from '../route.ts';
import { authOf, type ProviderSettings } from './settings.ts';

/**
 * The Gemini API, or one that is like it under another address.
 * Source: https://ai.google.dev/api
 */
export function google(settings: ProviderSettings & { readonly encoding?: GeminiEncoding }): Route {
  const { baseURL, headers, query, fetch, encoding } = settings;
  return {
    protocol: gemini(encoding),
    endpoint: {
      baseURL: baseURL ?? 'https://generativelanguage.googleapis.com/v1beta',
      headers: headers ?? {},
      ...(query !== undefined && { query }),
    },
    auth: authOf(settings, asGoogleKey),
    framing: genaiSDK(fetch === undefined ? {} : { fetch }),
  };
}

/** A key in the address would stand in the logs of every proxy. */
export function asGoogleKey(value: string): Auth {
  return { type: 'header', name: 'x-goog-api-key', value };
}
