import type { ProviderEntry } from './catalog/access.ts';
import type { CredentialState } from './credential/credential-state.ts';
import type { Credentials } from './credential/credentials.ts';
import type { MethodInfo } from './credential/method-info.ts';
import type { Locations } from './locations.ts';

/** A provider, what is kept for it, and how one signs in at it. No secret is in it. */
export interface Account extends ProviderEntry {
  readonly state: CredentialState;
  readonly methods: readonly MethodInfo[];
}

/** The user's keys and sign-ins, for surfaces. */
export interface Accounts extends Pick<Credentials, 'signIn' | 'signOut' | 'onChange'> {
  /** Every provider that a folder knows, those that can be used first. */
  all(directory: string): Promise<readonly Account[]>;
}

export function createAccounts(credentials: Credentials, locations: Locations): Accounts {
  return {
    signIn: credentials.signIn,
    signOut: credentials.signOut,
    onChange: credentials.onChange,
    async all(directory) {
      const { catalog } = await locations.at(directory).current();
      return catalog.providers.map((provider) => ({
        ...provider,
        state: credentials.state(provider.id),
        methods: credentials.methods(provider.id),
      }));
    },
  };
}
