import * as Schema from 'effect/Schema';

/** Wire shapes of OpenAI chat completions: what we write, and as much of what we read as we use. */

export const protocolID = 'openai-chat';

// --- dialects -----------------------------------------------------------------------------------------------

/** How servers of this format differ in what they read. */
export type ChatEncoding = {
  /** OpenAI's own endpoint wants the newer name for the limit of the answer; those that imitate it know the older one. */
  readonly limitName: 'older' | 'newer';
  /** Sends the session as `prompt_cache_key`, so that its requests meet the same cache. Default false. */
  readonly cacheKey?: boolean;
  /** Ids of tool calls as the server takes them: OpenAI refuses more than 40 characters. Default: as they are. */
  readonly callID?: (id: string) => string;
  /** Does not ask for usage: a strict server that sends it anyway refuses the field. Default false. */
  readonly withoutUsageOption?: boolean;
  /** OpenRouter has one object for how much to think, whatever the model's own field. Default `effort`. */
  readonly reasoningField?: 'effort' | 'object';
  /** Whether a model caches only what is marked for it, and the server passes marks on. Default: none does. */
  readonly marksCache?: (model: string) => boolean;
};

// --- written ---------------------------------------------------------------------------------------------------

export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
  | { readonly type: 'file'; readonly file: { readonly filename: string; readonly file_data: string } };

export type ChatToolCall = {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
};

export type ChatUser = { readonly role: 'user'; readonly content: string | readonly ChatPart[] };

export type ChatAssistant = {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly reasoning_content?: string;
  readonly reasoning_details?: readonly unknown[];
  readonly tool_calls?: readonly ChatToolCall[];
};

export type ChatMessage =
  | { readonly role: 'system'; readonly content: string }
  | ChatUser
  | ChatAssistant
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string };

// --- read: unknown keys are passed over, null means absent ------------------------------------------------------

const maybe = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema));

/** Mistral sends its content in parts, thinking among them. */
const ContentPart = Schema.Struct({
  type: Schema.String,
  text: maybe(Schema.String),
  thinking: maybe(Schema.Union([Schema.String, Schema.Array(Schema.Struct({ text: maybe(Schema.String) }))])),
});
export type ContentPart = typeof ContentPart.Type;

/** OpenRouter's form; replayed verbatim, so only what is needed to read and to join pieces is named. */
const ReasoningDetail = Schema.Record(Schema.String, Schema.Unknown);
export type ReasoningDetail = typeof ReasoningDetail.Type;

const ToolCallDelta = Schema.Struct({
  index: maybe(Schema.Finite),
  id: maybe(Schema.String),
  function: maybe(
    Schema.Struct({
      name: maybe(Schema.String),
      arguments: maybe(Schema.Union([Schema.String, Schema.Record(Schema.String, Schema.Unknown)])),
    }),
  ),
});
export type ToolCallDelta = typeof ToolCallDelta.Type;

const Delta = Schema.Struct({
  content: maybe(Schema.Union([Schema.String, Schema.Array(ContentPart)])),
  refusal: maybe(Schema.String),
  reasoning_content: maybe(Schema.String),
  reasoning: maybe(Schema.String),
  reasoning_details: maybe(Schema.Array(ReasoningDetail)),
  tool_calls: maybe(Schema.Array(ToolCallDelta)),
});
export type Delta = typeof Delta.Type;

const Tokens = maybe(Schema.Finite);

const WireUsage = Schema.Struct({
  prompt_tokens: Tokens,
  completion_tokens: Tokens,
  total_tokens: Tokens,
  /** Moonshot */
  cached_tokens: Tokens,
  /** DeepSeek */
  prompt_cache_hit_tokens: Tokens,
  prompt_tokens_details: maybe(Schema.Struct({ cached_tokens: Tokens, cache_write_tokens: Tokens })),
  completion_tokens_details: maybe(Schema.Struct({ reasoning_tokens: Tokens })),
});
export type WireUsage = typeof WireUsage.Type;

const Choice = Schema.Struct({
  index: maybe(Schema.Finite),
  delta: maybe(Delta),
  /** A server that does not stream answers with whole messages. */
  message: maybe(Delta),
  finish_reason: maybe(Schema.String),
  /** Moonshot counts inside the choice. */
  usage: maybe(WireUsage),
});

export const Chunk = Schema.Struct({
  id: maybe(Schema.String),
  choices: maybe(Schema.Array(Choice)),
  usage: maybe(WireUsage),
  /** Groq, where `stream_options` is not known. */
  x_groq: maybe(Schema.Struct({ usage: maybe(WireUsage) })),
});
export type Chunk = typeof Chunk.Type;
