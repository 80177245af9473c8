import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, 'stall-child.ts');

/**
 * What a large store does to its process: how long the main thread stands still while commits go on and while a
 * snapshot is made (figure 10), and its memory against the index (figure 11). In a process of its own.
 */
export function benchStall(folder: string): readonly string[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', program, join(folder, 'stall')],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  const { idle, commits, snapshot, index, steady, peak } = JSON.parse(stdout) as StallFigures;
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
  return [
    '',
    `Longest stall of the main thread during a snapshot of ${megabytes(index)} MB / with nothing going on: ${(snapshot / idle).toFixed(1)}`,
    `  ${snapshot.toFixed(0)} and ${idle.toFixed(0)} ms (60 ms at most are wanted); with commits, p99: ${commits.toFixed(1)} ms (3 at most)`,
    `Memory of the process above its beginning / that index: ${(steady / index).toFixed(2)} (3 at most is wanted), at its peak ${(peak / index).toFixed(2)} (4.3 at most)`,
    `  ${megabytes(steady)} and ${megabytes(peak)} MB`,
  ];
}

/** Milliseconds a timer of 5 ms came late, and bytes. */
export interface StallFigures {
  readonly idle: number;
  readonly commits: number;
  readonly snapshot: number;
  readonly index: number;
  readonly steady: number;
  readonly peak: number;
}
