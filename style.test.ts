import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { words } from '#shared/words.ts';
import { type SourceFile, sourceFiles } from './test-fixtures/source-tree.ts';

// What Biome cannot see of style.md's rules: budgets over the whole tree, names, and the words of tests.

const files = sourceFiles();
const product = files.filter(
  ({ path, isTest }) => !isTest && /^(shared|host|extension|webview)\//.test(path),
);
const tests = files.filter(({ isTest }) => isTest);

test('files are short: median at most 100 lines, 95 in 100 at most 300, none over 500', () => {
  const lines = product.map((file) => file.lines);
  expect(quantile(lines, 0.5)).toBeLessThanOrEqual(100);
  expect(quantile(lines, 0.95)).toBeLessThanOrEqual(300);
  expect(product.filter((file) => file.lines > 500).map(({ path }) => path)).toEqual([]);
});

test('functions are short: median at most 10 lines, 95 in 100 at most 40, none over 80', () => {
  const lines = product.flatMap(({ functions }) => functions.map((each) => each.lines));
  expect(quantile(lines, 0.5)).toBeLessThanOrEqual(10);
  expect(quantile(lines, 0.95)).toBeLessThanOrEqual(40);
  const long = product.flatMap(({ path, functions }) =>
    functions.filter((each) => each.lines > 80).map((each) => `${path}:${each.line} has ${each.lines} lines`),
  );
  expect(long).toEqual([]);
});

test('a file is named with at most two words, and never after an attic', () => {
  const wrong = files.map(({ path }) => path).filter((path) => isBadName(basename(path).split('.')[0] ?? ''));
  expect(wrong).toEqual([]);
});

const attics = ['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'manager'];

function isBadName(name: string): boolean {
  const words = name.split('-');
  return words.length > 2 || words.some((word) => attics.includes(word));
}

test('no type is imported in the middle of a line', () => {
  expect(where(files, /[:<|&(]\s*import\(['"]/)).toEqual([]);
});

test('titles of tests are facts, without the word should', () => {
  expect(where(tests, /\b(?:test|it)(?:\.\w+)?\(\s*['"`][^'"`]*\bshould\b/)).toEqual([]);
});

test('no test sleeps: it waits for the event', () => {
  expect(where(tests, /waitForTimeout\(|\bsleep\(|setTimeout\((?:resolve|done)|timers\/promises/)).toEqual(
    [],
  );
});

test('no file names a place of one machine', () => {
  expect(where(files, /['"`]\/work\/(?:main|shared)\b/)).toEqual([]);
});

test('no text for users is written outside the catalog of words', () => {
  // Calls and attributes whose texts people read; a literal there would never be translated.
  const shown = /(?:show(?:Information|Warning|Error)Message|setStatusBarMessage|l10n\.t)\(\s*['"`]([^'"`]+)/;
  const attribute = /\b(?:aria-label|title|placeholder|alt|label)=["']([^"']+)["']/;
  const catalog = new Set<string>(Object.values(words));
  const wrong = product.flatMap(({ path, text }) => {
    const pattern = path.startsWith('webview/') ? attribute : shown;
    return text.split('\n').flatMap((line, index) => {
      const found = /^(webview|extension)\//.test(path) ? pattern.exec(line)?.[1] : undefined;
      return found === undefined || catalog.has(found) || found in words
        ? []
        : [`${path}:${index + 1} ${found}`];
    });
  });
  expect(wrong).toEqual([]);
});

function where(among: readonly SourceFile[], pattern: RegExp): readonly string[] {
  return among.flatMap(({ path, text }) =>
    path === 'style.test.ts'
      ? []
      : text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
