import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Counts, countReport } from './vitest-report.ts';

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

test('a report cut off by a crash is one failure', async () => {
  expect(await count('{"testResults":[', 1)).toEqual(counts(0, 1, 0));
});

test('a missing report is one failure', async () => {
  expect(await countReport(join(tmpdir(), 'millrace-no-such-report.json'), 0)).toEqual(counts(0, 1, 0));
});

function file(assertionResults: readonly object[], status = 'passed'): object {
  return { status, assertionResults };
}

function counts(passed: number, failed: number, skipped: number): Counts {
  return { passed, failed, skipped };
}

async function count(text: string, exitCode: number): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  try {
    const report = join(folder, 'report.json');
    await writeFile(report, text);
    return await countReport(report, exitCode);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
