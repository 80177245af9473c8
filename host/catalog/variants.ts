import type { Capabilities, ModelDescription } from './ingest.ts';
import type { ReasoningOption } from './models-dev.ts';
import { type Price, priceOf } from './price.ts';
import { joined, partOptions, type Settings } from './sdk-options.ts';

/** A way to run a model: how much it thinks, or a faster service. It is laid over what is set for the model itself. */
export interface Variant extends Settings {
  readonly headers: Readonly<Record<string, string>>;
  /** Where it costs something else. */
  readonly price?: Price;
}

type Described = Pick<ModelDescription, 'modes' | 'reasoningOptions' | 'limit' | 'variants'> & {
  readonly capabilities: Pick<Capabilities, 'reasoning'>;
};

/**
 * The variants of a model by their names, the one that thinks least first: those of the catalogue, and those of
 * opencode.json over them. Which of the catalogue's there are hangs on what the protocol can say.
 */
export function variantsOf(model: Described, dialect: Dialect): ReadonlyMap<string, Variant> {
  const variants = new Map<string, Variant>();
  if (model.capabilities.reasoning) {
    for (const [name, settings] of thinkingSettings(model, dialect)) variants.set(name, plain(settings));
  }
  for (const [name, { cost, provider }] of Object.entries(model.modes)) {
    const price = priceOf(cost);
    const { body: options = {}, headers = {} } = provider ?? {};
    variants.set(name, { generation: {}, options, headers, ...(price ? { price } : {}) });
  }
  for (const [name, { disabled, ...options }] of Object.entries(model.variants)) {
    const above = partOptions(options, dialect.protocolID);
    if (disabled === true) variants.delete(name);
    else variants.set(name, overlaid(variants.get(name) ?? plain({}), above));
  }
  return variants;
}

/** What hangs on who listens. */
export interface Dialect {
  readonly protocolID: string;
  /** The package of the AI SDK that would speak to it. */
  readonly npm: string;
}

function plain({ generation = {}, options = {} }: Partial<Settings>): Variant {
  return { generation, options, headers: {} };
}

function overlaid(below: Variant, above: Settings): Variant {
  const generation = { ...below.generation, ...above.generation };
  return { ...below, generation, options: joined(below.options, above.options) };
}

type Named = readonly [name: string, settings: Partial<Settings>];

/** Efforts where the model has them; else what the protocol can say of budgets, and of not thinking at all. */
function thinkingSettings(
  { reasoningOptions, limit }: Described,
  { protocolID, npm }: Dialect,
): readonly Named[] {
  const words = wordsFor[npm] ?? wordsFor[protocolID] ?? {};
  const budget = reasoningOptions.find(({ type }) => type === 'budget_tokens');
  const budgets = budget ? budgetsOf(budget, limit.output) : new Map<string, number>();
  const efforts = reasoningOptions
    .filter(({ type }) => type === 'effort')
    .flatMap(({ values = [] }) => values)
    .filter((value): value is string => value !== null && value !== 'default');
  if (efforts.length > 0) {
    const ofEffort = budget && !efforts.includes('max') ? words.effortWithin : undefined;
    return efforts.map((effort) => [effort, (ofEffort ?? words.effort ?? plainEffort)(effort, budgets)]);
  }
  const hasToggle = reasoningOptions.some(({ type }) => type === 'toggle');
  const off: readonly Named[] = hasToggle && words.off ? [['none', words.off]] : [];
  return [...off, ...[...budgets].flatMap(([name, tokens]) => words.budget?.(name, tokens) ?? [])];
}

/** How to say how much to think, where it is not by an effort alone. */
interface Words {
  readonly off?: Partial<Settings>;
  effort?(effort: string): Partial<Settings>;
  /** Of models that want their budget beside the effort: they came before the highest effort did. */
  effortWithin?(effort: string, budgets: ReadonlyMap<string, number>): Partial<Settings>;
  budget?(name: string, tokens: number): readonly Named[];
}

function plainEffort(effort: string): Partial<Settings> {
  return { generation: { reasoningEffort: effort } };
}

function thinkingBudget(tokens: number): Partial<Settings> {
  return { options: { thinking: { type: 'enabled', budget_tokens: tokens } } };
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/effort */
const messagesWords: Words = {
  off: { options: { thinking: { type: 'disabled' } } },
  // Where thinking is asked for by its effort, none is asked for by saying nothing.
  effort: (effort) => (effort === 'none' ? {} : plainEffort(effort)),
  effortWithin: (effort, budgets) => ({
    ...plainEffort(effort),
    ...thinkingBudget(budgets.get(effort) ?? budgets.get('high') ?? 0),
  }),
  budget: (name, tokens) => [[name, thinkingBudget(tokens)]],
};

const wordsFor: Readonly<Record<string, Words>> = {
  'anthropic-messages': messagesWords,
  // Its protocol sees to efforts by itself; only Anthropic's models have budgets here, and only they can be told not to think.
  'bedrock-converse': { budget: (name, tokens) => [[name, thinkingBudget(tokens)]] },
  gemini: {
    off: plainEffort('none'),
    // Its protocol takes a number for an effort.
    budget: (name, tokens) => [[name, plainEffort(String(tokens))]],
  },
  // https://openrouter.ai/docs/use-cases/reasoning-tokens
  '@openrouter/ai-sdk-provider': { off: plainEffort('none') },
};

/** The longest answer that is asked for, thoughts included. */
const longestAnswer = 32_000;
const budgetTokens = { low: 4_000, medium: 8_000, high: 16_000 };

/** Budgets within what the model takes, leaving a quarter of the answer for words; those that come to the same once. */
function budgetsOf({ min, max }: ReasoningOption, output?: number): ReadonlyMap<string, number> {
  const room = Math.floor((Math.min(output || longestAnswer, longestAnswer) * 3) / 4);
  const most = Math.min(max ?? room, room);
  const least = Math.max(min ?? 1, 1);
  if (most < least) return new Map();
  const within = Object.entries(budgetTokens).filter(([, tokens]) => tokens >= least && tokens < most);
  return new Map([...within, ['max', most]]);
}
