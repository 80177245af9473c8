import type { Generation } from '../../schema.ts';
import type { ReasoningForm } from './wire.ts';

/** How a model of this form is told what effort is wanted, in fields of the model's own. */
export function reasoningFields(generation: Generation, form: ReasoningForm): object {
  const { reasoningEffort: effort, maxOutputTokens } = generation;
  if (effort === undefined) return {};
  if (effort === 'none' && form !== 'effort') return {};
  switch (form) {
    case 'effort':
      return { reasoning_effort: effort };
    case 'adaptive':
      return { thinking: { type: 'adaptive' }, output_config: { effort } };
    case 'budget':
      return budget(effort, maxOutputTokens);
    case 'nova':
      return { reasoningConfig: { type: 'enabled', maxReasoningEffort: novaEfforts.get(effort) ?? 'high' } };
    case 'none':
      return {};
  }
}

/** Below it Claude refuses a budget, so an answer that leaves no room for it is given without thinking. */
const leastBudget = 1024;

/** A budget is part of the answer's limit and must leave something of it. */
function budget(effort: string, limit = Number.POSITIVE_INFINITY): object {
  const tokens = Math.min(budgets.get(effort) ?? highest, limit - 1);
  return tokens < leastBudget ? {} : { thinking: { type: 'enabled', budget_tokens: tokens } };
}

const highest = 32_000;
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', leastBudget],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16_384],
]);

const novaEfforts: ReadonlyMap<string, string> = new Map([
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
]);
