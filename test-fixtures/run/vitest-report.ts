import { readFile } from 'node:fs/promises';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the tests of a report by vitest's JSON reporter. What went wrong outside of a test still counts as one
 * failure: a file that could not be loaded, no report at all, a run of no test, or a bad exit code with no failed test
 * (an error that nobody caught).
 */
export async function countReport(file: string, exitCode: number): Promise<Counts> {
  const report = await readReport(file);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const tests = report.testResults.flatMap((each) => each.assertionResults);
  const broken = report.testResults.filter(
    (each) => each.status === 'failed' && !each.assertionResults.some(isFailed),
  );
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failed = tests.filter(isFailed).length + broken.length;
  const skipped = tests.length - passed - tests.filter(isFailed).length;
  const unexplained = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: unexplained ? 1 : failed, skipped };
}

/** The part of the reporter's file that we read; the rest is left alone. */
interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
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
