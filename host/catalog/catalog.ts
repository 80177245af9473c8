import type { ModelRef } from '#shared/message.ts';
import type { ModelChoice } from '#shared/protocol.ts';
import type { Config } from '../config/config.ts';
import type { Fetch } from '../llm/framing/exchange.ts';
import type { Route } from '../llm/route.ts';
import type { Generation } from '../llm/schema.ts';
import type { Environment } from '../ports/environment.ts';
import { type Access, accessOf, isTurnedOff, type ProviderEntry, turnedOff } from './access.ts';
import { type Consents, noConsents, noCredentials, type StoredCredentials } from './choose-credential.ts';
import { type FoundData, type FoundModels, nothingFound, withFound } from './found-models.ts';
import type { Capabilities, Compatibility, ModelStatus } from './ingest.ts';
import { type KnownProvider, knownProvider, leftOutBy, modelOf } from './known-provider.ts';
import { type ModelsDev, noModels } from './models-dev.ts';
import { offeredChoices, offeredModels, pinnedModels } from './offered-models.ts';
import type { Price } from './price.ts';
import { reachModel, type Wanted } from './reach-model.ts';
import { takenName } from './settle-server.ts';
import { chooseDefault, chooseSmall } from './small-model.ts';

/** A model that can be asked: where it is, and what the catalogue and the configuration say about it. */
export interface CatalogModel {
  readonly ref: ModelRef;
  readonly choice: ModelChoice;
  /** The name on the wire. */
  readonly wireID: string;
  readonly route: Route;
  readonly endpoint: string;
  readonly status: ModelStatus;
  /** Models of one kind by one maker, such as `claude-opus`. */
  readonly family?: string;
  readonly limit: { readonly context?: number; readonly input?: number; readonly output?: number };
  readonly price: Price;
  /** Generation Controls that are set for this model and variant; what a turn sets itself goes before them. */
  readonly generation: Generation;
  /** Model Request Options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly compatibility: Compatibility;
  readonly capabilities: Capabilities;
}

/** A model with the name of a variant; one that the model does not have counts for nothing. */
export type ChosenModel = ModelRef & { readonly variant?: string };

export type Resolution =
  | { readonly type: 'model'; readonly model: CatalogModel }
  | { readonly type: 'unknown' }
  /** The user's credential would have gone to an address, or with headers, that the project names. */
  | { readonly type: 'withheld'; readonly endpoint: string; readonly headers: readonly string[] }
  /** It is known, and cannot be asked: one line for the user that says why, and what to do. */
  | { readonly type: 'unusable'; readonly reason: string };

/** The models of a Location. Everything is worked out when it is asked for. */
export interface Catalog {
  /** What is offered: the providers of the configuration first, in its order; in each its own models, then the newest. */
  readonly models: readonly ModelChoice[];
  /** Every provider that is known, those that can be used first. */
  readonly providers: readonly ProviderEntry[];
  /** What a session starts with where nobody chose. */
  readonly defaultModel: ModelRef | undefined;
  /** A cheap model beside this one, at the same provider, for titles and the like; undefined: there is none. */
  smallModel(ref: ModelRef): ModelRef | undefined;
  resolve(ref: ChosenModel): Resolution;
}

export interface CatalogWorld {
  readonly environment: Environment;
  readonly data?: ModelsDev;
  /** What is there on this machine beside the catalogue's data. */
  readonly found?: FoundModels;
  readonly credentials?: StoredCredentials;
  readonly consents?: Consents;
  /** In place of the global one. */
  readonly fetch?: Fetch;
}

/** What a model is reached with, the same for all of a Location. */
export interface CatalogFacts
  extends Required<Omit<CatalogWorld, 'data' | 'found' | 'fetch'>>,
    Pick<CatalogWorld, 'fetch'> {
  readonly config: Config;
  readonly data: FoundData;
}

export function createCatalog(config: Config, world: CatalogWorld): Catalog {
  const { found = nothingFound, data: listed = noModels, ...rest } = world;
  const data = withFound(listed, found, config);
  const facts = { config, credentials: noCredentials, consents: noConsents, ...rest, data };
  const pinned = pinnedModels(config);
  const known = (id: string) => knownProvider(id, config, data);
  const routes = createRouteMemory(facts.credentials);
  const all = () =>
    knownIDs(facts)
      .flatMap((id) => known(id) ?? [])
      .filter(({ found: there }) => there?.models.size !== 0);
  const canUse = (provider: KnownProvider) => accessOf(provider, facts).type === 'usable';
  const offeredOf = (provider: KnownProvider) =>
    canUse(provider) ? offeredModels(provider, pinned, facts) : [];
  return {
    get models() {
      return all()
        .filter(canUse)
        .flatMap((provider) => offeredChoices(provider, pinned, facts));
    },
    get providers() {
      const entries = all().map((provider) => entryOf(provider, accessOf(provider, facts)));
      return entries.toSorted((a, b) => Number(isUsable(b)) - Number(isUsable(a)));
    },
    get defaultModel() {
      return chooseDefault(all(), offeredOf);
    },
    smallModel({ providerID, modelID }) {
      const provider = known(providerID);
      return provider && chooseSmall(modelID, offeredOf(provider));
    },
    resolve({ providerID, modelID, variant }) {
      const provider = known(providerID);
      const model = provider && modelOf(provider, modelID, data);
      if (!provider || !model) return absent({ providerID, modelID }, facts, found);
      const reason = refusalOf(provider, accessOf(provider, facts)) ?? leftOutBy(provider, modelID);
      if (reason !== undefined) return { type: 'unusable', reason };
      const wanted = { id: modelID, model, ...(variant === undefined ? {} : { variant }) };
      return routes.of(provider, wanted, () => reachModel(provider, wanted, facts));
    },
  };
}

/** What is looked for on this machine may come back, or was turned off there: that is another thing than a wrong name. */
function absent(ref: ModelRef, { config, data }: CatalogFacts, found: FoundModels): Resolution {
  const isWanted = !isTurnedOff(ref.providerID, config);
  const server = data.found(ref.providerID);
  const reason = isWanted ? ((server && takenName(server, config)) ?? found.missing(ref)) : undefined;
  return reason === undefined ? { type: 'unknown' } : { type: 'unusable', reason };
}

type Reached = Exclude<Resolution, { type: 'unknown' }>;

/**
 * The same way for the same model, as long as the credential is: signers and logins in it remember what they found. A
 * way that a project has a word in is asked for anew, for the user's consent may have gone.
 */
function createRouteMemory(credentials: StoredCredentials) {
  const ways = new Map<string, { readonly key: string | undefined; readonly reached: Reached }>();
  return {
    of(provider: KnownProvider, { id, variant }: Wanted, reach: () => Reached): Reached {
      const stored = credentials.of(provider.id);
      if (provider.endpointFrom === 'project' || stored?.type === 'auth') return reach();
      const name = JSON.stringify([provider.id, id, variant]);
      const before = ways.get(name);
      if (before && before.key === stored?.key) return before.reached;
      const reached = reach();
      ways.set(name, { key: stored?.key, reached });
      return reached;
    },
  };
}

/** Those of the configuration first. */
function knownIDs({ config, data }: CatalogFacts): readonly string[] {
  return [...new Set([...Object.keys(config.providers), ...data.providers.map(({ id }) => id)])];
}

function entryOf({ id, name, env, dev, found }: KnownProvider, access: Access): ProviderEntry {
  return {
    id,
    name,
    env,
    access,
    ...(dev?.doc === undefined ? {} : { doc: dev.doc }),
    ...(found?.adapter ? { isKeyless: true } : {}),
  };
}

function isUsable({ access }: ProviderEntry): boolean {
  return access.type === 'usable';
}

function refusalOf({ id }: KnownProvider, access: Access): string | undefined {
  if (access.type === 'usable') return undefined;
  return access.type === 'disabled' ? turnedOff(id) : access.reason;
}
