import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visiblePieces, withoutEscapes } from './visible.ts';

const shown = (text: string) =>
  visiblePieces(text)
    .map((piece) => (piece.type === 'mark' ? `[${piece.text}]` : piece.text))
    .join('');

test.each([
  ['\u001b[31m', '[\\x1b][31m'],
  ['a\rb', 'a[\\x0d]b'],
  ['\u0000', '[\\x00]'],
  ['\u007f', '[\\x7f]'],
  ['\u009b', '[\\x9b]'],
  ['\u202egnp.exe', '[\\u202e]gnp.exe'],
  ['\u2066\u2069', '[\\u2066][\\u2069]'],
  ['a\u200bb', 'a[\\u200b]b'],
  ['a\u00a0b', 'a[\\xa0]b'],
  ['a\u3000b', 'a[\\u3000]b'],
  ['\u2028', '[\\u2028]'],
  ['\ufeff', '[\\ufeff]'],
  ['\u3164', '[\\u3164]'],
  ['\u{e0041}', '[\\u{e0041}]'],
  ['\ue000', '[\\ue000]'],
  ['\ud800', '[\\ud800]'],
])('%j is spelled out', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test.each(['git push', 'a\tb\nc', 'é ü 漢字 שלום', '👍', '"quotes" & <tags>'])(
  '%j stays as it is',
  (text) => {
    expect(shown(text)).toBe(text);
  },
);

test('nothing is lost and nothing is left unseen', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const pieces = visiblePieces(text);
      const plain = pieces.filter(({ type }) => type === 'text').map((piece) => piece.text);
      expect(plain.join('')).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u);
      const marks = pieces.filter(({ type }) => type === 'mark').length;
      expect([...plain.join('')].length + marks).toBe([...text].length);
    }),
  );
});

test('colours and cursor movements leave output that is only read', () => {
  expect(withoutEscapes('\u001b[1;32m✓\u001b[0m ok\u001b[2K\u001b]0;title\u0007!')).toBe('✓ ok!');
});

test('a sequence that never ends takes no time and hides nothing', () => {
  const text = `\u001b]0;${'a'.repeat(200_000)}`;
  const start = performance.now();
  expect(withoutEscapes(text)).toContain('aaaa');
  expect(performance.now() - start).toBeLessThan(200);
});
