import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

const rounds = 9;
const program = join(import.meta.dirname, 'activation-child.ts');

/**
 * Loading the extension's shell and `activate()`, in a fresh Node process with a stand-in for the editor's API, against
 * loading an empty module in the same way. What the editor itself adds is not in it.
 */
export function benchActivation(): readonly string[] {
  const runs = Array.from({ length: rounds }, () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as { load: number; activate: number; empty: number };
  });
  const [load, activate, empty] = (['load', 'activate', 'empty'] as const).map((key) =>
    median(runs.map((run) => run[key])),
  );
  const size = statSync('dist/extension.js').size / 1024;
  return [
    '',
    `activate() and loading the shell / loading an empty module: ${(((load ?? 0) + (activate ?? 0)) / (empty ?? 1)).toFixed(2)}`,
    `  import dist/extension.js (${size.toFixed(0)} KB): ${load?.toFixed(2)} ms; activate(): ${activate?.toFixed(2)} ms`,
    `  import an empty module: ${empty?.toFixed(2)} ms   (medians of ${rounds}, each in a new process)`,
  ];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
