import { expect, test } from 'vitest';
import { json, list, read } from '../testing/text-answers.ts';
import { TextScanner } from './scanner.ts';

const tools = new Map([read, list].map((tool) => [tool.name, tool]));

/** Reads a text in pieces of so many characters; the last piece of what came out. */
function scan(text: string, size: number): unknown {
  const scanner = new TextScanner(tools);
  const pieces = [];
  for (let at = 0; at < text.length; at += size) pieces.push(...scanner.push(text.slice(at, at + size)));
  return [...pieces, ...scanner.end()].at(-1);
}

/** Processor time in microseconds, the least of some runs. */
function cost(work: () => unknown): number {
  const runs = Array.from({ length: 4 }, () => {
    const before = process.cpuUsage();
    work();
    return process.cpuUsage(before).user;
  });
  return Math.min(...runs);
}

const small = 60_000;
const factor = 6;

test.each<[string, (size: number) => string]>([
  [
    'arguments of one long string',
    (size) => `<tool_call>${json('read', { path: 'a'.repeat(size) })}</tool_call>`,
  ],
  [
    'arguments full of tags',
    (size) => `<tool_call>${json('read', { path: '</tool_call> '.repeat(size / 13) })}</tool_call>`,
  ],
  [
    'arguments full of quotes',
    (size) => `<tool_call>${json('read', { path: '"\\'.repeat(size / 4) })}</tool_call>`,
  ],
  [
    'an object with its name last',
    (size) => `<tool_call>{"arguments": {"path": "${'a'.repeat(size)}"}, "name": "read"}`,
  ],
  [
    'a parameter',
    (size) => `<function=read><parameter=path>${'a\n'.repeat(size / 2)}</parameter></function>`,
  ],
  [
    'a parameter full of tags',
    (size) => `<function=read><parameter=path>${'</parameter> x'.repeat(size / 14)}`,
  ],
  ['a fence', (size) => `\`\`\`json\n${json('read', { path: 'a'.repeat(size) })}\n\`\`\``],
  [
    'a fence that is no call',
    (size) => `\`\`\`json\n{"name": "read", "arguments": {\n${'`'.repeat(size)}\n\`\`\``,
  ],
  [
    'JSON that breaks off',
    (size) => `<tool_call>{"name": "read", "arguments": {"path": "${'\n</tool_call> x'.repeat(size / 15)}`,
  ],
  ['prose full of marks', (size) => '<`<tool_call>{ <function=read> '.repeat(size / 31)],
  ['white space', (size) => ' '.repeat(size)],
  ['white space in a tag', (size) => `<tool_call>${' '.repeat(size)}`],
  ['white space behind a call', (size) => `<tool_call>${json('list', {})}${' \n'.repeat(size / 2)}`],
])('a text in one costs about what its six parts cost one after the other: %s (LM-12)', (_name, text) => {
  for (const size of [7, small * factor * 2]) {
    const [once, more] = [text(small), text(small * factor)];
    const parts = cost(() => Array.from({ length: factor }, () => scan(once, size)));
    // Work that grows with the square would cost six times as much, and seconds. Systems count in steps of some ms.
    expect(cost(() => scan(more, size))).toBeLessThan(3 * parts + 50_000);
  }
});

test('a million characters of arguments come out as they went in (LM-12)', () => {
  const path = 'line of <text> with "quotes" \\ and ```\n'.repeat(25_000);
  expect(scan(`<tool_call>\n${json('read', { path })}\n</tool_call>`, 5)).toEqual({
    type: 'called',
    input: { type: 'json', value: { path } },
  });
  const value = `<function=read>\n<parameter=path>\n${path}\n</parameter>\n</function>`;
  expect(scan(value, 5)).toEqual({ type: 'called', input: { type: 'json', value: { path } } });
});
