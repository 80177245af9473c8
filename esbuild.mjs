// Builds dist/: one run per world, so that each bundle proves its border.
// The host is bundled with no `vscode` external: naming the editor there is a build error.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build, context } from 'esbuild';

const require = createRequire(import.meta.url);
const watch = process.argv.includes('--watch');
const production = !watch && !process.argv.includes('--dev');

// CommonJS dependencies inside an ESM bundle use what only CommonJS modules are given.
const requireBanner = {
  js: [
    "import { createRequire as __createRequire } from 'node:module';",
    "import { fileURLToPath as __fileURLToPath } from 'node:url';",
    'const require = __createRequire(import.meta.url);',
    'const __filename = __fileURLToPath(import.meta.url);',
    "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
  ].join(''),
};

const { version } = JSON.parse(await readFile('package.json', 'utf8'));

const common = {
  bundle: true,
  format: 'esm',
  target: 'node22',
  sourcemap: production ? false : 'linked',
  minify: production,
  legalComments: 'none',
  logLevel: 'warning',
  define: { __MILLRACE_VERSION__: JSON.stringify(version) },
  outdir: 'dist',
};

const host = {
  ...common,
  platform: 'node',
  target: 'node20',
  inject: ['host/older-node.ts'],
  // jsonc-parser's CommonJS build requires its own parts in a way that cannot be bundled.
  mainFields: ['module', 'main'],
  splitting: true,
  banner: requireBanner,
  chunkNames: 'chunks/[name]-[hash]',
  entryPoints: {
    host: 'host/host.ts',
    'node-ports': 'host/node/node-ports.ts',
    'store-worker': 'host/store-worker.ts',
    cli: 'host/cli/main.ts',
  },
  metafile: true,
};

/** The editor's shell loads the host lazily, from the files the host build made. */
const hostIsSeparate = {
  name: 'host-is-separate',
  setup({ onResolve }) {
    onResolve({ filter: /^#host\/(host|node\/node-ports)\.ts$/ }, ({ path }) => ({
      path: `./${path.replace(/^#host\/(node\/)?/, '').replace(/\.ts$/, '.js')}`,
      external: true,
    }));
  },
};

const extension = {
  ...common,
  platform: 'node',
  splitting: true,
  banner: requireBanner,
  chunkNames: 'chunks/[name]-[hash]',
  entryPoints: { extension: 'extension/activate.ts' },
  external: ['vscode'],
  plugins: [hostIsSeparate],
};

const webview = {
  ...common,
  platform: 'browser',
  target: 'chrome128',
  splitting: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  outdir: 'dist/webview',
  chunkNames: '[name]-[hash]',
  entryPoints: { main: 'webview/main.tsx' },
  // The browser knows the names of characters: the package would bring 23 KB of them.
  alias: { entities: './webview/transcript/html-entities.ts' },
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
};

const assets = [
  ['host/catalog/models-dev.json.br', 'dist/models-dev.json.br'],
  ['host/catalog/models-dev.LICENSE.txt', 'dist/models-dev.LICENSE.txt'],
  [require.resolve('sql.js/dist/sql-wasm.wasm'), 'dist/sql-wasm.wasm'],
  [require.resolve('@vscode/codicons/dist/codicon.ttf'), 'dist/webview/codicon.ttf'],
];

// For tests, each into a folder of its own:
// `--store-worker FOLDER`: the store's program alone, which loads in a third of the time of its sources.
// `--host FOLDER`: the host as the package has it, and in meta.json what each file was made of.
const [, workerFolder] = process.argv.slice(process.argv.indexOf('--store-worker'));
const isWorkerAlone = process.argv.includes('--store-worker');
const [, hostFolder] = process.argv.slice(process.argv.indexOf('--host'));
const isHostAlone = process.argv.includes('--host');

if (!isWorkerAlone && !isHostAlone) {
  await rm('dist', { recursive: true, force: true });
  await mkdir('dist/webview', { recursive: true });
  await Promise.all(assets.map(([from, to]) => copyFile(from, to)));
}
if (isWorkerAlone) {
  const entryPoints = { 'store-worker': host.entryPoints['store-worker'] };
  await build({ ...host, sourcemap: 'linked', minify: false, entryPoints, outdir: workerFolder });
} else if (isHostAlone) {
  const { metafile } = await build({ ...host, outdir: hostFolder });
  const own = assets.filter(([, to]) => !to.startsWith('dist/webview/'));
  await Promise.all(own.map(([from, to]) => copyFile(from, to.replace('dist', hostFolder))));
  await writeFile(`${hostFolder}/meta.json`, JSON.stringify(metafile));
} else if (watch) {
  const contexts = await Promise.all([host, extension, webview].map((options) => context(options)));
  await Promise.all(contexts.map((each) => each.watch()));
  console.log('watching');
} else {
  await Promise.all([build(host), build(extension), build(webview)]);
}
