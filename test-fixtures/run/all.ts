import { prepare, runStep, runTests } from './suite.ts';
import type { SuiteResult } from './vitest-report.ts';

/** What `npm test` runs after setup, in this order; each goes on after a failure of the one before. */
const suites: readonly (readonly [name: string, run: () => Promise<SuiteResult>])[] = [
  ['lint', () => runStep('lint')],
  ['types', () => runStep('types')],
  ['build and package', () => runStep('package')],
  ['unit', () => runTests('unit')],
  ['editor for the tests', () => prepare('prepare:editor')],
  ['integration', () => runTests('integration')],
  ['e2e', () => runTests('e2e')],
];

/** Prints a table of the suites with what was red and, as the very last line, `N passed, N failed[, N skipped]`. */
async function main(): Promise<void> {
  const outcomes: { readonly name: string; readonly result: SuiteResult; readonly seconds: string }[] = [];
  for (const [name, run] of suites) {
    console.log(`\n━━ ${name} ${'━'.repeat(Math.max(0, 70 - name.length))}`);
    const started = Date.now();
    outcomes.push({ name, result: await guarded(run), seconds: ((Date.now() - started) / 1000).toFixed(1) });
  }
  console.log(`\n━━ all ${'━'.repeat(67)}`);
  for (const { name, result, seconds } of outcomes) {
    console.log(`${result.failed === 0 ? '✓' : '✗'} ${name.padEnd(20)} ${words(result)} (${seconds} s)`);
    for (const failure of result.failures) console.log(indented(failure));
  }
  const all = sum(outcomes.map(({ result }) => result));
  process.exitCode = all.failed === 0 && all.passed > 0 ? 0 : 1;
  console.log(words(all));
}

/** A suite that cannot even be started is one failure, not the end of the others. */
async function guarded(run: () => Promise<SuiteResult>): Promise<SuiteResult> {
  try {
    return await run();
  } catch (error) {
    console.error(error);
    return { passed: 0, failed: 1, skipped: 0, failures: [String(error)] };
  }
}

type Counts = Omit<SuiteResult, 'failures'>;

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

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line, index) => `${index === 0 ? '  ✗' : '   '} ${line}`)
    .join('\n');
}

function words({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

await main();
