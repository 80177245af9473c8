import type { Environment } from '../ports/environment.ts';
import type { Flow } from './flow.ts';
import type { StoredState } from './stored.ts';
import { type SignedOutReason, signedOutWords } from './token-source.ts';

/** What is shown of a provider's credential. No secret is in it. */
export type CredentialState =
  | { readonly type: 'none' }
  /** Nothing is kept, and a variable holds a key. */
  | { readonly type: 'environment'; readonly variable: string }
  | {
      readonly type: 'signed-in';
      readonly method: string;
      readonly account?: string;
      /** Of the access token, which is renewed by itself; milliseconds since the epoch. */
      readonly expiresAt?: number;
    }
  /** The user has to sign in again. */
  | {
      readonly type: 'signed-out';
      readonly method?: string;
      readonly account?: string;
      readonly problem: { readonly reason: SignedOutReason; readonly text: string };
    };

export function credentialState(
  providerID: string,
  stored: StoredState,
  { flows, environment }: { readonly flows: readonly Flow[]; readonly environment: Environment },
): CredentialState {
  switch (stored.type) {
    case 'absent':
      return fromEnvironment(flows, environment);
    case 'key':
      return { type: 'signed-in', method: stored.method };
    case 'tokens':
      return {
        ...{ type: 'signed-in', method: stored.method },
        ...(stored.account === undefined ? {} : { account: stored.account }),
        ...(stored.expiresAt === undefined ? {} : { expiresAt: stored.expiresAt }),
      };
    case 'ended':
      return {
        ...{ type: 'signed-out', method: stored.method, problem: problem(providerID, stored.reason) },
        ...(stored.account === undefined ? {} : { account: stored.account }),
      };
    case 'unreadable':
      return { type: 'signed-out', problem: problem(providerID, stored.reason) };
  }
}

function problem(providerID: string, reason: SignedOutReason) {
  return { reason, text: signedOutWords(providerID, reason) };
}

function fromEnvironment(flows: readonly Flow[], environment: Environment): CredentialState {
  const variable = flows
    .flatMap((flow) => (flow.type === 'key' ? flow.variables : []))
    .find((name) => environment.variable(name));
  return variable === undefined ? { type: 'none' } : { type: 'environment', variable };
}
