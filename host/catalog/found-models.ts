import type { ModelRef } from '#shared/message.ts';
import type { Config } from '../config/config.ts';
import type { Adapter } from './adapters.ts';
import type { DevModel, DevProvider, ModelsDev } from './models-dev.ts';
import { settleServer } from './settle-server.ts';

/**
 * Providers that are there on this machine and in no catalogue: the editor's own models, servers that run here. They
 * want no credential. What was found is told in the words of models.dev, so that opencode.json goes over it as over
 * everything else.
 */
export interface FoundProvider extends DevProvider {
  /** By their ids. A provider without any is not shown, and is kept from being anything else. */
  readonly models: ReadonlyMap<string, DevModel>;
  /** What is taken for a model that is not listed, as long as nobody could look yet. */
  unlisted?(modelID: string): DevModel | undefined;
  /**
   * What reaches it, where that is nothing that `npm` and `api` amount to. Such a provider is reached so and not
   * otherwise: the configuration gives it neither an address nor a package nor a key.
   */
  readonly adapter?: Adapter;
}

/** What was found at one time: an own object for each time that something in it changed. */
export interface FoundModels {
  readonly providers: readonly FoundProvider[];
  /** Why a model that is not among them cannot be asked, where its provider is one that is looked for: one line. */
  missing(ref: ModelRef): string | undefined;
}

/** Looks for providers in the background: at what it found last nobody waits. */
export interface FoundSource {
  /** The same object until something changes. */
  readonly latest: FoundModels;
  /** Is called when `latest` is another than before. */
  onChange(listener: () => void): Disposable;
}

export const nothingFound: FoundModels = { providers: [], missing: () => undefined };

export const findsNothing: FoundSource = {
  latest: nothingFound,
  onChange: () => ({ [Symbol.dispose]: () => undefined }),
};

/** The catalogue's data with what was found. */
export interface FoundData extends ModelsDev {
  found(id: string): FoundProvider | undefined;
}

/** Several sources as one; of two providers with one id the first source's counts. */
export function joinSources(sources: readonly FoundSource[]): FoundSource {
  let parts: readonly FoundModels[] = [];
  let joined = nothingFound;
  return {
    get latest() {
      const now = sources.map(({ latest }) => latest);
      if (now.length === parts.length && now.every((each, index) => each === parts[index])) return joined;
      parts = now;
      joined = joinFound(now);
      return joined;
    },
    onChange(listener) {
      const subscriptions = sources.map((source) => source.onChange(listener));
      return {
        [Symbol.dispose]() {
          for (const subscription of subscriptions) subscription[Symbol.dispose]();
        },
      };
    },
  };
}

function joinFound(parts: readonly FoundModels[]): FoundModels {
  const byID = new Map<string, FoundProvider>();
  for (const provider of parts.flatMap(({ providers }) => providers))
    if (!byID.has(provider.id)) byID.set(provider.id, provider);
  return {
    providers: [...byID.values()],
    missing(ref) {
      for (const part of parts) {
        const reason = part.missing(ref);
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
  };
}

/**
 * The catalogue's data with what was found: such a provider has those models that it has now, and comes last, for where
 * nobody chose, what the user signed in at goes before what merely is there.
 */
export function withFound(data: ModelsDev, { providers }: FoundModels, config: Config): FoundData {
  const mine = providers.flatMap((each) => (each.adapter ? each : (settleServer(each, data, config) ?? [])));
  const found = new Map(mine.map((provider) => [provider.id, provider]));
  const others = data.providers.filter(({ id }) => !found.has(id));
  return {
    date: data.date,
    providers: [...others, ...mine],
    provider: (id) => found.get(id) ?? data.provider(id),
    models: (id) => found.get(id)?.models ?? data.models(id),
    found: (id) => found.get(id),
  };
}
