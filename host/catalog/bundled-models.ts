import { readFile } from 'node:fs/promises';

/**
 * Where the catalogue that comes with Millrace is: beside the bundle in `dist/`, or here when the host runs from source.
 * `base` is the URL of this very module.
 */
export function bundledModels(base: string = import.meta.url): URL {
  if (base.endsWith('.ts')) return new URL(fileName, base);
  // The bundler puts shared code into a folder of its own.
  return new URL(fileName, new URL(base.includes('/chunks/') ? '..' : '.', base));
}

const fileName = 'models-dev.json.br';

/** The compressed bytes of a file that is part of the program. */
export function readBundled(url: URL = bundledModels()): Promise<Uint8Array> {
  return readFile(url);
}
