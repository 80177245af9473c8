import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = resolve(import.meta.dirname, '..');
const project = resolve(source, '../..');
const installed = join(project, 'node_modules');

export const packageName = 'millrace-llm';

/** Compiles this folder alone, packs it as a package, and gives the packed file. Uses no network. */
export async function pack(folder: string): Promise<string> {
  await compile(folder);
  const dependencies = await declared(join(folder, 'dist'));
  const manifest = {
    name: packageName,
    version: '0.0.0',
    license: 'MIT',
    type: 'module',
    exports: { './*.js': { types: './dist/*.d.ts', default: './dist/*.js' } },
    files: ['dist'],
    dependencies,
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await cp(join(source, 'README.md'), join(folder, 'README.md'));
  const { stdout } = await run('npm', ['pack', '--json', '--offline', '--ignore-scripts'], { cwd: folder });
  const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[];
  return join(folder, packed?.filename ?? '');
}

/** Puts a packed file into a folder as `npm install` would, with the dependencies that it declares and no others. */
export async function install(packed: string, folder: string): Promise<readonly string[]> {
  const home = join(folder, 'node_modules', packageName);
  await mkdir(home, { recursive: true });
  await run('tar', ['-xzf', packed, '-C', home, '--strip-components', '1']);
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    await readFile(join(home, 'package.json'), 'utf8'),
  );
  const names = Object.keys(manifest.dependencies);
  for (const name of names) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(installed, name), link);
  }
  return names;
}

async function compile(folder: string): Promise<void> {
  const config = {
    extends: join(project, 'tsconfig.json'),
    compilerOptions: {
      ...{ rootDir: source, outDir: join(folder, 'dist'), noEmit: false, declaration: true },
      ...{ rewriteRelativeImportExtensions: true, allowImportingTsExtensions: true },
      ...{ types: ['node'], typeRoots: [join(installed, '@types')] },
      // Types are checked with the rest of the project.
      noCheck: true,
    },
    include: [join(source, '**/*.ts')],
    exclude: ['**/*.test.ts', 'testing/**'].map((pattern) => join(source, pattern)),
  };
  const file = join(folder, 'tsconfig.json');
  await writeFile(file, JSON.stringify(config));
  await run(join(installed, '.bin', 'tsc'), ['-p', file]);
}

const imported = /(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"./][^'"]*)['"]/g;
const packageOf = /^(?:@[^/]+\/)?[^/]+/;

/** The packages that compiled files import, in the versions that are installed. */
async function declared(dist: string): Promise<Readonly<Record<string, string>>> {
  const files = await readdir(dist, { recursive: true });
  const code = files.filter((name) => name.endsWith('.js') || name.endsWith('.d.ts'));
  const texts = await Promise.all(code.map((name) => readFile(join(dist, name), 'utf8')));
  const specifiers = texts.flatMap((text) => [...text.matchAll(imported)].flatMap(([, name]) => name ?? []));
  const foreign = specifiers.filter((name) => !name.startsWith('node:'));
  const names = new Set(foreign.flatMap((name) => packageOf.exec(name)?.[0] ?? []));
  const versions = [...names].sort().map(async (name): Promise<[string, string]> => {
    const manifest: { version: string } = JSON.parse(
      await readFile(join(installed, name, 'package.json'), 'utf8'),
    );
    return [name, manifest.version];
  });
  return Object.fromEntries(await Promise.all(versions));
}
