import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDiff } from './diff-lines.ts';

test('lines are numbered by the file they belong to', () => {
  const diff = '--- a/x\n+++ b/x\n@@ -10,3 +20,3 @@ fn\n same\n-old\n+new\n end\n';
  expect(parseDiff(diff)).toEqual([
    { type: 'context', text: 'same', line: 20 },
    { type: 'removed', text: 'old', line: 11 },
    { type: 'added', text: 'new', line: 21 },
    { type: 'context', text: 'end', line: 22 },
  ]);
});

test('a hole between two hunks is shown', () => {
  const types = parseDiff('@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-c\n+d\n').map(({ type }) => type);
  expect(types).toEqual(['removed', 'added', 'gap', 'removed', 'added']);
});

test('a removed line that looks like a header is a removed line', () => {
  const lines = parseDiff('--- a/x\n+++ b/x\n@@ -1,2 +1,1 @@\n--- x\n+++ y\n-z\n');
  expect(lines).toEqual([
    { type: 'removed', text: '-- x', line: 1 },
    { type: 'added', text: '++ y', line: 1 },
    { type: 'removed', text: 'z', line: 2 },
  ]);
});

test('an empty context line may have lost its space', () => {
  expect(parseDiff('@@ -1,2 +1,2 @@\n\n a\n').map(({ type }) => type)).toEqual(['context', 'context']);
});

test('a missing last newline is a note', () => {
  expect(parseDiff('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n')[1]).toEqual({
    type: 'note',
    text: 'No newline at end of file',
  });
});

test('a diff over several files names the later ones', () => {
  const diff = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-c\n+d\n';
  expect(parseDiff(diff).map((line) => ('text' in line ? line.text : line.type))).toEqual([
    'a',
    'b',
    'b/y',
    'c',
    'd',
  ]);
});

test('a new file has only added lines', () => {
  expect(parseDiff('--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n')).toEqual([
    { type: 'added', text: 'a', line: 1 },
    { type: 'added', text: 'b', line: 2 },
  ]);
});

test('what is no diff, or was cut off, gives what there is', () => {
  expect(parseDiff('')).toEqual([]);
  expect(parseDiff('hello\nworld')).toEqual([]);
  expect(parseDiff('@@ -1,9 +1,9 @@\n a')).toHaveLength(1);
});

test('every line of a hunk is drawn once, whatever it contains', () => {
  const line = fc.tuple(
    fc.constantFrom('+', '-', ' '),
    fc.string().map((text) => text.replace(/[\n\r]/gu, '')),
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      const count = (signs: string) => lines.filter(([sign]) => signs.includes(sign)).length;
      const body = lines.map(([sign, text]) => `${sign}${text}\n`).join('');
      const parsed = parseDiff(`@@ -1,${count('- ')} +1,${count('+ ')} @@\n${body}`);
      expect(parsed.map((each) => ('text' in each ? each.text : ''))).toEqual(lines.map(([, text]) => text));
    }),
  );
});
