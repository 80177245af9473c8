import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.ts';

const run = promisify(execFile);

/**
 * Packs a small extension of `test-fixtures/companions`, which plays what the editor has beside Millrace, and returns the
 * path of its VSIX. It is kept in the cache folder under what it holds: equal files give an equal VSIX.
 */
export async function packCompanion(name: string): Promise<string> {
  const folder = join(import.meta.dirname, '../companions', name);
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).sort())
    hash.update(file).update(await readFile(join(folder, file)));
  const target = join(cacheFolder(), `companion-${name}-${hash.digest('hex').slice(0, 16)}.vsix`);
  if (existsSync(target)) return target;
  const program = createRequire(import.meta.url).resolve('@vscode/vsce/vsce');
  const building = `${target}.building-${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  const flags = ['--no-dependencies', '--allow-missing-repository', '--skip-license'];
  await run(process.execPath, [program, 'package', '-o', building, ...flags], { cwd: folder });
  await rename(building, target);
  return target;
}
