import { HostError } from '#shared/host-error.ts';
import type { Auth } from '../llm/endpoint.ts';
import type { Fetch } from '../llm/framing/exchange.ts';
import type { Browser } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { Environment } from '../ports/environment.ts';
import type { Log } from '../ports/log.ts';
import type { Secrets } from '../ports/secrets.ts';
import { builtinFlows } from './builtin-flows.ts';
import { type CredentialState, credentialState } from './credential-state.ts';
import type { Flow, OAuthFlow } from './flow.ts';
import { keyFlow, type MethodInfo, methodInfo } from './method-info.ts';
import { type Revocation, revokeTokens } from './revoke.ts';
import { type SignInOptions, signIn } from './sign-in.ts';
import { createTokenSource, type TokenSource } from './token-source.ts';
import { openVault, type Vault } from './vault.ts';

/** What may go to a provider in the user's name. */
export type Credential =
  | { readonly type: 'key'; readonly key: string }
  | {
      readonly type: 'auth';
      readonly auth: Auth;
      readonly headers?: Readonly<Record<string, string>>;
      /** Where this sign-in's requests go, when it is not where the provider's others do. */
      readonly baseURL?: string;
    };

/**
 * The user's keys and sign-ins. Everything in here is the user's own: none of it may go where only a project points.
 */
export interface Credentials extends AsyncDisposable {
  /**
   * What is kept for a provider, from memory. A sign-in that has ended is an `auth` that fails with words for the user:
   * no other key takes its place unseen.
   */
  of(providerID: string): Credential | undefined;
  /** What to show; no secret is in it. */
  state(providerID: string): CredentialState;
  /** The ways to sign in at a provider; a key can be pasted for any. */
  methods(providerID: string): readonly MethodInfo[];
  /** Providers that there is a flow for, or that something is kept for. */
  providers(): readonly string[];
  /**
   * Signs in and keeps what it brings. On abort rejects with `signal.reason`; nothing is changed then.
   * @throws HostError `credential.unknown-method`, `credential.answer`, and those of `signInWith`
   */
  signIn(providerID: string, method: string, options: SignInOptions): Promise<CredentialState>;
  /** Takes the sign-in back at the provider, where that can be done, and forgets it in any case. */
  signOut(providerID: string, signal: AbortSignal): Promise<Revocation>;
  onChange(listener: (providerID: string) => void): Disposable;
  /** Every secret held now, and those replaced lately: for whoever writes what people or files get to see. */
  secrets(): readonly string[];
}

export interface CredentialsOptions {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly fetch: Fetch;
  readonly browser: Browser;
  readonly log: Log;
  readonly flows?: readonly Flow[];
  /** Of the user's configuration, so that what is kept for them is found at once. */
  readonly providerIDs?: readonly string[];
}

/** Reads what is kept, once, and follows what other windows change. */
export async function openCredentials(options: CredentialsOptions): Promise<Credentials> {
  const { secrets, log, fetch, clock, environment, flows = builtinFlows } = options;
  const flowed = flows.map(({ providerID }) => providerID);
  const providerIDs = [...new Set([...flowed, ...(options.providerIDs ?? [])])];
  const vault = await openVault({ secrets, log, providerIDs });
  const closing = new AbortController();
  const web = { fetch, clock };
  const flowsOf = (providerID: string): readonly Flow[] => {
    const own = flows.filter((flow) => flow.providerID === providerID);
    return own.some(({ type }) => type === 'key') ? own : [...own, keyFlow(providerID)];
  };
  const flowOf = (providerID: string, method: string) =>
    flowsOf(providerID).find((flow) => flow.method === method);
  const oauthFlowOf = (providerID: string, method: string): OAuthFlow | undefined => {
    const flow = flowOf(providerID, method);
    return flow?.type === 'key' ? undefined : flow;
  };
  const tokens = createTokenSource({ vault, flowOf: oauthFlowOf, web, log, closing: closing.signal });
  const state = (providerID: string) =>
    credentialState(providerID, vault.state(providerID), { flows: flowsOf(providerID), environment });

  return {
    of: (providerID) => credentialOf(providerID, vault, tokens),
    state,
    methods: (providerID) => flowsOf(providerID).map(methodInfo),
    providers: () => [...new Set([...flowed, ...vault.providers()])],
    async signIn(providerID, method, how) {
      const flow = flowOf(providerID, method);
      if (flow === undefined) throw unknownMethod(providerID, method);
      await signIn(flow, { ...how, vault, tokens, web, environment, browser: options.browser });
      log.info('Signed in', { providerID, method });
      return state(providerID);
    },
    async signOut(providerID, signal) {
      using _held = await vault.lock(providerID, signal);
      const kept = await vault.reload(providerID);
      const flow = kept.type === 'tokens' ? oauthFlowOf(providerID, kept.method) : undefined;
      const revocation = await revokeTokens(kept, flow, { web, log, signal });
      await vault.drop(providerID);
      log.info('Signed out', { providerID });
      return revocation;
    },
    onChange: vault.onChange.bind(vault),
    secrets: () => [...new Set([...vault.secrets(), ...tokens.secrets()])],
    async [Symbol.asyncDispose]() {
      closing.abort(new HostError('credential.closed', 'Millrace is closing.'));
      await vault[Symbol.asyncDispose]();
    },
  };
}

function credentialOf(providerID: string, vault: Vault, tokens: TokenSource): Credential | undefined {
  const state = vault.state(providerID);
  if (state.type === 'absent') return undefined;
  if (state.type === 'key') return { type: 'key', key: state.key };
  const auth: Auth = {
    type: 'token',
    token: (signal) => tokens.token(providerID, signal),
    last: () => tokens.last(providerID),
  };
  if (state.type !== 'tokens') return { type: 'auth', auth };
  const { headers, baseURL } = state;
  return { type: 'auth', auth, headers, ...(baseURL === undefined ? {} : { baseURL }) };
}

function unknownMethod(providerID: string, method: string): HostError {
  return new HostError(
    'credential.unknown-method',
    `There is no way to sign in at ${providerID} called “${method}”.`,
    {
      data: { providerID, method },
    },
  );
}
