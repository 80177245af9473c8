import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { readBundled } from '#host/catalog/bundled-models.ts';
import { createCatalog } from '#host/catalog/catalog.ts';
import { readModelsFile } from '#host/catalog/models-file.ts';
import { mergeLayers } from '#host/config/merge-layers.ts';
import { nodeEnvironment } from '#host/node/surroundings.ts';

/** What the catalogue costs a start, and what it costs to resolve every model in it. */
export async function benchCatalog(): Promise<readonly string[]> {
  const start = performance.now();
  const bytes = await promisify(brotliDecompress)(await readBundled());
  const unpacked = performance.now();
  const { models: data } = readModelsFile(bytes, () => undefined);
  const opened = performance.now();
  const environment = { ...nodeEnvironment('bench'), variable: () => 'a-value' };
  const catalog = createCatalog(mergeLayers([], ''), { environment, data });
  let count = 0;
  for (const { id } of data.providers) {
    for (const modelID of data.models(id).keys()) {
      catalog.resolve({ providerID: id, modelID });
      count += 1;
    }
  }
  const resolved = performance.now();
  return [
    `\nThe catalogue is open after ${(opened - start).toFixed(1)} ms, ${(opened - unpacked).toFixed(1)} of them on the shared loop`,
    `  ${count} models decoded and resolved: ${(resolved - opened).toFixed(0)} ms, ${(((resolved - opened) * 1000) / count).toFixed(0)} µs each`,
  ];
}
