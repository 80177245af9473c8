import type { ModelRef } from '#shared/message.ts';
import { createCatalog } from './catalog/catalog.ts';
import { knownKeyNames } from './catalog/known-provider.ts';
import { createConfigSource } from './config/config-source.ts';
import { openModelSources } from './model-sources.ts';
import type { Ports } from './ports/ports.ts';

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

export interface ListModelsOptions {
  readonly ports: Ports;
  readonly directory: string;
  /** Only those of this one. */
  readonly provider?: string;
  readonly onDamaged: (path: string) => void;
}

/** What can be used in a folder now, without opening its store: providers of the configuration first. */
export async function listModels(options: ListModelsOptions): Promise<readonly ListedModel[]> {
  const { ports, directory, provider } = options;
  const { environment, textFiles: files, trust } = ports;
  await using sources = openModelSources({ ...options, lifetime: 'short' });
  const data = await sources.current();
  const config = createConfigSource({
    directory,
    isTrusted: () => trust.isTrusted(directory),
    files,
    environment,
    keyNames: (id) => knownKeyNames(id, data),
  });
  const catalog = createCatalog(await config.current(), { environment, data });
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
