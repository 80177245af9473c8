import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What was red, a line or a few each, so that the end of a long log tells it. */
  readonly failures: readonly string[];
}

/**
 * Counts the tests of a report by vitest's JSON reporter. What went wrong outside of a test still counts as one
 * failure: a file that could not be loaded, no report at all, a run of no test, or a bad exit code with no failed test
 * (an error that nobody caught).
 */
export async function countReport(file: string, exitCode: number): Promise<SuiteResult> {
  const report = await readReport(file);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0, failures: ['left no report'] };
  const tests = report.testResults.flatMap((each) => each.assertionResults);
  const red = report.testResults.flatMap(failuresOf);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const skipped = tests.length - passed - tests.filter(isFailed).length;
  const failures = red.length > 0 ? red : unexplained(passed, exitCode);
  return { passed, failed: failures.length, skipped, failures };
}

function failuresOf({ name, status, message, assertionResults }: TestFile): string[] {
  const red = assertionResults.filter(isFailed);
  if (status === 'failed' && red.length === 0) return [described(name, 'could not be loaded', message)];
  return red.map(({ fullName, failureMessages }) => described(name, fullName, failureMessages?.[0]));
}

function described(file = '', what = '', message = ''): string {
  return `${relative(process.cwd(), file)}: ${what}\n${message.split('\n').slice(0, 3).join('\n')}`;
}

function unexplained(passed: number, exitCode: number): string[] {
  if (exitCode !== 0) return [`ended with ${exitCode} and no red test: an error that nobody caught`];
  return passed === 0 ? ['ran no test'] : [];
}

/** The part of the reporter's file that we read; the rest is left alone. */
interface Report {
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name?: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName?: string;
    readonly failureMessages?: readonly string[];
  }[];
}

function isFailed({ status }: { readonly status: string }): boolean {
  return status === 'failed';
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (absent || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
