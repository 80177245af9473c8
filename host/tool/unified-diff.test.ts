import { applyPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const line = fc.constantFrom('a\n', 'b\n', 'c\n', 'd\r\n', '\n', 'last');
const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.join(''));

test('applying a diff to the old text gives the new one', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { diff } = unifiedDiff({ before, after, name: 'x.txt' });
      expect(applyPatch(before, diff, { autoConvertLineEndings: false })).toBe(after);
    }),
    { numRuns: 1_000 },
  );
});

test('a diff of a file that is rewritten whole is told without comparing every line with every other', () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}\n`).join('');
  const started = performance.now();
  const { diff, additions, deletions } = unifiedDiff({
    before: lines('old'),
    after: lines('new'),
    name: 'x.txt',
  });
  expect(performance.now() - started).toBeLessThan(5_000);
  expect([additions, deletions]).toEqual([20_000, 20_000]);
  expect(diff).toMatch(/the whole diff has sha256 [0-9a-f]{64}\n$/);
  expect(diff.length).toBeLessThan(263_000);
});

test('a cut diff of another change is another diff', () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}\n`).join('');
  const one = unifiedDiff({ before: '', after: lines('a'), name: 'x' });
  const two = unifiedDiff({ before: '', after: `${lines('a')}end\n`, name: 'x' });
  expect(one.diff).not.toBe(two.diff);
});

test('a new file comes from nowhere, and lines are numbered from the start of the file', () => {
  expect(unifiedDiff({ after: 'one\n', name: 'a.txt' }).diff).toBe(
    '--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+one\n',
  );
  const before = Array.from({ length: 100 }, (_, index) => `${index + 1}\n`).join('');
  const { diff } = unifiedDiff({ before, after: before.replace('\n60\n', '\nsixty\n'), name: 'a.txt' });
  expect(diff).toBe(
    '--- a/a.txt\n+++ b/a.txt\n@@ -57,7 +57,7 @@\n 57\n 58\n 59\n-60\n+sixty\n 61\n 62\n 63\n',
  );
});

test('equal texts have no difference', () => {
  expect(unifiedDiff({ before: 'a', after: 'a', name: 'x' })).toMatchObject({ additions: 0, deletions: 0 });
});
