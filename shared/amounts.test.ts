import { expect, test } from 'vitest';
import { formatCost, formatTokens } from './amounts.ts';

test.each([
  [0, '0'],
  [842, '842'],
  [12_400, '12.4k'],
  [99_960, '100k'],
  [400_000, '400k'],
  [999_700, '1.0M'],
  [1_234_567, '1.2M'],
])('%d tokens are %s', (tokens, text) => {
  expect(formatTokens(tokens)).toBe(text);
});

test.each([
  [0, '$0.00'],
  [0.001, '<$0.01'],
  [0.18, '$0.18'],
  [12.345, '$12.35'],
])('%d dollars are %s', (dollars, text) => {
  expect(formatCost(dollars)).toBe(text);
});
