import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { proposedUses } from './manifest.ts';

const target = 'dist/millrace.vsix';

/** `npm run package`: builds through `vscode:prepublish`, packs dist/millrace.vsix, and fails on any warning. */
async function main(): Promise<void> {
  const manifest: unknown = JSON.parse(await readFile('package.json', 'utf8'));
  const offences = proposedUses({ ...(manifest as object) });
  if (offences.length > 0) throw new Error(`package.json uses proposed API:\n  ${offences.join('\n  ')}`);
  await mkdir('dist', { recursive: true });
  const words = await vsce(['package', '--no-dependencies', '-o', target]);
  const warnings = words.split('\n').filter((line) => line.includes('WARNING'));
  if (warnings.length > 0) throw new Error(`vsce warned:\n  ${warnings.join('\n  ')}`);
  const { size } = await stat(target);
  console.log(`${target}: ${(size / 1024 / 1024).toFixed(2)} MiB`);
}

/** Runs vsce on the project and returns what it said; it is shown as it comes. The repository is left to who publishes. */
async function vsce(args: readonly string[]): Promise<string> {
  const program = createRequire(import.meta.url).resolve('@vscode/vsce/vsce');
  const flags = ['--no-rewrite-relative-links', '--allow-missing-repository'];
  const child = spawn(process.execPath, [program, ...args, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words += text;
      process.stdout.write(text);
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`vsce ended with exit code ${code}.`);
  return words;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
