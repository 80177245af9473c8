import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { countReport, type SuiteResult } from './vitest-report.ts';

const pass = { status: 'passed' };
const fail = { status: 'failed' };
const skip = { status: 'pending' };

const cases = [
  { title: 'green tests are counted', files: [file([pass, pass])], exitCode: 0, expected: counts(2, 0, 0) },
  {
    title: 'skipped tests are counted apart',
    files: [file([pass, skip])],
    exitCode: 0,
    expected: counts(1, 0, 1),
  },
  {
    title: 'red tests are counted',
    files: [file([pass, fail], 'failed')],
    exitCode: 1,
    expected: counts(1, 1, 0),
  },
  {
    title: 'a file that does not load is one failure, beside red tests of others',
    files: [file([pass]), file([fail], 'failed'), file([], 'failed')],
    exitCode: 1,
    expected: counts(1, 2, 0),
  },
  { title: 'a suite without tests is one failure', files: [], exitCode: 1, expected: counts(0, 1, 0) },
  {
    title: 'a suite of skipped tests only is one failure',
    files: [file([skip])],
    exitCode: 0,
    expected: counts(0, 1, 1),
  },
  {
    title: 'an uncaught error beside green tests is one failure',
    files: [file([pass])],
    exitCode: 1,
    expected: counts(1, 1, 0),
  },
];

test.each(cases)('$title', async ({ files, exitCode, expected }) => {
  expect(await count(JSON.stringify({ testResults: files }), exitCode)).toEqual(expected);
});

test('what was red is named with its file and the head of its message', async () => {
  const red = {
    status: 'failed',
    fullName: 'a prompt is kept',
    failureMessages: ['expected 1 to be 2\n  at a\n  at b\n  at c'],
  };
  const files = [
    { name: resolve('host/a.test.ts'), status: 'failed', assertionResults: [red] },
    { name: resolve('host/b.test.ts'), status: 'failed', message: 'No such module', assertionResults: [] },
  ];
  const { failures } = await result(JSON.stringify({ testResults: files }), 1);
  expect(failures).toEqual([
    'host/a.test.ts: a prompt is kept\nexpected 1 to be 2\n  at a\n  at b',
    'host/b.test.ts: could not be loaded\nNo such module',
  ]);
});

test('a report cut off by a crash is one failure', async () => {
  expect(await count('{"testResults":[', 1)).toEqual(counts(0, 1, 0));
});

test('a missing report is one failure', async () => {
  const missing = await countReport(join(tmpdir(), 'millrace-no-such-report.json'), 0);
  expect(missing).toEqual({ ...counts(0, 1, 0), failures: ['left no report'] });
});

function file(assertionResults: readonly object[], status = 'passed'): object {
  return { status, assertionResults };
}

type Counts = Omit<SuiteResult, 'failures'>;

function counts(passed: number, failed: number, skipped: number): Counts {
  return { passed, failed, skipped };
}

async function count(text: string, exitCode: number): Promise<Counts> {
  const { failures, ...counted } = await result(text, exitCode);
  expect(failures).toHaveLength(counted.failed);
  return counted;
}

async function result(text: string, exitCode: number): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  try {
    const report = join(folder, 'report.json');
    await writeFile(report, text);
    return await countReport(report, exitCode);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
