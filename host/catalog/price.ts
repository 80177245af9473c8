import type { TokenUsage } from '#shared/message.ts';

/** US dollars per million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Of the output, what was thought; absent: as the rest. */
  readonly reasoning?: number;
}

/** What a model costs, and what it costs for long prompts. */
export interface Price extends Rates {
  /** For prompts of more than `above` tokens, the smallest first. */
  readonly tiers: readonly (Rates & { readonly above: number })[];
}

export const noPrice: Price = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, tiers: [] };

/** US dollars of one request. `output` includes `reasoning`; the prompt is input and cache together. */
export function costOf(usage: TokenUsage, price: Price): number {
  const { input, output, reasoning, cache } = usage;
  const prompt = input + cache.read + cache.write;
  const rates = price.tiers.findLast(({ above }) => prompt > above) ?? price;
  const thought = rates.reasoning === undefined ? 0 : Math.min(reasoning, output);
  const millionths =
    input * rates.input +
    (output - thought) * rates.output +
    thought * (rates.reasoning ?? 0) +
    cache.read * rates.cacheRead +
    cache.write * rates.cacheWrite;
  return millionths / 1_000_000;
}

/** As models.dev and opencode.json write it. */
interface RawRates {
  readonly input?: number;
  readonly output?: number;
  readonly cache_read?: number;
  readonly cache_write?: number;
  readonly reasoning?: number;
}

export interface RawPrice extends RawRates {
  readonly context_over_200k?: RawRates;
  readonly tiers?: readonly (RawRates & {
    readonly tier: { readonly type: string; readonly size: number };
  })[];
}

/** The price as models.dev and opencode.json write it; what is told twice counts as the tier says it. */
export function priceOf(cost: RawPrice | undefined): Price | undefined {
  if (!cost) return undefined;
  const base = ratesOf(cost);
  const tiers = (cost.tiers ?? [])
    .filter(({ tier }) => tier.type === 'context')
    .map(({ tier, ...rates }) => ({ ...ratesOf(rates), above: tier.size }));
  const long = cost.context_over_200k;
  if (long && tiers.length === 0) tiers.push({ ...ratesOf(long), above: 200_000 });
  return { ...base, tiers: tiers.toSorted((a, b) => a.above - b.above) };
}

/** What reading and writing the cache costs, where nobody says: as much as any other token. */
function ratesOf({ input = 0, output = 0, cache_read, cache_write, reasoning }: RawRates): Rates {
  return {
    input,
    output,
    cacheRead: cache_read ?? input,
    cacheWrite: cache_write ?? input,
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}
