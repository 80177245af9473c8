import { expect, test } from 'vitest';
import { cleanTitle } from './clean-title.ts';

test.for([
  ['Rename greet to welcome', 'Rename greet to welcome'],
  ['  "Rename greet"  \n\nBecause you asked for it.', 'Rename greet'],
  ['**Title: Fix the login form.**', 'Fix the login form'],
  ['# Fix `parseModel` in shared', 'Fix `parseModel` in shared'],
  ['<think>The user wants…\nmaybe</think>\nFix it', 'Fix it'],
  ['<think>The user wants', undefined],
  [' \n ', undefined],
  ['""', undefined],
  ['登录表单修复', '登录表单修复'],
] as const)('the answer %j makes the title %j', ([answer, title]) => {
  expect(cleanTitle(answer)).toBe(title);
});

test('a title is at most 50 characters, cut between words, and well-formed', () => {
  const title = cleanTitle('Refactor the session projection so that it can be read by everybody') ?? '';
  expect(title).toBe('Refactor the session projection so that it can…');
  expect([...(cleanTitle('😀'.repeat(80)) ?? '')]).toHaveLength(50);
  expect(cleanTitle('😀'.repeat(80))?.isWellFormed()).toBe(true);
});
