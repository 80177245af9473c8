import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findMatches, replaceMatches, withoutOverlaps } from './match-text.ts';
import { decodeFile, type Encoding, encodeFile, lineEndOf } from './text-file.ts';

const encodings: readonly Encoding[] = ['utf-8', 'utf-16le', 'utf-16be'];

test('any text comes back byte for byte, in every encoding, with a byte order mark', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...encodings), (raw, encoding) => {
      const text = raw.toWellFormed();
      const bytes = encodeFile(text, { encoding, bom: true });
      expect(decodeFile(bytes)).toEqual({ type: 'text', file: { text, encoding, bom: true } });
    }),
  );
});

test('bytes that would not come back the same are no text', () => {
  expect(decodeFile(Buffer.from([0x61, 0xe9, 0x62]))).toEqual({ type: 'unknown-encoding' });
  expect(decodeFile(Buffer.from([0xff, 0xfe, 0x00]))).toEqual({ type: 'unknown-encoding' });
  expect(decodeFile(Buffer.from('a\0b'))).toEqual({ type: 'binary' });
  expect(decodeFile(Buffer.alloc(0))).toMatchObject({ type: 'text', file: { text: '' } });
});

test('the line end of a text is the one that most of its lines have', () => {
  expect(lineEndOf('a\r\nb\r\nc\n')).toBe('\r\n');
  expect(lineEndOf('a\nb\r\n')).toBe('\n');
  expect(lineEndOf('one line')).toBeUndefined();
});

interface Case {
  readonly text: string;
  readonly oldString: string;
  readonly newString: string;
  readonly result: string;
  readonly lines: readonly number[];
}

const cases: readonly Case[] = [
  {
    text: 'a\r\nb\r\nc\r\n',
    oldString: 'a\nb',
    newString: 'a\nx\nb',
    result: 'a\r\nx\r\nb\r\nc\r\n',
    lines: [1],
  },
  { text: 'a\nb\n', oldString: 'a\r\nb', newString: 'c\r\nd', result: 'c\nd\n', lines: [1] },
  { text: 'a\r\nb\n', oldString: 'b', newString: 'b\nc', result: 'a\r\nb\nc\n', lines: [2] },
  { text: 'x\r\ny\nz\r\n', oldString: 'x\ny\nz', newString: 'x\ny\nw', result: 'x\r\ny\nw\r\n', lines: [1] },
  { text: 'one\n$& $1\n', oldString: 'one', newString: "$& $1 $'", result: "$& $1 $'\n$& $1\n", lines: [1] },
  { text: 'a b a b a', oldString: 'a b a', newString: 'c', result: 'c b a', lines: [1, 1] },
  { text: '\n\n\nq\n', oldString: 'q\n', newString: '', result: '\n\n\n', lines: [4] },
];

test('a replacement finds its places by line and keeps the line ends that stand there (TL-16)', () => {
  for (const { text, oldString, newString, result, lines } of cases) {
    const matches = findMatches(text, oldString);
    expect(matches.map(({ line }) => line)).toEqual(lines);
    expect(replaceMatches(text, withoutOverlaps(matches), { oldString, newString })).toBe(result);
  }
});

test('replacing changes nothing outside its places, whatever the line ends (TL-16)', () => {
  const piece = fc.constantFrom('a', 'b', '\n', '\r\n', 'ab');
  const textOf = (max: number) => fc.array(piece, { maxLength: max }).map((parts) => parts.join(''));
  const plain = (text: string) => text.replaceAll('\r\n', '\n');
  fc.assert(
    fc.property(
      textOf(30),
      textOf(4).filter((text) => text !== ''),
      textOf(5),
      (text, oldString, newString) => {
        const matches = withoutOverlaps(findMatches(text, oldString));
        const result = replaceMatches(text, matches, { oldString, newString });
        const parts = plain(text).split(plain(oldString));
        expect(matches.length).toBe(parts.length - 1);
        // With one kind of line end nothing else may happen than a plain replacement.
        if (!text.includes('\r')) expect(result).toBe(parts.join(plain(newString)));
        expect(plain(result)).toBe(plain(parts.join(plain(newString))));
      },
    ),
    { numRuns: 3_000 },
  );
});
