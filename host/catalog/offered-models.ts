import type { Config } from '../config/config.ts';
import type { CatalogFacts, CatalogModel } from './catalog.ts';
import { type KnownProvider, leftOutBy, modelOf } from './known-provider.ts';
import { reachModel } from './reach-model.ts';

/**
 * The models of a provider that can be used, as pickers offer them: those of the configuration in its order, then those
 * of the catalogue, the newest first. What is deprecated or hidden is not among them, unless the configuration chose it.
 */
export function offeredModels(
  provider: KnownProvider,
  pinned: ReadonlySet<string>,
  facts: CatalogFacts,
): readonly CatalogModel[] {
  return offeredIDs(provider, facts)
    .filter((id) => leftOutBy(provider, id) === undefined)
    .flatMap((id) => {
      const model = modelOf(provider, id, facts.data);
      const isPinned = pinned.has(`${provider.id}/${id}`);
      if (!model || (!isPinned && (model.status === 'deprecated' || model.status === 'hidden'))) return [];
      const resolution = reachModel(provider, { id, model }, facts);
      return resolution.type === 'model' ? [resolution.model] : [];
    });
}

/** The models that the configuration names as those to use, as `provider/model`. */
export function pinnedModels({ model, smallModel, agents }: Config): ReadonlySet<string> {
  const named = [model, smallModel, ...agents.map(({ config }) => config.model)];
  return new Set(named.filter((each) => each !== undefined));
}

function offeredIDs(provider: KnownProvider, { data }: CatalogFacts): readonly string[] {
  const listed = [...data.models(provider.id)];
  const newest = listed.toSorted(([, a], [, b]) => compare(b.release_date ?? '', a.release_date ?? ''));
  return [...new Set([...Object.keys(provider.models), ...newest.map(([id]) => id)])];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
