import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LLMEvent } from '../schema.ts';
import { decode, json, outline, path, tagged, xml } from '../testing/text-answers.ts';
import { callText } from './request.ts';

const words = fc.constantFrom(
  ...[
    '<tool_call>',
    '</tool_call>',
    '<function=read>',
    '<function=',
    '</function>',
    '<parameter=path>',
    '</parameter>',
  ],
  ...[
    '{"name": "read", "arguments": {"path": "',
    'a"}}',
    '{"name":"list","arguments":{}}',
    '{"arguments": ',
    '{',
    '}',
    '"',
    '\\',
  ],
  ...[
    '```',
    '```json\n',
    '```tool_call\n',
    '`',
    '~~~',
    '\n',
    '\r\n',
    '\n\n',
    '> ',
    '    ',
    ' ',
    '\u200b',
    '\u00a0',
    '😀',
    'word',
    '<',
    '<t',
    '</',
    '1. ',
  ],
  ...[
    tagged('read', path),
    xml('read', ['path', 'x']),
    xml('list'),
    `\n\`\`\`json\n${json('read', path)}\n\`\`\`\n`,
  ],
);
const tricky = fc.array(words, { maxLength: 14 }).map((parts) => parts.join(''));

function cut(text: string, places: readonly number[]): readonly string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length));
}

describe('any text (LM-12)', () => {
  test('gives the same events however it is cut', () => {
    void fc.assert(
      fc.property(tricky, fc.array(fc.nat(), { maxLength: 6 }), (text, places) => {
        const whole = decode([text]);
        expect(decode(cut(text, places))).toEqual(whole);
        expect(decode([...text])).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([900, 1100])('gives the same events with %i blanks in a tag, however it is cut', (blanks) => {
    const text = `<tool_call>${' '.repeat(blanks)}${json('read', path)}${' '.repeat(blanks)}</tool_call>`;
    const whole = decode([text]);
    expect(decode([...text])).toEqual(whole);
    expect(decode(cut(text, [500, 1005, 1500]))).toEqual(whole);
  });

  test('closes every call that it opens, under an id of its own', () => {
    void fc.assert(
      fc.property(tricky, (text) => {
        const events = decode([text]);
        const ids = (type: LLMEvent['type']): readonly string[] =>
          events.flatMap((event) => (event.type === type && 'callID' in event ? [event.callID] : []));
        expect(ids('tool.call')).toEqual(ids('tool.input.started'));
        expect(new Set(ids('tool.call')).size).toBe(ids('tool.call').length);
        for (const event of events) {
          if (event.type !== 'tool.call' || event.input.type !== 'json') continue;
          const delta = events.find(
            (each) => each.type === 'tool.input.delta' && each.callID === event.callID,
          );
          expect(delta).toBeDefined();
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('passes byte for byte when it names no tool', () => {
    const other = (text: string): string => text.replaceAll('read', 'rode').replaceAll('list', 'lost');
    void fc.assert(
      fc.property(fc.oneof(tricky.map(other), fc.string({ unit: 'binary', maxLength: 60 })), (text) => {
        const shown = decode([text]).flatMap((event) => (event.type === 'text.delta' ? [event.text] : []));
        expect(shown.join('')).toBe(text);
      }),
      { numRuns: 1500 },
    );
  });
});

const anyInput = fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 4,
});
const anyCall = fc.record({ name: fc.constantFrom('read', 'list'), input: anyInput });

describe('any call (LM-12)', () => {
  const calls = (text: string): unknown => outline(text).filter(Array.isArray);
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  test('is read as it was written, in a tag', () => {
    void fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 3 }), (list) => {
        const text = list.map(callText).join('');
        expect(calls(text)).toEqual(list.map(({ name, input }) => [name, plain(input)]));
      }),
    );
  });

  test('is read as it was written, in a fence', () => {
    void fc.assert(
      fc.property(anyCall, ({ name, input }) => {
        expect(calls(`\`\`\`json\n${json(name, input)}\n\`\`\``)).toEqual([[name, plain(input)]]);
      }),
    );
  });

  test('is read as it was written, in a function, for any words in its parameters', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', '\n', '\r\n', '<', '</parameter>', '</function>', '😀', '"', '`', ' ', '{'),
      maxLength: 12,
    });
    const honest = value.filter((text) => !/<\/parameter>\s*<\/function>/.test(`${text}\n`));
    void fc.assert(
      fc.property(honest, (text) => {
        expect(calls(xml('read', ['path', text]))).toEqual([['read', { path: text }]]);
      }),
      { numRuns: 1000 },
    );
  });
});
