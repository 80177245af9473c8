import { prepare, runStep, runTests } from './suite.ts';
import type { Counts } from './vitest-report.ts';

/** What `npm test` runs after setup, in this order; each goes on after a failure of the one before. */
const suites: readonly (readonly [name: string, run: () => Promise<Counts>])[] = [
  ['lint', () => runStep('lint')],
  ['types', () => runStep('types')],
  ['build and package', () => runStep('package')],
  ['unit', () => runTests('unit')],
  ['editor for the tests', () => prepare('prepare:editor')],
  ['integration', () => runTests('integration')],
  ['e2e', () => runTests('e2e')],
];

/** Prints a table of the suites and, as the very last line, `N passed, N failed[, N skipped]`. */
async function main(): Promise<void> {
  const outcomes: { readonly name: string; readonly counts: Counts; readonly seconds: string }[] = [];
  for (const [name, run] of suites) {
    console.log(`\n━━ ${name} ${'━'.repeat(Math.max(0, 70 - name.length))}`);
    const started = Date.now();
    outcomes.push({ name, counts: await guarded(run), seconds: ((Date.now() - started) / 1000).toFixed(1) });
  }
  console.log(`\n━━ all ${'━'.repeat(67)}`);
  for (const { name, counts, seconds } of outcomes) {
    console.log(`${counts.failed === 0 ? '✓' : '✗'} ${name.padEnd(20)} ${words(counts)} (${seconds} s)`);
  }
  const all = sum(outcomes.map(({ counts }) => counts));
  process.exitCode = all.failed === 0 && all.passed > 0 ? 0 : 1;
  console.log(words(all));
}

/** A suite that cannot even be started is one failure, not the end of the others. */
async function guarded(run: () => Promise<Counts>): Promise<Counts> {
  try {
    return await run();
  } catch (error) {
    console.error(error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

function words({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

await main();
