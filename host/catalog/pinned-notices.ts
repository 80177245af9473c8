import type { Notice } from '#shared/notice.ts';
import { parseModel } from '#shared/parse-model.ts';
import type { Config } from '../config/config.ts';
import type { Catalog } from './catalog.ts';
import { pinnedModels } from './offered-models.ts';

/** What is to be told of the models that the configuration chose: those that their provider will turn off (LM-09). */
export function pinnedNotices(config: Config, catalog: Catalog): readonly Notice[] {
  return [...pinnedModels(config)].flatMap((name) => {
    const ref = parseModel(name);
    const resolution = ref && catalog.resolve(ref);
    if (resolution?.type !== 'model' || resolution.model.status !== 'deprecated') return [];
    return [{ key: `model:${name}`, level: 'info', code: 'model.deprecated', data: { '0': name } }];
  });
}
