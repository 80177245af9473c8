import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { countReport, type SuiteResult } from './vitest-report.ts';

/** A step that passes or fails as one test: lint, types, package. */
export async function runStep(script: string): Promise<SuiteResult> {
  const code = await runNode([npmScript(), 'run', '--silent', script]);
  if (code === 0) return { passed: 1, failed: 0, skipped: 0, failures: [] };
  return { passed: 0, failed: 1, skipped: 0, failures: [`npm run ${script} ended with ${code}`] };
}

/** Something that the tests after it need: no test by itself, but one failure if it fails. */
export async function prepare(script: string): Promise<SuiteResult> {
  return { ...(await runStep(script)), passed: 0 };
}

/** Runs one vitest project and counts its tests. A project without tests, or one that crashed, counts as a failure. */
export async function runTests(project: string, filters: readonly string[] = []): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-report-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const code = await runNode([vitest, 'run', '--project', project, ...reporters, ...filters]);
    return await countReport(report, code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Node on a script, output passed on, no stdin. Returns the exit code; 1 for one that a signal ended. */
async function runNode(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'close');
  return typeof code === 'number' ? code : 1;
}

/** The npm that started us: this program is only ever a script of package.json. */
function npmScript(): string {
  const path = process.env['npm_execpath'];
  if (path === undefined) throw new Error('Start this through "npm run".');
  return path;
}
