import type { ModelRef } from '#shared/message.ts';
import { type FolderCatalogOptions, openFolderCatalog } from './folder-catalog.ts';
import { type Preflight, preflightModel } from './preflight.ts';

/** A model that a folder's sessions can use, as one tells people and programs of it. */
export interface ListedModel {
  readonly provider: string;
  readonly id: string;
  readonly name: string;
  /** What is spoken to it, e.g. `anthropic-messages`. */
  readonly protocol: string;
  readonly status: 'available' | 'beta' | 'deprecated' | 'hidden';
  /** Tokens. */
  readonly context?: number;
  /** US dollars per million tokens. */
  readonly price?: { readonly input: number; readonly output: number };
}

export interface LookOptions extends FolderCatalogOptions {
  /** This machine is looked at for model servers first; else those count that were found before. */
  readonly looksLocally: boolean;
  readonly signal: AbortSignal;
}

export interface ListModelsOptions extends LookOptions {
  /** Only those of this one. */
  readonly provider?: string;
}

/**
 * What can be used in a folder now, keys and sign-ins of the user counted, without opening its store: providers of the
 * configuration first.
 */
export async function listModels(options: ListModelsOptions): Promise<readonly ListedModel[]> {
  const { provider, looksLocally, signal } = options;
  await using folder = await openFolderCatalog(options);
  if (looksLocally) await folder.localServers.look(signal);
  const catalog = await folder.catalog();
  const isMeant = ({ providerID }: ModelRef): boolean => provider === undefined || providerID === provider;
  return catalog.models.flatMap(({ ref, name, status, contextLimit, price }): ListedModel[] => {
    const resolution = isMeant(ref) ? catalog.resolve(ref) : undefined;
    if (resolution?.type !== 'model') return [];
    return [
      {
        provider: ref.providerID,
        id: ref.modelID,
        name,
        protocol: resolution.model.route.protocol.id,
        status: status ?? 'available',
        ...(contextLimit === undefined ? {} : { context: contextLimit }),
        ...(price === undefined ? {} : { price }),
      },
    ];
  });
}

/** Looks at the server of a local model, without opening the folder's store. */
export async function checkModel(ref: ModelRef, options: LookOptions): Promise<Preflight> {
  const { ports, looksLocally, signal } = options;
  await using folder = await openFolderCatalog(options);
  if (looksLocally) await folder.localServers.look(signal);
  return preflightModel(await folder.catalog(), ref, { clock: ports.clock, signal });
}
