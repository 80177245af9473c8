import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The webview as the extension ships it, held in memory: nothing of it can go away while a page still loads. */
export interface WebviewBuild {
  /** The bytes of one of its files; a name that was not built is an error. */
  readonly read: (name: string) => Buffer;
}

/** Builds the webview with the options of `esbuild.mjs`, without touching `dist/`. */
export async function buildWebview(): Promise<WebviewBuild> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'webview/main.tsx' },
    alias: { entities: './webview/transcript/html-entities.ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'chrome128',
    splitting: true,
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    outdir: 'dist/webview',
    chunkNames: '[name]-[hash]',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
  return {
    read: (name) => {
      const bytes = files.get(name);
      if (!bytes) throw new Error(`The webview's build has no file ${name}.`);
      return bytes;
    },
  };
}
