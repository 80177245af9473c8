import type { ResolvedProvider } from '../config/config.ts';
import type { Auth } from '../llm/route.ts';
import type { Environment } from '../ports/environment.ts';
import { type Credential, credentialFor } from './credential.ts';

/** What a user has signed in with. */
export type StoredCredential =
  | { readonly type: 'key'; readonly key: string }
  | {
      readonly type: 'auth';
      readonly auth: Auth;
      readonly headers?: Readonly<Record<string, string>>;
      /** Where it is good, if not at the provider's usual address. */
      readonly baseURL?: string;
    };

/** The credentials that are kept; asked each time, for they come and go. */
export interface StoredCredentials {
  of(providerID: string): StoredCredential | undefined;
}

export const noCredentials: StoredCredentials = { of: () => undefined };

/** An address that a project names, with the names of the headers that are configured for it. */
export interface ProjectEndpoint {
  readonly providerID: string;
  readonly baseURL: string;
  readonly headers: readonly string[];
}

/** What the user has agreed to: that their credentials go to such an endpoint, exactly as it was shown. */
export interface Consents {
  agreed(endpoint: ProjectEndpoint): boolean;
}

export const noConsents: Consents = { agreed: () => false };

export type Chosen = Credential | (StoredCredential & { readonly type: 'auth' });

/**
 * The credential that may go to a provider's endpoint: one that a file names before one that was signed in with, that
 * before one of the environment. What is the user's never goes where the workspace points; see `credentialFor`.
 */
export function chooseCredential(
  provider: ResolvedProvider,
  {
    environment,
    credentials,
  }: { readonly environment: Environment; readonly credentials: StoredCredentials },
): Chosen {
  const configured = credentialFor(provider, environment);
  if (provider.apiKey) return configured;
  const stored = credentials.of(provider.id);
  if (!stored) return configured;
  return provider.endpointFrom === 'project' ? { type: 'withheld' } : stored;
}
