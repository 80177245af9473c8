import * as Schema from 'effect/Schema';
import { JsonObject } from '#shared/part.ts';
import { PermissionAction } from '#shared/permission.ts';

const optional = Schema.optionalKey;

/** `permission` in OpenCode's form: one action for all, or by key, or by key and pattern. */
export const PermissionConfig = Schema.Union([
  PermissionAction,
  Schema.Record(
    Schema.String,
    Schema.Union([PermissionAction, Schema.Record(Schema.String, PermissionAction)]),
  ),
]);
export type PermissionConfig = typeof PermissionConfig.Type;

const Rates = {
  input: optional(Schema.Finite),
  output: optional(Schema.Finite),
  cache_read: optional(Schema.Finite),
  cache_write: optional(Schema.Finite),
};

/** How a model is reached where that is not how its provider is: the same form as in the catalogue of models.dev. */
const ModelRouteConfig = Schema.Struct({
  npm: optional(Schema.String),
  api: optional(Schema.String),
  shape: optional(Schema.Literals(['responses', 'completions'])),
});

export const ModelConfig = Schema.Struct({
  id: optional(Schema.String),
  name: optional(Schema.String),
  family: optional(Schema.String),
  release_date: optional(Schema.String),
  status: optional(Schema.Literals(['available', 'alpha', 'beta', 'deprecated', 'hidden'])),
  attachment: optional(Schema.Boolean),
  reasoning: optional(Schema.Boolean),
  temperature: optional(Schema.Boolean),
  tool_call: optional(Schema.Boolean),
  interleaved: optional(Schema.Union([Schema.Boolean, Schema.Struct({ field: Schema.String })])),
  modalities: optional(
    Schema.Struct({
      input: optional(Schema.Array(Schema.String)),
      output: optional(Schema.Array(Schema.String)),
    }),
  ),
  limit: optional(
    Schema.Struct({
      context: optional(Schema.Int),
      output: optional(Schema.Int),
      input: optional(Schema.Int),
    }),
  ),
  cost: optional(Schema.Struct({ ...Rates, context_over_200k: optional(Schema.Struct(Rates)) })),
  options: optional(JsonObject),
  headers: optional(Schema.Record(Schema.String, Schema.String)),
  /** Options by the name of a variant; `disabled` takes one away that the catalogue has. */
  variants: optional(Schema.Record(Schema.String, JsonObject)),
  provider: optional(ModelRouteConfig),
});
export type ModelConfig = typeof ModelConfig.Type;

/** Where a provider is, in its own terms; the first of them stay within what is the provider's own. */
const ProviderPlace = {
  region: optional(Schema.String),
  project: optional(Schema.String),
  location: optional(Schema.String),
  apiVersion: optional(Schema.String),
  /** Of AWS: whose credentials are used. */
  profile: optional(Schema.String),
  resourceName: optional(Schema.String),
  accountId: optional(Schema.String),
  gatewayId: optional(Schema.String),
};
/** What a sign-in at a provider needs: a client of the user's own, and what its addresses depend on. */
const ProviderSignIn = {
  clientID: optional(Schema.String),
  clientSecret: optional(Schema.String),
  /** Of Microsoft Entra. */
  tenant: optional(Schema.String),
  /** Of Snowflake. */
  account: optional(Schema.String),
  /** Of Cloudflare, with spaces between. */
  scopes: optional(Schema.String),
};
export type ProviderSignIn = { readonly [K in keyof typeof ProviderSignIn]?: string };

export type ProviderPlace = { readonly [K in keyof typeof ProviderPlace]?: string };

export const ProviderConfig = Schema.Struct({
  name: optional(Schema.String),
  npm: optional(Schema.String),
  api: optional(Schema.String),
  env: optional(Schema.Array(Schema.String)),
  whitelist: optional(Schema.Array(Schema.String)),
  blacklist: optional(Schema.Array(Schema.String)),
  options: optional(
    Schema.Struct({
      apiKey: optional(Schema.String),
      baseURL: optional(Schema.String),
      headers: optional(Schema.Record(Schema.String, Schema.String)),
      timeout: optional(Schema.Union([Schema.Int, Schema.Literal(false)])),
      ...ProviderPlace,
      ...ProviderSignIn,
    }),
  ),
  models: optional(Schema.Record(Schema.String, ModelConfig)),
});
export type ProviderConfig = typeof ProviderConfig.Type;

export const AgentConfig = Schema.Struct({
  description: optional(Schema.String),
  mode: optional(Schema.Literals(['primary', 'subagent', 'all'])),
  model: optional(Schema.String),
  prompt: optional(Schema.String),
  temperature: optional(Schema.Finite),
  top_p: optional(Schema.Finite),
  steps: optional(Schema.Int.check(Schema.isGreaterThan(0))),
  maxSteps: optional(Schema.Int.check(Schema.isGreaterThan(0))),
  tools: optional(Schema.Record(Schema.String, Schema.Boolean)),
  permission: optional(PermissionConfig),
  hidden: optional(Schema.Boolean),
  disable: optional(Schema.Boolean),
});
export type AgentConfig = typeof AgentConfig.Type;

export const CompactionConfig = Schema.Struct({
  auto: optional(Schema.Boolean),
  prune: optional(Schema.Boolean),
  reserved: optional(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  tail_turns: optional(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  preserve_recent_tokens: optional(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
});
export type CompactionConfig = typeof CompactionConfig.Type;

/**
 * The keys of opencode.json that are read, each decoded on its own: a bad one is told and left out, the rest applies.
 * Source: OpenCode 1.18's configuration reference.
 */
export const configKeys = {
  model: Schema.String,
  small_model: Schema.String,
  default_agent: Schema.String,
  provider: Schema.Record(Schema.String, ProviderConfig),
  enabled_providers: Schema.Array(Schema.String),
  disabled_providers: Schema.Array(Schema.String),
  permission: PermissionConfig,
  tools: Schema.Record(Schema.String, Schema.Boolean),
  agent: Schema.Record(Schema.String, AgentConfig),
  mode: Schema.Record(Schema.String, AgentConfig),
  instructions: Schema.Array(Schema.String),
  compaction: CompactionConfig,
} as const;

export type ConfigKey = keyof typeof configKeys;
export type ConfigValues = { readonly [K in ConfigKey]?: (typeof configKeys)[K]['Type'] };

/** Keys that OpenCode knows and this version does not read yet: no reason to warn. */
export const laterKeys: ReadonlySet<string> = new Set(
  `$schema username logLevel shell subagent_depth command mcp plugin skills references reference lsp formatter snapshot
   watcher tool_output attachment share autoshare autoupdate enterprise server layout experimental keybinds
   theme tui`.split(/\s+/),
);
