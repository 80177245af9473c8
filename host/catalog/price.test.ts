import { expect, test } from 'vitest';
import { costOf, noPrice, priceOf } from './price.ts';

const million = 1_000_000;
const usage = (more: {
  input?: number;
  output?: number;
  reasoning?: number;
  read?: number;
  write?: number;
}) => {
  const { input = 0, output = 0, reasoning = 0, read = 0, write = 0 } = more;
  return { input, output, reasoning, cache: { read, write } };
};

test('a request costs what its tokens cost, each at its rate (LM-05)', () => {
  const price = priceOf({ input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 }) ?? noPrice;
  expect(
    costOf(usage({ input: million, output: million, read: million, write: million }), price),
  ).toBeCloseTo(22.05);
});

test('where nobody says what the cache costs, it costs what any token costs', () => {
  expect(priceOf({ input: 2, output: 4 })).toEqual({
    input: 2,
    output: 4,
    cacheRead: 2,
    cacheWrite: 2,
    tiers: [],
  });
  expect(priceOf(undefined)).toBeUndefined();
});

test('thoughts are a part of the output, at a rate of their own where there is one', () => {
  const price = priceOf({ input: 0, output: 10, reasoning: 2 }) ?? noPrice;
  expect(costOf(usage({ output: million, reasoning: million / 2 }), price)).toBeCloseTo(6);
  expect(costOf(usage({ output: million, reasoning: 2 * million }), price)).toBeCloseTo(2);
  expect(
    costOf(usage({ output: million, reasoning: million / 2 }), priceOf({ output: 10 }) ?? noPrice),
  ).toBeCloseTo(10);
});

test('a prompt longer than a tier begins at is paid at that tier as a whole, its cache included (LM-05)', () => {
  const tier = (size: number, input: number) => ({ input, output: 0, tier: { type: 'context', size } });
  const price = priceOf({ input: 1, output: 0, tiers: [tier(500_000, 4), tier(200_000, 2)] }) ?? noPrice;
  expect(costOf(usage({ input: 200_000 }), price)).toBeCloseTo(0.2);
  expect(costOf(usage({ input: 100_000, read: 100_001 }), price)).toBeCloseTo(0.400002);
  expect(costOf(usage({ input: million }), price)).toBeCloseTo(4);
});

test('the older word for long prompts counts where there are no tiers', () => {
  const long = { context_over_200k: { input: 6, output: 0 } };
  const price = priceOf({ input: 3, output: 0, ...long }) ?? noPrice;
  expect(costOf(usage({ input: 200_001 }), price)).toBeCloseTo(1.200006);
  const tiers = [{ input: 5, output: 0, tier: { type: 'context', size: 300_000 } }];
  expect(priceOf({ input: 3, output: 0, tiers, ...long })?.tiers).toMatchObject([
    { above: 300_000, input: 5 },
  ]);
});
