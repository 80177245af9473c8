import * as Schema from 'effect/Schema';

/**
 * The catalogue of models.dev, as much of it as is read. Unknown keys are passed over, and so are words that later
 * versions of it bring: what cannot be told from them is treated as if it were absent.
 * Source: https://models.dev/api.json, https://github.com/anomalyco/models.dev/blob/dev/README.md
 */

const optional = Schema.optionalKey;

const Rates = {
  input: Schema.Finite,
  output: Schema.Finite,
  cache_read: optional(Schema.Finite),
  cache_write: optional(Schema.Finite),
  reasoning: optional(Schema.Finite),
};

/** US dollars per million tokens; a tier counts for requests whose prompt is longer than `size` tokens. */
export const DevCost = Schema.Struct({
  ...Rates,
  context_over_200k: optional(Schema.Struct(Rates)),
  tiers: optional(
    Schema.Array(
      Schema.Struct({ ...Rates, tier: Schema.Struct({ type: Schema.String, size: Schema.Finite }) }),
    ),
  ),
});
export type DevCost = typeof DevCost.Type;

const ReasoningOption = Schema.Struct({
  type: Schema.String,
  values: optional(Schema.Array(Schema.NullOr(Schema.String))),
  min: optional(Schema.NullOr(Schema.Finite)),
  max: optional(Schema.NullOr(Schema.Finite)),
});
export type ReasoningOption = typeof ReasoningOption.Type;

const Mode = Schema.Struct({
  cost: optional(DevCost),
  provider: optional(
    Schema.Struct({
      body: optional(Schema.Record(Schema.String, Schema.Unknown)),
      headers: optional(Schema.Record(Schema.String, Schema.String)),
    }),
  ),
});
export type DevMode = typeof Mode.Type;

export const DevModel = Schema.Struct({
  name: Schema.String,
  family: optional(Schema.String),
  release_date: optional(Schema.String),
  status: optional(Schema.String),
  attachment: optional(Schema.Boolean),
  reasoning: optional(Schema.Boolean),
  temperature: optional(Schema.Boolean),
  tool_call: optional(Schema.Boolean),
  interleaved: optional(Schema.Union([Schema.Boolean, Schema.Struct({ field: Schema.String })])),
  reasoning_options: optional(Schema.Array(ReasoningOption)),
  modalities: optional(
    Schema.Struct({ input: Schema.Array(Schema.String), output: Schema.Array(Schema.String) }),
  ),
  limit: optional(Schema.Struct({ context: Schema.Int, output: Schema.Int, input: optional(Schema.Int) })),
  cost: optional(DevCost),
  experimental: optional(Schema.Struct({ modes: optional(Schema.Record(Schema.String, Mode)) })),
  provider: optional(
    Schema.Struct({
      npm: optional(Schema.String),
      api: optional(Schema.String),
      shape: optional(Schema.String),
    }),
  ),
});
export type DevModel = typeof DevModel.Type;

/** A provider without its models. */
export const DevProvider = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  /** The package of the AI SDK that speaks to it: it decides the protocol. */
  npm: Schema.String,
  /** Where it is, with `${NAME}` for what differs from user to user; absent: the package knows. */
  api: optional(Schema.String),
  /** The variables that hold its key, and what else it takes to reach it. */
  env: Schema.Array(Schema.String),
  doc: optional(Schema.String),
});
export type DevProvider = typeof DevProvider.Type;

/** The keys that are read of each: everything else is left out of what is stored. */
export const providerKeys: ReadonlySet<string> = new Set(Object.keys(DevProvider.fields));
export const modelKeys: ReadonlySet<string> = new Set(Object.keys(DevModel.fields));

/** The catalogue, of which what is asked for is decoded. An entry that does not decode is left out and told. */
export interface ModelsDev {
  /** The newest `last_updated` in it, YYYY-MM-DD: which of two is the newer. */
  readonly date: string;
  /** In the order of their ids. */
  readonly providers: readonly DevProvider[];
  provider(id: string): DevProvider | undefined;
  /** By their ids, in order; empty for a provider that is not there. */
  models(providerID: string): ReadonlyMap<string, DevModel>;
}

export const noModels: ModelsDev = {
  date: '',
  providers: [],
  provider: () => undefined,
  models: () => new Map(),
};
