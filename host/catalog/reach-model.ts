import type { Protocol, Route } from '../llm/route.ts';
import { withTextCalls } from '../llm/text-calls.ts';
import { withThinkTags } from '../llm/think-tags.ts';
import type { CatalogFacts, CatalogModel, Resolution } from './catalog.ts';
import { type Chosen, chooseCredential } from './choose-credential.ts';
import type { ModelDescription } from './ingest.ts';
import { adapterFor, type KnownProvider } from './known-provider.ts';
import { choiceOf } from './model-choice.ts';
import { noPrice } from './price.ts';
import { routeOf, type Sent } from './route-of.ts';
import { joined, partOptions } from './sdk-options.ts';
import { type Variant, variantsOf } from './variants.ts';

export interface Wanted {
  readonly id: string;
  readonly model: ModelDescription;
  readonly variant?: string;
}

/** The way to a model of a provider that can be used, and all that is set for it. */
export function reachModel(
  provider: KnownProvider,
  wanted: Wanted,
  facts: CatalogFacts,
): Exclude<Resolution, { type: 'unknown' }> {
  const { model, variant } = wanted;
  const chosen = credentialAt(provider, wanted, facts);
  if (chosen.type === 'withheld') return withheldAt(provider, wanted, facts);
  const sent = sentWith(chosen, provider, facts.fetch);
  const routeWith = (more?: Variant) => {
    const headers = { ...sent.headers, ...model.headers, ...more?.headers };
    return routeOf(provider, model, { sent: { ...sent, headers }, environment: facts.environment });
  };
  const plain = routeWith();
  if (plain.type === 'unusable') return plain;
  const npm = model.compatibility.npm ?? provider.npm;
  const variants = variantsOf(model, { protocolID: plain.route.protocol.id, npm });
  const run = variant === undefined ? undefined : variants.get(variant);
  const routed = run ? routeWith(run) : plain;
  if (routed.type === 'unusable') return routed;
  const names = [...variants.keys()];
  return { type: 'model', model: reached(provider, wanted, { route: routed.route, run, names }) };
}

/** What goes along, unless it is the user's and the project says where to; the user may have agreed to that. */
function credentialAt(provider: KnownProvider, wanted: Wanted, facts: CatalogFacts): Chosen {
  const chosen = chooseCredential(provider, facts);
  const { ambient } = adapterFor(provider, wanted.model.compatibility.npm);
  // Without a key these take what the machine has, and that is the user's too.
  const takesAmbient = ambient !== undefined && chosen.type === 'none';
  const isWithheld = chosen.type === 'withheld' || (takesAmbient && provider.endpointFrom === 'project');
  if (!isWithheld) return chosen;
  const { endpoint, headers } = withheldAt(provider, wanted, facts);
  const isAgreed = facts.consents.agreed({ providerID: provider.id, baseURL: endpoint, headers });
  return isAgreed ? chooseCredential({ ...provider, endpointFrom: 'user' }, facts) : { type: 'withheld' };
}

/** Where a request would go, and with which headers, without anything of the user's in it. */
function withheldAt(provider: KnownProvider, { model }: Wanted, { environment }: CatalogFacts): Withheld {
  const headers = { ...provider.headers, ...model.headers };
  const routed = routeOf(provider, model, { sent: { settings: {}, headers }, environment });
  const endpoint = routed.type === 'route' ? routed.route.endpoint.baseURL : (provider.baseURL ?? '');
  return { type: 'withheld', endpoint, headers: Object.keys(headers).toSorted() };
}

type Withheld = Extract<Resolution, { type: 'withheld' }>;

interface Way {
  readonly route: Route;
  readonly run: Variant | undefined;
  /** Of all variants. */
  readonly names: readonly string[];
}

function reached(provider: KnownProvider, { id, model }: Wanted, { route, run, names }: Way): CatalogModel {
  const { wireID, status, family, limit, compatibility, capabilities } = model;
  const { generation, options } = partOptions(model.options, route.protocol.id);
  return {
    ref: { providerID: provider.id, modelID: id },
    choice: choiceOf(provider, { id, model, variants: names }),
    wireID,
    route: { ...route, protocol: spokenTo(model, route.protocol) },
    endpoint: route.endpoint.baseURL,
    status,
    ...(family === undefined ? {} : { family }),
    limit,
    price: run?.price ?? model.price ?? noPrice,
    generation: { ...generation, ...run?.generation },
    options: run ? joined(options, run.options) : options,
    compatibility,
    capabilities,
  };
}

/**
 * The protocol with what the model does in its text: thoughts in tags, which servers of chat completions leave there, and
 * calls, where the model has no other way.
 */
function spokenTo({ compatibility }: ModelDescription, protocol: Protocol): Protocol {
  const read = protocol.id === chatProtocol ? withThinkTags(protocol) : protocol;
  return compatibility.toolCall ? read : withTextCalls(read);
}

const chatProtocol = 'openai-chat';

function sentWith(chosen: Chosen, { headers }: KnownProvider, fetch: CatalogFacts['fetch']): Sent {
  const own = fetch ? { fetch } : {};
  if (chosen.type === 'key') return { settings: { ...own, apiKey: chosen.key }, headers };
  if (chosen.type !== 'auth') return { settings: own, headers };
  const { auth, baseURL } = chosen;
  return {
    settings: { ...own, auth },
    headers: { ...chosen.headers, ...headers },
    ...(baseURL === undefined ? {} : { baseURL }),
  };
}
