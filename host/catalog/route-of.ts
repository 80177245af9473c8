import type { ProviderSettings } from '../llm/providers/settings.ts';
import type { Environment } from '../ports/environment.ts';
import { type Routed, unusable } from './adapters.ts';
import type { ModelDescription } from './ingest.ts';
import { adapterFor, type KnownProvider } from './known-provider.ts';
import { fillAddress, type Place, placeOf } from './place.ts';

/** What goes along to a provider beside its address. */
export interface Sent {
  readonly settings: Pick<ProviderSettings, 'apiKey' | 'auth' | 'fetch'>;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the credential is good, where that is not the provider's usual address. */
  readonly baseURL?: string;
}

type Reached = Pick<ModelDescription, 'compatibility'>;

/** The way to a model, or one line that says why there is none. Opens and asks nothing. */
export function routeOf(
  provider: KnownProvider,
  { compatibility }: Reached,
  { sent, environment }: { readonly sent: Sent; readonly environment: Environment },
): Routed {
  const { npm, shape } = compatibility;
  const place = placeOf(
    { providerID: provider.id, env: provider.dev?.env ?? [], place: provider.place },
    environment,
  );
  const filled = addressOf(provider, compatibility, { sent, environment, place });
  if (filled?.type === 'missing')
    return unusable(`Set ${filled.name}: it is part of the address of "${provider.id}".`);
  if (filled && !URL.canParse(filled.address) && provider.baseURL === undefined)
    return unusable(
      `"${filled.address}" is no address. Look at the variables that "${provider.id}" is reached by.`,
    );
  const { settings, headers } = sent;
  return adapterFor(provider, npm).route({
    providerID: provider.id,
    ...(filled ? { address: filled.address } : {}),
    isOverride: npm !== undefined && npm !== provider.npm,
    ...(shape ? { shape } : {}),
    settings: { ...settings, headers },
    place,
  });
}

interface AddressFacts {
  readonly sent: Sent;
  readonly environment: Environment;
  readonly place: Place;
}

/** The user's own address goes before that of a credential, that before the model's, that before the provider's. */
function addressOf(
  { baseURL, endpointFrom, dev, id, npm }: KnownProvider,
  { api, npm: override }: Reached['compatibility'],
  { sent, environment, place }: AddressFacts,
): ReturnType<typeof fillAddress> | undefined {
  // What a project writes is taken as it stands: filled in, it could carry the user's variables away.
  if (baseURL !== undefined && endpointFrom === 'project') return { type: 'address', address: baseURL };
  const openaiURL =
    id === 'openai' || dev === undefined ? environment.variable('OPENAI_BASE_URL') : undefined;
  const fromEnvironment = npm === '@ai-sdk/openai' && override === undefined ? openaiURL : undefined;
  const address = baseURL ?? sent.baseURL ?? fromEnvironment ?? api ?? dev?.api;
  return address === undefined || address === '' ? undefined : fillAddress(address, place);
}
