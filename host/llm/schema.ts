import * as Schema from 'effect/Schema';

/**
 * The vocabulary of the model core: what a caller asks (`LLMRequest`), what comes back (`LLMEvent`), what went wrong
 * (`LLMError`). Nothing here names a wire field of any provider.
 */

/** Opaque facts of one protocol, keyed by protocol id: hand back verbatim what an event carried. */
export const Metadata = Schema.Record(Schema.String, Schema.Unknown);
export type Metadata = typeof Metadata.Type;

export const TextContent = Schema.Struct({
  type: Schema.Literal('text'),
  text: Schema.String,
  /** Of a text that a model wrote: the `metadata` of the `part.end` that ended it. */
  metadata: Schema.optionalKey(Metadata),
});
export type TextContent = typeof TextContent.Type;

/** An image, either inline (`data` is base64 without the `data:` prefix) or by address. */
export const ImageContent = Schema.Struct({
  type: Schema.Literal('image'),
  source: Schema.Union([
    Schema.Struct({ type: Schema.Literal('data'), mime: Schema.String, data: Schema.String }),
    Schema.Struct({ type: Schema.Literal('url'), url: Schema.String }),
  ]),
});
export type ImageContent = typeof ImageContent.Type;

/** A document that the model reads as such, a PDF: `data` is base64 without the `data:` prefix. */
export const FileContent = Schema.Struct({
  type: Schema.Literal('file'),
  mime: Schema.String,
  data: Schema.String,
  name: Schema.optionalKey(Schema.String),
});
export type FileContent = typeof FileContent.Type;

export const ReasoningContent = Schema.Struct({
  type: Schema.Literal('reasoning'),
  text: Schema.String,
  /** The `metadata` of this part's `reasoning.delta` and `part.end` events, the last one that had any. */
  metadata: Schema.optionalKey(Metadata),
});
export type ReasoningContent = typeof ReasoningContent.Type;

export const ToolCallContent = Schema.Struct({
  type: Schema.Literal('tool-call'),
  id: Schema.String,
  name: Schema.String,
  /** Any JSON. Arguments that were no JSON go in as the text they were. */
  input: Schema.Unknown,
  metadata: Schema.optionalKey(Metadata),
});
export type ToolCallContent = typeof ToolCallContent.Type;

/** A block that only the protocol which made it understands, in its place: the `metadata` of its `native` event. */
export const NativeContent = Schema.Struct({ type: Schema.Literal('native'), metadata: Metadata });
export type NativeContent = typeof NativeContent.Type;

export const UserMessage = Schema.Struct({
  type: Schema.Literal('user'),
  content: Schema.Array(Schema.Union([TextContent, ImageContent, FileContent])),
});
export type UserMessage = typeof UserMessage.Type;

export const AssistantMessage = Schema.Struct({
  type: Schema.Literal('assistant'),
  content: Schema.Array(Schema.Union([TextContent, ReasoningContent, ToolCallContent, NativeContent])),
  /** The `metadata` of the `finish` event that ended this message. */
  metadata: Schema.optionalKey(Metadata),
});
export type AssistantMessage = typeof AssistantMessage.Type;

export const ToolResultMessage = Schema.Struct({
  type: Schema.Literal('tool-result'),
  callID: Schema.String,
  name: Schema.String,
  output: Schema.String,
  isError: Schema.Boolean,
  /** What the tool shows beside its words; a protocol that has no place for it in a result says it in a user message. */
  attachments: Schema.optionalKey(Schema.Array(Schema.Union([ImageContent, FileContent]))),
});
export type ToolResultMessage = typeof ToolResultMessage.Type;

/** An instruction that arrives in the middle of a conversation; each protocol says it in its own way. */
export const SystemMessage = Schema.Struct({ type: Schema.Literal('system'), text: Schema.String });
export type SystemMessage = typeof SystemMessage.Type;

export const LLMMessage = Schema.Union([UserMessage, AssistantMessage, ToolResultMessage, SystemMessage]);
export type LLMMessage = typeof LLMMessage.Type;

export const LLMTool = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  /** JSON Schema of the input object; key order is kept, because models read it. */
  parameters: Schema.Record(Schema.String, Schema.Unknown),
});
export type LLMTool = typeof LLMTool.Type;

export const NativeTool = Schema.Struct({
  protocol: Schema.String,
  /** As the provider's reference gives it, e.g. `{ type: 'web_search_20250305', name: 'web_search' }`. */
  definition: Schema.Record(Schema.String, Schema.Unknown),
});
export type NativeTool = typeof NativeTool.Type;

export const Generation = Schema.Struct({
  maxOutputTokens: Schema.optionalKey(Schema.Int),
  temperature: Schema.optionalKey(Schema.Finite),
  topP: Schema.optionalKey(Schema.Finite),
  reasoningEffort: Schema.optionalKey(Schema.String),
});
export type Generation = typeof Generation.Type;

export const LLMRequest = Schema.Struct({
  /** The id that goes over the wire, without our provider prefix. */
  model: Schema.String,
  system: Schema.Array(Schema.String),
  messages: Schema.Array(LLMMessage),
  tools: Schema.Array(LLMTool),
  /** Tools that the provider runs by itself, each in its own terms; a protocol sends those that bear its id. */
  nativeTools: Schema.optionalKey(Schema.Array(NativeTool)),
  generation: Generation,
  /** Model Request Options in the provider's own terms; merged into the wire body, never over messages or tools. */
  options: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  /** Groups the requests of one conversation where a provider caches by key. */
  sessionID: Schema.optionalKey(Schema.String),
});
export type LLMRequest = typeof LLMRequest.Type;

export const LLMErrorCode = Schema.Literals([
  'auth',
  'quota',
  'rate-limit',
  'overflow',
  'content-filter',
  'invalid-request',
  'model-not-found',
  'server',
  'unreachable',
  'timeout',
  'stream-cut',
  'protocol',
]);
export type LLMErrorCode = typeof LLMErrorCode.Type;

export const LLMError = Schema.Struct({
  code: LLMErrorCode,
  /** The provider's own words where there are any, at most 1,000 characters, credentials taken out. */
  message: Schema.String,
  /** HTTP status; absent where no answer came or the stream had begun well. */
  status: Schema.optionalKey(Schema.Int),
  /** Milliseconds the provider asked to wait. */
  retryAfterMs: Schema.optionalKey(Schema.Int),
  /** Whether the same request may succeed later without a change. */
  retryable: Schema.Boolean,
  requestID: Schema.optionalKey(Schema.String),
});
export type LLMError = typeof LLMError.Type;

/** Parsed arguments, or the text that was none. */
export const ToolInput = Schema.Union([
  Schema.Struct({ type: Schema.Literal('json'), value: Schema.Unknown }),
  Schema.Struct({ type: Schema.Literal('malformed'), text: Schema.String }),
]);
export type ToolInput = typeof ToolInput.Type;

export const FinishReason = Schema.Literals(['stop', 'tool-calls', 'length', 'content-filter', 'other']);
export type FinishReason = typeof FinishReason.Type;

export const TextDelta = Schema.Struct({ type: Schema.Literal('text.delta'), text: Schema.String });
export const ReasoningDelta = Schema.Struct({
  type: Schema.Literal('reasoning.delta'),
  text: Schema.String,
  metadata: Schema.optionalKey(Metadata),
});
/** The text or reasoning before it is a part of its own: what comes next begins another, even of the same kind. */
export const PartEnd = Schema.Struct({
  type: Schema.Literal('part.end'),
  metadata: Schema.optionalKey(Metadata),
});
/** A block of the provider's own: a search that it ran, its results, thinking that it keeps secret. */
export const Native = Schema.Struct({
  type: Schema.Literal('native'),
  /** What it is, for people, e.g. `web_search`. */
  name: Schema.String,
  /** What it says or was asked, in plain words; often nothing. */
  text: Schema.String,
  metadata: Metadata,
});
export const ToolInputStarted = Schema.Struct({
  type: Schema.Literal('tool.input.started'),
  callID: Schema.String,
  name: Schema.String,
});
/** A piece of the arguments' JSON text. */
export const ToolInputDelta = Schema.Struct({
  type: Schema.Literal('tool.input.delta'),
  callID: Schema.String,
  text: Schema.String,
});
/** A complete call: exactly one for each `tool.input.started` of a stream that ends in `finish`. */
export const ToolCall = Schema.Struct({
  type: Schema.Literal('tool.call'),
  callID: Schema.String,
  name: Schema.String,
  input: ToolInput,
  metadata: Schema.optionalKey(Metadata),
});
/**
 * Tokens of this request, at most one event per stream, right before the terminal one. The prompt is
 * `input + cacheRead + cacheWrite`; `output` includes `reasoning`.
 */
export const Usage = Schema.Struct({
  type: Schema.Literal('usage'),
  input: Schema.Int,
  output: Schema.Int,
  reasoning: Schema.Int,
  cacheRead: Schema.Int,
  cacheWrite: Schema.Int,
});
export const Finish = Schema.Struct({
  type: Schema.Literal('finish'),
  reason: FinishReason,
  /** The provider's own word, or null where it gave none. */
  raw: Schema.NullOr(Schema.String),
  metadata: Schema.optionalKey(Metadata),
});
export const Failed = Schema.Struct({ type: Schema.Literal('error'), error: LLMError });

/**
 * The request was refused before anything of an answer came, and is made again after a while. Sent by `withRetries`
 * alone, any number of times before the rest.
 */
export const Retry = Schema.Struct({
  type: Schema.Literal('retry'),
  /** How many times it will have been made again: 1 for the first. */
  attempt: Schema.Int,
  /** Milliseconds from now. */
  waitMs: Schema.Int,
  error: LLMError,
});
export type RetryEvent = typeof Retry.Type;

export const LLMEvent = Schema.Union([
  TextDelta,
  ReasoningDelta,
  PartEnd,
  Native,
  ToolInputStarted,
  ToolInputDelta,
  ToolCall,
  Usage,
  Retry,
  Finish,
  Failed,
]);
export type LLMEvent = typeof LLMEvent.Type;
export type UsageEvent = typeof Usage.Type;
export type FinishEvent = typeof Finish.Type;
export type ErrorEvent = typeof Failed.Type;
