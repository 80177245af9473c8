import { expect, test } from 'vitest';
import { classifyLink } from './markdown-links.ts';

test.each(['https://example.com/a?b#c', 'HTTP://example.com', 'mailto:ada@example.com'])(
  '%s leaves',
  (href) => {
    expect(classifyLink(href)).toEqual({ type: 'external', href });
  },
);

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'vbscript:x',
  'data:text/html,<script>',
  'file:///etc/passwd',
  'command:workbench.action.terminal.new',
  'vscode://settings',
  'blob:https://x',
  'https:',
  'http:evil.example',
  '//evil.example/x',
  '\\\\server\\share',
  '#place',
  '?query',
  '',
  '%',
  'a%00b',
  'java\nscript:x',
  'a%0Ab',
])('%j leads nowhere', (href) => {
  expect(classifyLink(href)).toEqual({ type: 'none' });
});

test.each([
  ['src/greet.ts', 'src/greet.ts', null],
  ['./src/greet.ts#L12', './src/greet.ts', 12],
  ['src/greet.ts#L12-L20', 'src/greet.ts', 12],
  ['src/greet.ts:7', 'src/greet.ts', 7],
  ['src/greet.ts:7:3', 'src/greet.ts', 7],
  ['a%20b.md', 'a b.md', null],
  ['README.md#usage', 'README.md', null],
  ['/abs/file.ts', '/abs/file.ts', null],
  ['../up.ts', '../up.ts', null],
  ['Makefile:12', 'Makefile', 12],
])('%s is a file of the workspace', (href, path, line) => {
  expect(classifyLink(href)).toEqual({ type: 'file', path, line });
});
