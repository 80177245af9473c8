import type { ModelChoice } from '#shared/protocol.ts';
import type { Config } from '../config/config.ts';
import type { CatalogFacts, CatalogModel } from './catalog.ts';
import { type KnownProvider, leftOutBy, modelOf } from './known-provider.ts';
import { choiceOf } from './model-choice.ts';
import { reachModel } from './reach-model.ts';

/**
 * The models of a provider that can be used: those of the configuration in its order, then those of the catalogue, the
 * newest first. What is deprecated or hidden is not among them, unless the configuration chose it.
 */
export function offeredModels(
  provider: KnownProvider,
  pinned: ReadonlySet<string>,
  facts: CatalogFacts,
): readonly CatalogModel[] {
  return candidates(provider, pinned, facts).flatMap(({ resolution }) =>
    resolution.type === 'model' ? [resolution.model] : [],
  );
}

/** The same as pickers offer them, with those for which the user has to agree to an address of the project first. */
export function offeredChoices(
  provider: KnownProvider,
  pinned: ReadonlySet<string>,
  facts: CatalogFacts,
): readonly ModelChoice[] {
  return candidates(provider, pinned, facts).flatMap(({ id, model, resolution }) => {
    if (resolution.type === 'model') return [resolution.model.choice];
    if (resolution.type !== 'withheld') return [];
    return [{ ...choiceOf(provider, { id, model, variants: [] }), needsConsent: true as const }];
  });
}

function candidates(provider: KnownProvider, pinned: ReadonlySet<string>, facts: CatalogFacts) {
  return offeredIDs(provider, facts)
    .filter((id) => leftOutBy(provider, id) === undefined)
    .flatMap((id) => {
      const model = modelOf(provider, id, facts.data);
      const isPinned = pinned.has(`${provider.id}/${id}`);
      if (!model || (!isPinned && (model.status === 'deprecated' || model.status === 'hidden'))) return [];
      return [{ id, model, resolution: reachModel(provider, { id, model }, facts) }];
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
