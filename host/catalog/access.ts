import type { Config } from '../config/config.ts';
import type { CatalogFacts } from './catalog.ts';
import { adapterFor, type KnownProvider } from './known-provider.ts';

/** Whether a provider can be used, or what keeps it from that. */
export type Access =
  | { readonly type: 'usable' }
  /** Turned off in opencode.json. */
  | { readonly type: 'disabled' }
  /** It wants a credential: one line for the user that says which. */
  | { readonly type: 'missing'; readonly reason: string }
  /** No protocol of ours reaches it: one line that says why. */
  | { readonly type: 'unspoken'; readonly reason: string };

/** A provider as a list of all shows it. */
export interface ProviderEntry {
  readonly id: string;
  readonly name: string;
  /** The variables that hold its keys. */
  readonly env: readonly string[];
  /** Where its maker describes it. */
  readonly doc?: string;
  readonly access: Access;
  /** There is nothing to sign in at. */
  readonly isKeyless?: true;
}

export function accessOf(provider: KnownProvider, facts: CatalogFacts): Access {
  const { id, name, env } = provider;
  if (isTurnedOff(id, facts.config)) return { type: 'disabled' };
  const adapter = adapterFor(provider);
  if (adapter.unspokenBecause)
    return { type: 'unspoken', reason: `${name} cannot be used yet: ${adapter.unspokenBecause}.` };
  if (hasCredential(provider, facts)) return { type: 'usable' };
  const names = adapter.isSignInOnly ? [] : env;
  const set = names.length > 0 ? `, or set ${names.join(' or ')}` : '';
  return { type: 'missing', reason: `There is no credential for ${name}. Sign in${set}.` };
}

export function isTurnedOff(id: string, { enabledProviders, disabledProviders }: Config): boolean {
  return disabledProviders.includes(id) || enabledProviders?.includes(id) === false;
}

export function turnedOff(id: string): string {
  return `"${id}" is turned off by enabled_providers or disabled_providers in opencode.json.`;
}

function hasCredential(provider: KnownProvider, { environment, credentials }: CatalogFacts): boolean {
  const { id, baseURL, apiKey, env, dev, found, isConfigured } = provider;
  if (found) return true;
  if (baseURL !== undefined || apiKey !== undefined) return true;
  if (credentials.of(id)) return true;
  const { isSignInOnly, ambient = [] } = adapterFor(provider);
  if (!isSignInOnly && env.some(environment.variable)) return true;
  if (isConfigured && (ambient.length > 0 || isLocal(dev?.api))) return true;
  return ambient.some(environment.variable);
}

/** A server on this machine wants no key; that it is there only the user knows. */
function isLocal(address: string | undefined): boolean {
  return address !== undefined && localAddress.test(address);
}

const localAddress = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/;
