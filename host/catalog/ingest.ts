import type { ModelConfig } from '../config/config-schema.ts';
import type { DevMode, DevModel, ReasoningOption } from './models-dev.ts';
import { type Price, priceOf, type RawPrice } from './price.ts';

/** `hidden` is not offered, and works for who names it; so does `deprecated`, with a notice. */
export type ModelStatus = 'available' | 'beta' | 'deprecated' | 'hidden';

/** What servers of one protocol differ in, as the catalogue tells it. */
export interface Compatibility {
  /** The package of the AI SDK that would speak to this model, where it is another than its provider's. */
  readonly npm?: string;
  /** Its address, where it is another than its provider's. */
  readonly api?: string;
  readonly shape?: 'responses' | 'completions';
  /** Thoughts between tool calls go back to the model; a name is that of the field which they come in. */
  readonly interleaved?: true | string;
  /** Whether it calls tools over the wire. */
  readonly toolCall: boolean;
  /** Whether it may be told a temperature. */
  readonly temperature: boolean;
}

export interface Capabilities {
  /** `text`, `image`, `pdf`, `audio`, `video`; words of later catalogues too. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attachment: boolean;
  readonly reasoning: boolean;
}

/** A model in our terms: what it is, and what is set for it in three domains, parted later by the protocol it speaks. */
export interface ModelDescription {
  /** Its name on the wire. */
  readonly wireID: string;
  readonly name: string;
  readonly family?: string;
  /** YYYY-MM-DD */
  readonly releaseDate?: string;
  readonly status: ModelStatus;
  readonly capabilities: Capabilities;
  readonly limit: { readonly context?: number; readonly input?: number; readonly output?: number };
  /** Undefined where nobody knows. */
  readonly price: Price | undefined;
  readonly compatibility: Compatibility;
  readonly headers: Readonly<Record<string, string>>;
  /** As opencode.json writes them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly variants: NonNullable<ModelConfig['variants']>;
  readonly reasoningOptions: readonly ReasoningOption[];
  /** Other ways to run it, at other prices. */
  readonly modes: Readonly<Record<string, DevMode>>;
}

/** What the catalogue says of a model and what the configuration says, which wins; one of both there must be. */
export function describeModel(
  id: string,
  { dev, config = {} }: { readonly dev: DevModel | undefined; readonly config?: ModelConfig | undefined },
): ModelDescription {
  const merged = { ...dev, ...config };
  const { family, release_date: releaseDate } = merged;
  const cost = config.cost ? { ...withoutLong(dev?.cost), ...config.cost } : dev?.cost;
  return {
    wireID: config.id ?? id,
    name: merged.name ?? id,
    ...(family === undefined ? {} : { family }),
    ...(releaseDate === undefined ? {} : { releaseDate }),
    status: statusOf(dev, config),
    capabilities: capabilitiesOf(dev, config),
    limit: { ...dev?.limit, ...config.limit },
    price: priceOf(cost),
    compatibility: compatibilityOf(dev, config),
    headers: config.headers ?? {},
    options: config.options ?? {},
    variants: config.variants ?? {},
    reasoningOptions: dev?.reasoning_options ?? [],
    modes: dev?.experimental?.modes ?? {},
  };
}

/** A price of the user's own knows nothing of the catalogue's prices for long prompts. */
function withoutLong(cost: RawPrice | undefined): RawPrice {
  const { tiers: _tiers, context_over_200k: _long, ...rates } = cost ?? {};
  return rates;
}

/** What the configuration names is wanted, unless it says otherwise itself. */
function statusOf(dev: DevModel | undefined, config: ModelConfig): ModelStatus {
  if (config.status) return config.status === 'alpha' ? 'beta' : config.status;
  if (dev?.status === 'deprecated' || dev?.status === 'beta') return dev.status;
  const isNamed = Object.keys(config).length > 0;
  const isUnfit = dev?.status === 'alpha' || dev?.modalities?.output.includes('text') === false;
  // It was found on this machine once, and is not there now.
  const isAway = dev?.status === 'hidden';
  return (isUnfit || isAway) && !isNamed ? 'hidden' : 'available';
}

function capabilitiesOf(dev: DevModel | undefined, config: ModelConfig): Capabilities {
  return {
    input: config.modalities?.input ?? dev?.modalities?.input ?? ['text'],
    output: config.modalities?.output ?? dev?.modalities?.output ?? ['text'],
    attachment: config.attachment ?? dev?.attachment ?? false,
    reasoning: config.reasoning ?? dev?.reasoning ?? false,
  };
}

function compatibilityOf(dev: DevModel | undefined, config: ModelConfig): Compatibility {
  const { npm, api, shape } = { ...dev?.provider, ...config.provider };
  const interleaved = config.interleaved ?? dev?.interleaved ?? false;
  return {
    ...(npm === undefined ? {} : { npm }),
    ...(api === undefined ? {} : { api }),
    ...(shape === 'responses' || shape === 'completions' ? { shape } : {}),
    ...(interleaved ? { interleaved: interleaved === true ? true : interleaved.field } : {}),
    // A model of the user's own that says nothing is one that works.
    toolCall: config.tool_call ?? dev?.tool_call ?? true,
    temperature: config.temperature ?? dev?.temperature ?? true,
  };
}
