import { expect, test } from 'vitest';
import { snippetOf } from './snippet.ts';

/** The snippet as one text, with what was found in brackets. */
const shown = (raw: string, query: string) => {
  const { before, found, after } = snippetOf(raw, query);
  return found === '' ? before + after : `${before}[${found}]${after}`;
};

test.each([
  ['The **redirect** comes first', 'redirect', 'The [redirect] comes first'],
  ['**Goal.** The login test', 'goal', '[Goal]. The login test'],
  ['It is in `greet.ts` now', 'greet', 'It is in [greet].ts now'],
  ['## Next step - read', 'next', '[Next] step - read'],
  ['done. ### Then the *lock*', 'lock', 'done. Then the [lock]'],
  ['Did: - **One** lock - two', 'one', 'Did: [One] lock - two'],
  ['- [x] the lock', 'lock', 'the [lock]'],
  ['> said the lock', 'lock', 'said the [lock]'],
  ['see [the docs](https://example.com/a) for lock', 'lock', 'see the docs for [lock]'],
  ['~~old~~ lock', 'lock', 'old [lock]'],
  ['run ```sh npm test ``` then', 'npm', 'run [npm] test then'],
  ['a &amp; b \\*lock\\*', 'lock', 'a & b *[lock]*'],
  ['| file | lines | | --- | --- | | lock.ts | 3 |', 'file', '[file] | lines | lock.ts | 3 |'],
])('Markdown in a snippet is shown as plain text: %s (RT-19)', (raw, query, plain) => {
  expect(shown(raw, query)).toBe(plain);
});

test.each([
  ['…ded text** and the lock', 'lock', '…text and the [lock]'],
  ['…ts` and `lock.ts` and `more…', 'lock', '…and [lock].ts and more…'],
  ['the lock and **the nex…', 'lock', 'the [lock] and the nex…'],
  ['…const lock = 1; ```', 'lock', '…[lock] = 1;'],
])('half a sign at the cut is not shown: %s', (raw, query, plain) => {
  expect(shown(raw, query)).toBe(plain);
});

test.each([
  ['snake_case_names and a * b', 'case', 'snake_[case]_names and a * b'],
  ['use `__init__` of the lock', 'lock', 'use __init__ of the [lock]'],
  ['glob `**/*.ts` lock', 'lock', 'glob **/*.ts [lock]'],
  ['5 - 3 # 2 <b>lock</b>', 'lock', '5 - 3 2 <b>[lock]</b>'],
  ['C# and lock', 'lock', 'C# and [lock]'],
])('what is not Markdown stays: %s', (raw, query, plain) => {
  expect(shown(raw, query)).toBe(plain);
});

test.each([
  ['the LOCK file', 'lock  FILE', 'the [LOCK file]'],
  ['the `npm test` run', '`npm', 'the [npm] test run'],
  ['a.b (c) [d]', 'b (c) [d]', 'a.[b (c) [d]]'],
  ['see [docs](https://example.com/lock)', 'example.com/lock', 'see [docs](https://[example.com/lock])'],
  ['nothing of it', 'lock', 'nothing of it'],
  ['a $& b', '$&', 'a [$&] b'],
])('the words are marked as they stand in the text: %s', (raw, query, plain) => {
  expect(shown(raw, query)).toBe(plain);
});

test('what was found is near the beginning of the line, from a whole word on', () => {
  const { before, found } = snippetOf('a long line of words that goes on until the lock file is met', 'lock');
  expect({ before, found }).toEqual({ before: '…goes on until the ', found: 'lock' });
  expect(snippetOf('…ced the redirect', 'redirect').before).toBe('…the ');
  expect(snippetOf('…sk me to - show all markdown', 'markdown').before).toBe('…me to - show all ');
  expect(snippetOf('…to - **show all markdown**', 'markdown').before).toBe('…show all ');
});

test('a word without a space is cut before what was found, and what was found is whole', () => {
  const { before, found } = snippetOf(`${'x'.repeat(60)}lock`, 'lock');
  expect({ before, found }).toEqual({ before: `…${'x'.repeat(20)}`, found: 'lock' });
});
