import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.ts';
import type { EditorInstall } from './code-server.ts';

const keptTemplates = 6;
const run = promisify(execFile);

/** A name for exactly these VSIX contents in this order. Says what to run if one is not there. */
export async function vsixKey(vsixes: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const vsix of vsixes) {
    if (!existsSync(vsix)) throw new Error(`There is no ${vsix}. Run: npm run package`);
    hash.update(await readFile(vsix));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Fills `folder` with the installed VSIX files. Installing takes seconds, so it is done once per content into a
 * template in the cache folder and copied from there; only the newest few templates are kept.
 */
export async function installExtensions(folder: string, options: InstallOptions): Promise<void> {
  const template = join(cacheFolder(), `extensions-${await vsixKey(options.vsixes)}`);
  if (!existsSync(template)) await makeTemplate(template, options);
  await utimes(template, new Date(), new Date());
  await cp(template, folder, { recursive: true });
}

export interface InstallOptions {
  readonly vsixes: readonly string[];
  readonly install: EditorInstall;
  readonly signal: AbortSignal;
}

async function makeTemplate(template: string, { vsixes, install, signal }: InstallOptions): Promise<void> {
  const workshop = `${template}.building-${process.pid}`;
  const [data, extensions] = [join(workshop, 'data'), join(workshop, 'extensions')];
  try {
    await mkdir(data, { recursive: true });
    for (const vsix of vsixes) {
      const folders = [
        '--user-data-dir',
        data,
        '--extensions-dir',
        extensions,
        '--config',
        join(data, 'config.yaml'),
      ];
      const env = { PATH: process.env['PATH'], HOME: data };
      await run(install.node, [install.entry, ...folders, '--install-extension', vsix], { env, signal });
    }
    await rename(extensions, template).catch(unlessMadeByAnother);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  await prune(dirname(template));
}

/** Two runs may install the same content at once: whoever comes second uses the first one's. */
function unlessMadeByAnother(error: unknown): void {
  const made =
    error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST'].includes(String(error.code));
  if (!made) throw error;
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^extensions-[0-9a-f]{16}$/.test(name));
  const dated = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.at - a.at).slice(keptTemplates);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
