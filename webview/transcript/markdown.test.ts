import fc from 'fast-check';
import { isValidElement, type VNode } from 'preact';
import { expect, test } from 'vitest';
import { CodeBlock } from './code-block.tsx';
import { advance, blocksOf, emptyMarkdown, type MarkdownCache } from './markdown-blocks.ts';
import { MarkdownLink } from './markdown-link.tsx';
import { drawTokens } from './markdown-tree.ts';

interface Drawn {
  readonly type: unknown;
  readonly props: Readonly<Record<string, unknown>>;
}

/** Every element that a document draws, with its attributes, and all of its text. */
function draw(text: string) {
  const elements: Drawn[] = [];
  const texts: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node === 'string' || typeof node === 'number') texts.push(String(node));
    if (Array.isArray(node)) for (const child of node) walk(child);
    if (!isValidElement(node)) return;
    const { type, props } = node as VNode<Record<string, unknown>>;
    elements.push({ type, props });
    walk(props['children']);
  };
  walk(blocksOf(advance(emptyMarkdown, text)).map((block) => drawTokens(block.tokens)));
  return { elements, text: texts.join('') };
}

const harmless = new Set<unknown>([
  ...['p', 'ul', 'ol', 'li', 'blockquote', 'em', 'strong', 's', 'code', 'br', 'hr', 'span', 'div'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'h3', 'h4', 'h5', 'h6'],
  CodeBlock,
  MarkdownLink,
]);
const harmlessProps = new Set(['children', 'class', 'dir', 'start', 'tabIndex', 'href', 'code', 'language']);

function expectHarmless(text: string): void {
  for (const { type, props } of draw(text).elements) {
    expect(harmless.has(type), `element ${String(type)}`).toBe(true);
    for (const name of Object.keys(props)) expect(harmlessProps.has(name), `attribute ${name}`).toBe(true);
    if ('href' in props) expect(type).toBe(MarkdownLink);
  }
}

test('headings, lists, tables, code and emphasis become the elements they name', () => {
  const { elements } = draw(
    '# A\n\n- b\n  1. c\n\n| d | e |\n|---|--:|\n| f | g |\n\n```ts\nh\n```\n\n*i* **j** `k`',
  );
  const types = new Set(elements.map(({ type }) => type));
  for (const type of ['h3', 'ul', 'ol', 'li', 'table', 'th', 'td', 'em', 'strong', 'code', CodeBlock]) {
    expect(types.has(type), String(type)).toBe(true);
  }
  expect(elements.find(({ type }) => type === CodeBlock)?.props).toMatchObject({
    code: 'h\n',
    language: 'ts',
  });
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'text <b onclick="x()">bold</b>',
  '<a href="javascript:alert(1)">x</a>',
  '<svg><foreignObject><iframe src="https://evil.example">',
  '<!-- comment --> <style>*{display:none}</style>',
  '```html\n<script>alert(1)</script>\n```',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
])('raw HTML stays text: %s', (hostile) => {
  expectHarmless(hostile);
  const words = /alert|onclick|iframe|style/u.exec(hostile)?.[0] ?? 'script';
  const { elements, text } = draw(hostile);
  const code = elements.map(({ props }) => props['code'] ?? '').join('');
  expect(text + code).toContain(words);
});

test.each([
  '[x](javascript:alert(1))',
  '![x](javascript:alert(1))',
  '<javascript:alert(1)>',
  '[x](<java\tscript:y>)',
])('a dangerous address never becomes an anchor: %s', (hostile) => {
  const links = draw(hostile).elements.filter(({ type }) => type === MarkdownLink);
  for (const { props } of links)
    expect(String(props['href'])).not.toMatch(/^\s*(javascript|data|vbscript):/iu);
});

test('an image is drawn as a link: nothing is loaded', () => {
  const { elements } = draw('![cat](https://example.com/cat.png)');
  expect(elements.map(({ type }) => type)).toEqual(['p', MarkdownLink]);
});

test('no text at all can draw anything but the harmless elements', () => {
  const pieces = fc.constantFrom(
    ...[
      '<',
      '>',
      '"',
      "'",
      '`',
      '```',
      '*',
      '_',
      '[',
      ']',
      '(',
      ')',
      '!',
      '|',
      '-',
      '#',
      '\n',
      '\n\n',
      '    ',
    ],
    ...[
      'javascript:',
      'onerror=',
      '<script',
      '</script>',
      'https://a.b',
      '&lt;',
      '&#x3c;',
      '\u0000',
      '\\',
      ':',
      'x',
    ],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => expectHarmless(parts.join(''))),
    { numRuns: 500 },
  );
});

/** Feeds a text in pieces and returns the last cache. */
function stream(pieces: readonly string[]): MarkdownCache {
  let text = '';
  return pieces.reduce((cache, piece) => {
    text += piece;
    return advance(cache, text);
  }, emptyMarkdown);
}

/** What a document draws, without the numbers that Preact gives its nodes. */
function drawn(cache: MarkdownCache): readonly string[] {
  const own = (key: string, value: unknown) => (key.startsWith('__') ? undefined : value);
  return blocksOf(cache).map((block) => JSON.stringify(drawTokens(block.tokens), own));
}

test('a text that streams in ends as it would have been read at once', () => {
  const pieces = fc.constantFrom(
    ...[
      '# a\n',
      'word ',
      'word\n',
      '\n',
      '- item\n',
      '  more\n',
      '1. one\n',
      '```\n',
      'code\n',
      '> q\n',
      '| a | b |\n',
    ],
    ...['|---|---|\n', '---\n', '===\n', '    deep\n', '**b**', '`c`', '* * *\n', '\r\n'],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const streamed = drawn(stream(parts));
      expect(streamed).toEqual(drawn(advance(emptyMarkdown, parts.join(''))));
    }),
    { numRuns: 1_000 },
  );
});

test('closed blocks keep their identity while text is added', () => {
  const before = advance(emptyMarkdown, 'one\n\ntwo\n\nthr');
  const after = advance(before, 'one\n\ntwo\n\nthree\n\nfour');
  expect(before.closed).toHaveLength(2);
  expect(after.closed).toHaveLength(3);
  expect(after.closed[0]).toBe(before.closed[0]);
  expect(after.closed[1]).toBe(before.closed[1]);
});

test('a text that is not a continuation is read anew', () => {
  const after = advance(advance(emptyMarkdown, 'one\n\ntwo'), 'other');
  expect(blocksOf(after)).toHaveLength(1);
});

test('thousands of nested emphases, quotes and lists are drawn without exhausting the stack', () => {
  for (const hostile of [
    '*a '.repeat(5_000),
    `${'**a*'.repeat(3_000)}`,
    '> '.repeat(5_000),
    '- '.repeat(5_000),
  ]) {
    expectHarmless(hostile);
  }
  const { elements } = draw(`${'*a **b '.repeat(500)}c${'***'.repeat(500)}`);
  expect(depthOf(elements)).toBeLessThan(150);
});

function depthOf(elements: readonly Drawn[]): number {
  const depth = (node: unknown): number => {
    if (Array.isArray(node)) return Math.max(0, ...node.map(depth));
    return isValidElement(node) ? 1 + depth((node as VNode<Record<string, unknown>>).props['children']) : 0;
  };
  return Math.max(...elements.map(({ props }) => 1 + depth(props['children'])));
}

const hostileSeeds = [
  '[',
  '![',
  '*a_',
  '`',
  '<a ',
  '&',
  '| a ',
  '- a\n',
  '> ',
  '# a\n\n',
  '\\',
  '$$',
  'a\n\n',
  '[a](',
  '~~',
];

test.each(hostileSeeds)('reading %j again and again takes time in proportion', (seed) => {
  const short = timeOf(seed, 8_000);
  const long = timeOf(seed, 64_000);
  // Eight times the text: quadratic work would take sixty-four times as long. Small times are noise.
  expect(long).toBeLessThan(Math.max(short, 10) * 24);
});

/** Milliseconds of this thread's own work, whatever else the machine does. */
function timeOf(seed: string, length: number): number {
  const text = seed.repeat(Math.ceil(length / seed.length));
  const runs = Array.from({ length: 3 }, () => {
    const start = process.threadCpuUsage();
    draw(text);
    const { user, system } = process.threadCpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...runs);
}

test('streaming a long answer parses each block a few times, never the whole again', () => {
  const sentence = ['A paragraph ', 'of an answer ', 'with `code` ', 'and **weight**.\n\n'];
  const parsed = (paragraphs: number) => {
    let cache = emptyMarkdown;
    let text = '';
    let work = 0;
    for (const piece of Array.from({ length: paragraphs }, () => sentence).flat()) {
      text += piece;
      work += text.length - cache.openFrom;
      cache = advance(cache, text);
    }
    return work / text.length;
  };
  expect(parsed(1_000)).toBeLessThan(8);
  expect(parsed(1_000)).toBeCloseTo(parsed(100), 0);
});
