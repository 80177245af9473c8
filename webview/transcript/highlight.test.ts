import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlight } from './highlight.ts';

const coloured = (code: string, language: string) =>
  highlight(code, language)
    .filter(({ type }) => type !== 'plain')
    .map(({ type, text }) => [type, text]);

test('comments, strings, numbers and keywords have their colours', () => {
  expect(coloured('const a = "x // y"; // 1\nreturn 0x1f', 'TS')).toEqual([
    ['keyword', 'const'],
    ['string', '"x // y"'],
    ['comment', '// 1'],
    ['keyword', 'return'],
    ['number', '0x1f'],
  ]);
  expect(coloured('def f(): # "no"\n  """doc\nmore"""', 'python').map(([type]) => type)).toEqual([
    'keyword',
    'comment',
    'string',
  ]);
  expect(coloured('if [ $# -gt 1 ]; then echo ${#a}', 'sh').map(([, text]) => text)).toContain('then');
});

test('an unknown language and a very long text stay plain', () => {
  expect(highlight('const a', 'klingon')).toEqual([{ type: 'plain', text: 'const a' }]);
  expect(highlight('const '.repeat(10_000), 'ts')).toHaveLength(1);
  expect(highlight('a', 'constructor')).toHaveLength(1);
});

test('no character is lost, whatever the code (and no language takes long over it)', () => {
  const languages = fc.constantFrom('ts', 'py', 'sh', 'json', 'css', 'sql', 'rust', '');
  const pieces = fc.constantFrom(
    '"',
    "'",
    '`',
    '/*',
    '*/',
    '//',
    '#',
    '\\',
    '\n',
    '"""',
    'if',
    ' ',
    '1',
    '--',
    '$',
    'é',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), languages, (parts, language) => {
      const code = parts.join('');
      const text = highlight(code, language).map((piece) => piece.text);
      expect(text.join('')).toBe(code);
    }),
    { numRuns: 500 },
  );
  for (const seed of ['"', "'", '`', '/*', '"""', '\\', '#', 'a-', '1.']) {
    const start = performance.now();
    for (const language of ['ts', 'py', 'sh', 'sql']) highlight(seed.repeat(20_000 / seed.length), language);
    expect(performance.now() - start, seed).toBeLessThan(500);
  }
});
