import type { ResolvedProvider } from '../config/config.ts';
import type { Environment } from '../ports/environment.ts';

export type Credential =
  | { readonly type: 'key'; readonly key: string }
  /** The endpoint wants none, or none is configured: the request goes without. */
  | { readonly type: 'none' }
  /** There is a key, and it is the user's, and the address is the project's. */
  | { readonly type: 'withheld' };

/**
 * The key that may go to a provider's endpoint. A key of the user (their file, their environment) never goes to an
 * address or with a header that the workspace names; a key that stands in the same project file does.
 */
export function credentialFor(provider: ResolvedProvider, environment: Environment): Credential {
  const { apiKey, endpointFrom } = provider;
  const fromEnvironment = provider.env.map((name) => environment.variable(name)).find(Boolean);
  if (endpointFrom !== 'project') {
    const key = apiKey?.value ?? fromEnvironment;
    return key ? { type: 'key', key } : { type: 'none' };
  }
  if (apiKey?.from === 'project') return { type: 'key', key: apiKey.value };
  return apiKey || fromEnvironment ? { type: 'withheld' } : { type: 'none' };
}
