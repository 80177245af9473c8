import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { bundledModels } from '#host/catalog/bundled-models.ts';
import { modelsURL } from '#host/catalog/fetch-models.ts';
import { readModelsFile, writeModelsFile } from '#host/catalog/models-file.ts';

// `npm run catalog [FILE]`: makes the catalogue that comes with Millrace, out of a file of models.dev or the live one.

const [path] = process.argv.slice(2);
const text = path === undefined ? await live() : readFileSync(path, 'utf8');
const bytes = writeModelsFile(JSON.parse(text));
const leftOut: string[] = [];
const { models } = readModelsFile(bytes, (entry, reason) => leftOut.push(`${entry}: ${reason}`));
const counts = models.providers.map(({ id }) => models.models(id).size);
const packed = brotliCompressSync(bytes, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  },
});
writeFileSync(bundledModels(), packed);

console.log(
  `${models.providers.length} providers, ${counts.reduce((a, b) => a + b, 0)} models as of ${models.date}, ${Math.round(packed.length / 1024)} KB`,
);
for (const each of leftOut) console.log(`left out: ${each}`);

async function live(): Promise<string> {
  const response = await fetch(modelsURL);
  if (!response.ok) throw new Error(`${modelsURL} answered with status ${response.status}.`);
  return response.text();
}
