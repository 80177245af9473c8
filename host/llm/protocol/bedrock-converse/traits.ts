import type { CachePlace, ConverseEncoding, ReasoningForm } from './wire.ts';

/** What a model behind Converse reads otherwise than its neighbours. */
export type Traits = {
  readonly cache: ReadonlySet<CachePlace>;
  readonly reasoning: ReasoningForm;
  /** A document that a tool shows may stand in its result. */
  readonly documentsInResults: boolean;
  /** Nothing may stand beside results of tools in a turn. */
  readonly resultsAlone: boolean;
  /** A result may say that it is an error. */
  readonly resultStatus: boolean;
  /** Ids of calls must have this form. */
  readonly callID: { readonly limit: number; readonly allowed: RegExp };
};

/** What the model is known for by its name, overruled by what the encoding says. */
export function traitsOf(model: string, encoding: ConverseEncoding): Traits {
  const known = encoding.model ?? model;
  const family = families.find(({ name }) => name.test(known));
  const { cache = [], ...rest } = family?.traits ?? {};
  return {
    ...plain,
    ...rest,
    reasoning: encoding.reasoning ?? family?.reasoning?.(known) ?? 'none',
    cache: new Set(encoding.cache ?? cache),
  };
}

const plain = {
  documentsInResults: false,
  resultsAlone: false,
  resultStatus: true,
  callID: { limit: 64, allowed: /^[\w-]+$/ },
};

type Family = {
  readonly name: RegExp;
  readonly reasoning?: (model: string) => ReasoningForm;
  readonly traits: Partial<Omit<Traits, 'cache' | 'reasoning'>> & { readonly cache?: readonly CachePlace[] };
};

/** Claude before 3.5 Haiku knows no cache points and would refuse them. */
const uncachedClaude = /claude-(v2|instant|3-(opus|sonnet|haiku|5-sonnet))/;
/** Claude up to 4.5 thinks with a budget; from 4.6 on it decides for itself. */
const budgetedClaude = /claude-(3|(opus|sonnet|haiku)-4-([0-5]\b|20\d{6}))/;

/**
 * A name that matches earlier wins. Nova refuses a cache point after its tools and right behind results.
 * Sources: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-adaptive-thinking.html,
 * https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
 */
const families: readonly Family[] = [
  { name: uncachedClaude, traits: { documentsInResults: true } },
  {
    name: /anthropic\.claude/,
    reasoning: (model) => (budgetedClaude.test(model) ? 'budget' : 'adaptive'),
    traits: { cache: ['tools', 'system', 'prompts', 'results'], documentsInResults: true },
  },
  {
    name: /amazon\.nova/,
    reasoning: (model) => (model.includes('nova-2') ? 'nova' : 'none'),
    traits: { cache: ['system', 'prompts'] },
  },
  { name: /openai\.gpt-oss/, reasoning: () => 'effort', traits: {} },
  { name: /mistral\./, traits: { resultsAlone: true, callID: { limit: 9, allowed: /^[a-zA-Z0-9]{9}$/ } } },
  { name: /meta\.llama/, traits: { resultsAlone: true } },
  { name: /writer\./, traits: { resultStatus: false } },
];
