import * as Schema from 'effect/Schema';

/** Wire shapes of Bedrock's Converse: what we write, and as much of what we read as we use. Blobs are base64. */

export const protocolID = 'bedrock-converse';

// --- dialects -----------------------------------------------------------------------------------------------

/** Where a cache point may stand: `prompts` are turns of the user without results of tools, `results` those with. */
export type CachePlace = 'tools' | 'system' | 'prompts' | 'results';

/** How an effort is said: Claude's thinking, adaptive or with a budget of tokens, Nova's, that of gpt-oss, or not at all. */
export type ReasoningForm = 'adaptive' | 'budget' | 'nova' | 'effort' | 'none';

/** How the models behind Converse differ in what they read. Each default follows from the model's name. */
export type ConverseEncoding = {
  /** The model behind an inference profile whose ARN does not tell, e.g. `anthropic.claude-sonnet-4-6`. */
  readonly model?: string;
  /** Where a prefix of the request is marked for the cache. */
  readonly cache?: readonly CachePlace[];
  readonly reasoning?: ReasoningForm;
};

// --- written ---------------------------------------------------------------------------------------------------

export type CachePoint = { readonly cachePoint: { readonly type: 'default' } };

export type TextBlock = { readonly text: string };

export type MediaSource = { readonly bytes: string } | { readonly s3Location: { readonly uri: string } };

export type ImageBlock = { readonly image: { readonly format: string; readonly source: MediaSource } };

export type DocumentBlock = {
  readonly document: { readonly format: string; readonly name: string; readonly source: MediaSource };
};

export type ResultBlock = {
  readonly toolResult: {
    readonly toolUseId: string;
    readonly content: readonly (TextBlock | ImageBlock | DocumentBlock)[];
    readonly status?: 'error';
  };
};

export type UserBlock = TextBlock | ImageBlock | DocumentBlock | ResultBlock | CachePoint;

/** Blocks of the model's own go back as they came: among them those that only the server understands. */
export type AssistantBlock =
  | TextBlock
  | {
      readonly reasoningContent: {
        readonly reasoningText: { readonly text: string; readonly signature: string };
      };
    }
  | { readonly toolUse: { readonly toolUseId: string; readonly name: string; readonly input: object } }
  | Readonly<Record<string, unknown>>;

export type WireMessage =
  | { readonly role: 'user'; readonly content: readonly UserBlock[] }
  | { readonly role: 'assistant'; readonly content: readonly AssistantBlock[] };

// --- read: unknown keys are passed over, null means absent ------------------------------------------------------

const maybe = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema));

export const WireUsage = Schema.Struct({
  inputTokens: maybe(Schema.Finite),
  outputTokens: maybe(Schema.Finite),
  cacheReadInputTokens: maybe(Schema.Finite),
  cacheWriteInputTokens: maybe(Schema.Finite),
});
export type WireUsage = typeof WireUsage.Type;

/** One member, whose name says of what kind it is; what it holds is read by kind, and kept whole. */
export const WireBlock = Schema.Record(Schema.String, Schema.Unknown);
export type WireBlock = typeof WireBlock.Type;

const place = { contentBlockIndex: Schema.Int };

/** One member each, whose name is that of the event. */
export const WireEvent = Schema.Union([
  Schema.Struct({ contentBlockStart: Schema.Struct({ ...place, start: maybe(WireBlock) }) }),
  Schema.Struct({ contentBlockDelta: Schema.Struct({ ...place, delta: WireBlock }) }),
  Schema.Struct({ contentBlockStop: Schema.Struct(place) }),
  Schema.Struct({ messageStop: Schema.Struct({ stopReason: Schema.String }) }),
  Schema.Struct({ metadata: Schema.Struct({ usage: maybe(WireUsage) }) }),
]);
export type WireEvent = typeof WireEvent.Type;

/** Events that say nothing to us, and those that later versions of the format bring. */
export const AnyEvent = Schema.Record(Schema.String, Schema.Unknown);

export const knownEvents: ReadonlySet<string> = new Set([
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
]);

/** An answer that came whole, from a server that does not stream. */
export const WholeAnswer = Schema.Struct({
  output: Schema.Struct({ message: Schema.Struct({ content: Schema.Array(WireBlock) }) }),
  stopReason: maybe(Schema.String),
  usage: maybe(WireUsage),
});
