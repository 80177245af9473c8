import { join } from 'node:path';
import { readBundled } from './catalog/bundled-models.ts';
import { type CatalogData, openCatalogData } from './catalog/catalog-data.ts';
import { createModelsCache } from './catalog/models-cache.ts';
import type { Fetch } from './llm/framing/exchange.ts';
import type { Ports } from './ports/ports.ts';
import { dataFolder } from './registry/data-folder.ts';

export interface ModelSourcesOptions {
  readonly ports: Ports;
  /** For models.dev, which is asked now and then what models there are; absent: never. */
  readonly fetch?: Fetch;
  /** A short life asks nobody. */
  readonly lifetime?: 'long' | 'short';
  /** Is told where a damaged list was put aside. */
  readonly onDamaged: (path: string) => void;
}

/** The catalogue that came with Millrace, and what models.dev has told this user since. */
export function openModelSources({ ports, fetch, lifetime, onDamaged }: ModelSourcesOptions): CatalogData {
  const { environment, files, clock, log } = ports;
  const mayAsk = lifetime !== 'short' && !environment.variable('OPENCODE_DISABLE_MODELS_FETCH');
  return openCatalogData({
    bundled: readBundled,
    cache: createModelsCache({ path: join(dataFolder(environment), 'cache', 'models-dev.json.gz'), files }),
    ...(fetch && mayAsk ? { fetch } : {}),
    clock,
    log,
    onDamaged,
  });
}
