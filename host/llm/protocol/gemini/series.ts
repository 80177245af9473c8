import type { Series } from './wire.ts';

const older = /gemini-(exp|[12])\b|gemma-[123]|learnlm/;

/** What a model's name says of its series; names that say nothing are of the latest one. */
export function seriesOf(model: string): Series {
  return older.test(model) ? 2 : 3;
}

/**
 * How much to think, in the terms of a series; an effort that is a number is a budget in tokens.
 * Source: https://ai.google.dev/gemini-api/docs/thinking, https://ai.google.dev/gemini-api/docs/openai#thinking
 */
export function thinkingConfig(effort: string, model: string, series: Series): object {
  if (tokens.test(effort)) return { includeThoughts: true, thinkingBudget: Number(effort) };
  if (series === 2) return { includeThoughts: true, thinkingBudget: budgetOf(effort, model) };
  return { includeThoughts: true, thinkingLevel: levels.get(effort) ?? effort.toUpperCase() };
}

const tokens = /^-?\d+$/;

/** These models cannot do without thinking any more. */
const levels: ReadonlyMap<string, string> = new Map([
  ['none', 'MINIMAL'],
  ['xhigh', 'HIGH'],
  ['max', 'HIGH'],
]);

const budgets: ReadonlyMap<string, number> = new Map([
  ['none', 0],
  ['minimal', 1024],
  ['low', 1024],
  ['medium', 8192],
  ['high', 24_576],
  ['xhigh', 24_576],
  ['max', 24_576],
]);
/** The least that the larger model of series 2 takes; it cannot do without either. */
const leastOfPro = 128;
const mostOfPro = 32_768;
/** As much as the model finds right. */
const dynamic = -1;

function budgetOf(effort: string, model: string): number {
  const isPro = model.includes('pro');
  if (isPro && effort === 'none') return leastOfPro;
  if (isPro && effort === 'max') return mostOfPro;
  return budgets.get(effort) ?? dynamic;
}
