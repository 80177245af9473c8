import type { Auth, Route } from '../route.ts';
import { openai, ownChat } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { authOf, type ProviderSettings } from './settings.ts';

export type AzureSettings = ProviderSettings & {
  /** The first label of the resource's address; not asked for where `baseURL` is given. */
  readonly resourceName?: string;
  /** The address of the first version wants none. */
  readonly apiVersion?: string;
  readonly shape?: 'responses' | 'completions';
};

/**
 * OpenAI's models in a resource on Azure, with a key of it or a token of Entra.
 * Source: https://learn.microsoft.com/en-us/azure/ai-foundry/openai/api-version-lifecycle
 */
export function azure({ resourceName = '', apiVersion, shape, ...settings }: AzureSettings): Route {
  const located = {
    ...settings,
    auth: authOf(settings, asKeyHeader),
    baseURL: settings.baseURL ?? `https://${resourceName}.openai.azure.com/openai/v1`,
    query: { ...settings.query, ...(apiVersion !== undefined && { 'api-version': apiVersion }) },
  };
  return shape === 'completions' ? openaiCompatible({ ...located, encoding: ownChat }) : openai(located);
}

function asKeyHeader(value: string): Auth {
  return { type: 'header', name: 'api-key', value };
}
