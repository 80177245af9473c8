import type { Generation } from '../llm/schema.ts';

/** What is set for a model or a variant, parted: Generation Controls, and Model Request Options in the provider's terms. */
export interface Settings {
  readonly generation: Generation;
  readonly options: Readonly<Record<string, unknown>>;
}

type Options = Readonly<Record<string, unknown>>;

/**
 * Parts the `options` of opencode.json. Its files are written for the AI SDK: what that calls by names of its own is
 * given the provider's, and what every provider has becomes a Generation Control. All else goes through as it is.
 * Source: https://opencode.ai/docs/models, https://ai-sdk.dev/providers/ai-sdk-providers
 */
export function partOptions(raw: Options, protocolID: string): Settings {
  const words = wordsOf.get(protocolID) ?? {};
  let generation: Generation = {};
  let options: Options = {};
  for (const [name, value] of Object.entries(raw)) {
    const control = controlOf(name, value);
    const said = Object.hasOwn(words, name) ? words[name]?.(value) : undefined;
    if (control) generation = { ...generation, ...control };
    else options = joined(options, said ?? { [name]: value });
  }
  return { generation, options };
}

/** Lays options over others, objects within them too. */
export function joined(below: Options, above: Options): Options {
  const entries = Object.entries(above).map(([name, value]) => {
    const old = Object.hasOwn(below, name) ? below[name] : undefined;
    return [name, isObject(old) && isObject(value) ? joined(old, value) : value] as const;
  });
  return { ...below, ...Object.fromEntries(entries) };
}

function controlOf(name: string, value: unknown): Generation | undefined {
  if (typeof value === 'string') return textControls.has(name) ? { reasoningEffort: value } : undefined;
  if (typeof value !== 'number') return undefined;
  if (name === 'temperature') return { temperature: value };
  if (name === 'topP' || name === 'top_p') return { topP: value };
  if (name === 'maxOutputTokens' && Number.isInteger(value)) return { maxOutputTokens: value };
  return undefined;
}

const textControls: ReadonlySet<string> = new Set(['reasoningEffort', 'reasoning_effort', 'effort']);

type Word = (value: unknown) => Options;

const as =
  (name: string): Word =>
  (value) => ({ [name]: value });

/** `budgetTokens` -> `budget_tokens`, one level deep. */
const thinking: Word = (value) => {
  if (!isObject(value)) return { thinking: value };
  const { budgetTokens, ...rest } = value;
  return { thinking: budgetTokens === undefined ? rest : { ...rest, budget_tokens: budgetTokens } };
};

const openaiWords: Readonly<Record<string, Word>> = {
  serviceTier: as('service_tier'),
  parallelToolCalls: as('parallel_tool_calls'),
  promptCacheKey: as('prompt_cache_key'),
  promptCacheRetention: as('prompt_cache_retention'),
  safetyIdentifier: as('safety_identifier'),
};

const wordsOf: ReadonlyMap<string, Readonly<Record<string, Word>>> = new Map([
  [
    'openai-responses',
    {
      ...openaiWords,
      textVerbosity: (verbosity: unknown) => ({ text: { verbosity } }),
      reasoningSummary: (summary: unknown) => ({ reasoning: { summary } }),
    },
  ],
  ['openai-chat', { ...openaiWords, textVerbosity: as('verbosity') }],
  ['anthropic-messages', { thinking }],
  ['gemini', { thinkingConfig: (thinkingConfig: unknown) => ({ generationConfig: { thinkingConfig } }) }],
]);

function isObject(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
