import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { readBundled } from '#host/catalog/bundled-models.ts';
import { type Catalog, createCatalog } from '#host/catalog/catalog.ts';
import { readModelsFile } from '#host/catalog/models-file.ts';
import { mergeLayers } from '#host/config/merge-layers.ts';
import { nodeEnvironment } from '#host/node/surroundings.ts';
import { say } from '#shared/words.ts';
import { modelRows } from '../extension/models/model-rows.ts';

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
    ...benchPicker(catalog),
    `\nThe catalogue is open after ${(opened - start).toFixed(1)} ms, ${(opened - unpacked).toFixed(1)} of them on the shared loop`,
    `  ${count} models decoded and resolved: ${(resolved - opened).toFixed(0)} ms, ${(((resolved - opened) * 1000) / count).toFixed(0)} µs each`,
  ];
}

/** What opening the model picker costs with as many models as users have: the list of the catalogue, and its lines. */
function benchPicker(catalog: Catalog): readonly string[] {
  const listing = median(rounds, () => catalog.models);
  const models = catalog.models.slice(0, pickedModels);
  const facts = { models, accounts: [], chosen: models[0]?.ref ?? null, recent: [] };
  const rows = median(rounds, () => modelRows(facts, (key, args = []) => say({}, key, args)));
  const copied = median(rounds, () => JSON.parse(JSON.stringify(models)));
  return [
    `\nThe lines of the picker for ${models.length} models / a copy of them by JSON: ${(rows / copied).toFixed(2)}`,
    `  ${rows.toFixed(2)} and ${copied.toFixed(2)} ms; to list all ${catalog.models.length} of the catalogue takes ${listing.toFixed(0)} ms`,
  ];
}

const rounds = 9;
const pickedModels = 700;

function median(times: number, work: () => unknown): number {
  const samples = Array.from({ length: times }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return samples.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
}
