import type { ModelRef } from '#shared/message.ts';
import type { CatalogModel } from './catalog.ts';
import type { KnownProvider } from './known-provider.ts';

/**
 * The newest model of the same maker at the same provider that costs a third or less of the one beside which it is to
 * work. Undefined where there is none, or prices do not tell.
 */
export function chooseSmall(modelID: string, offered: readonly CatalogModel[]): ModelRef | undefined {
  const beside = offered.find(({ ref }) => ref.modelID === modelID);
  if (!beside) return undefined;
  const most = totalOf(beside) / cheap;
  const candidates = offered.filter(
    (each) => isGeneral(each) && makerOf(each.ref.modelID) === makerOf(modelID) && isWithin(each, 0, most),
  );
  return newest(candidates)?.ref;
}

/**
 * What a session starts with: the first model that the configuration lists itself; else, at the first provider that can
 * be used, the newest that thinks and calls tools and is neither among the cheapest nor the dearest there.
 */
export function chooseDefault(
  providers: readonly KnownProvider[],
  offeredOf: (provider: KnownProvider) => readonly CatalogModel[],
): ModelRef | undefined {
  for (const provider of providers) {
    const offered = offeredOf(provider);
    const [listed] = Object.keys(provider.models);
    const first = offered.find(({ ref }) => ref.modelID === listed) ?? usual(offered) ?? offered[0];
    if (first) return first.ref;
  }
  return undefined;
}

/** Where models of many makers are to be had. */
const makers = [/^claude/, /^gpt(?!-oss)/, /^gemini/];

function usual(offered: readonly CatalogModel[]): CatalogModel | undefined {
  const able = offered.filter((each) => isGeneral(each) && each.capabilities.reasoning);
  const isOf = (maker: RegExp) => (each: CatalogModel) => maker.test(each.family ?? '');
  const maker = makers.find((each) => able.some(isOf(each)));
  const group = maker === undefined ? able : able.filter(isOf(maker));
  const totals = group.map(totalOf).toSorted((a, b) => a - b);
  const middle = totals[Math.floor(totals.length / 2)] ?? 0;
  return newest(group.filter((each) => isWithin(each, middle / cheap, middle * cheap))) ?? newest(group);
}

/** Costing so many times less is cheap. */
const cheap = 3;

/** What is free is bounded otherwise, and answers when it likes. */
function isWithin(model: CatalogModel, least: number, most: number): boolean {
  const total = totalOf(model);
  return total > 0 && total >= least && total <= most;
}

/** It talks and does nothing else: neither a voice nor a painter. */
function isGeneral({ status, compatibility, capabilities }: CatalogModel): boolean {
  const [only, ...more] = capabilities.output;
  return status === 'available' && compatibility.toolCall && only === 'text' && more.length === 0;
}

function totalOf({ price }: CatalogModel): number {
  return price.input + price.output;
}

/** `us.anthropic.claude-haiku-4-5` -> `us.anthropic.claude`, `openai/gpt-5.4-mini` -> `openai/gpt`. */
function makerOf(modelID: string): string {
  return modelID.split('-')[0] ?? '';
}

/** Of those of one day the cheapest. */
function newest(models: readonly CatalogModel[]): CatalogModel | undefined {
  const dateOf = ({ choice }: CatalogModel) => choice.releaseDate ?? '';
  const compare = (a: CatalogModel, b: CatalogModel) => {
    if (dateOf(a) === dateOf(b)) return totalOf(a) - totalOf(b);
    return dateOf(a) < dateOf(b) ? 1 : -1;
  };
  return models.toSorted(compare)[0];
}
