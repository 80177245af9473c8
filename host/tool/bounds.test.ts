import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bounds, excerpt, joinExcerpt, lineCount } from './bounds.ts';

const small: Bounds = { maxLines: 4, maxBytes: 60 };

function check(text: string, bounds: Bounds, expected: string | undefined): void {
  const cut = excerpt(text, bounds);
  expect(cut && joinExcerpt(cut, 'gone')).toBe(expected);
}

test('a text within bounds is not cut (TL-04)', () => {
  check('a\nb\nc\nd\n', small, undefined);
  check('', small, undefined);
  check('é'.repeat(30), small, undefined);
});

test('too many lines keep the first and the last (TL-04)', () => {
  check('1\n2\n3\n4\n5\n6\n7\n', small, '1\n2\n… 3 lines (6 bytes) left out; gone …\n6\n7\n');
});

test('too many bytes keep whole lines of both ends (TL-04)', () => {
  const line = 'x'.repeat(19);
  const lines = Array.from({ length: 10 }, (_, index) => `${index}${line}\n`).join('');
  check(
    lines,
    { maxLines: 100, maxBytes: 50 },
    `0${line}\n… 8 lines (168 bytes) left out; gone …\n9${line}\n`,
  );
});

test('one endless line is cut within it, never within a character (TL-04)', () => {
  const cut = excerpt('€'.repeat(1_000), { maxLines: 10, maxBytes: 100 });
  expect(cut?.head).toBe('€'.repeat(16));
  expect(cut?.tail).toBe('€'.repeat(16));
});

test('whatever the text, an excerpt is within bounds, and head and tail are its ends (TL-04)', () => {
  const text = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constant('\n')), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 8, max: 120 }),
      (parts, maxLines, maxBytes) => {
        const whole = parts.join('').toWellFormed();
        const cut = excerpt(whole, { maxLines, maxBytes });
        if (cut === undefined) {
          expect(Buffer.byteLength(whole)).toBeLessThanOrEqual(maxBytes);
          expect(lineCount(whole)).toBeLessThanOrEqual(maxLines);
          return;
        }
        expect(Buffer.byteLength(cut.head + cut.tail)).toBeLessThanOrEqual(maxBytes);
        expect(lineCount(cut.head) + lineCount(cut.tail)).toBeLessThanOrEqual(maxLines);
        expect(whole.startsWith(cut.head)).toBe(true);
        expect(whole.endsWith(cut.tail)).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a tool that bounds itself has room for the lines that frame its output', () => {
  const text = '1\n2\n3\n4\n5\n6\n';
  expect(excerpt(text, small, { bounded: true })).toBeUndefined();
  expect(excerpt(text.repeat(10), small, { bounded: true })).toBeDefined();
});
