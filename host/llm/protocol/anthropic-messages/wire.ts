import * as Schema from 'effect/Schema';

/** Wire shapes of Anthropic's Messages: what we write, and as much of what we read as we use. */

export const protocolID = 'anthropic-messages';

// --- dialects -----------------------------------------------------------------------------------------------

/** How servers of this format differ in what they read. */
export type MessagesEncoding = {
  /** Marks where a prefix of the request may be cached. Default true. */
  readonly cache?: boolean;
  /** Sent where a request names no limit of its own: the format demands one. Default 8,192 tokens. */
  readonly maxTokens?: number;
  /** Leaves the model out of the body: Vertex names it in the address, and wants this version instead. */
  readonly version?: string;
  /** The path of a model below the endpoint's address, where it is not `/messages`. */
  readonly path?: (model: string) => string;
};

// --- written ---------------------------------------------------------------------------------------------------

export type CacheMark = { readonly cache_control?: { readonly type: 'ephemeral' } };

export type TextBlock = { readonly type: 'text'; readonly text: string; readonly citations?: unknown };

export type ImageBlock = {
  readonly type: 'image';
  readonly source:
    | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
    | { readonly type: 'url'; readonly url: string };
};

export type DocumentBlock = {
  readonly type: 'document';
  readonly source: { readonly type: 'base64'; readonly media_type: string; readonly data: string };
  readonly title?: string;
};

export type ResultBlock = {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content: string | readonly (TextBlock | ImageBlock | DocumentBlock)[];
  readonly is_error?: true;
};

export type UserBlock = (TextBlock | ImageBlock | DocumentBlock | ResultBlock) & CacheMark;

/** Blocks of the model's own go back as they came: among them those that only the server understands. */
export type AssistantBlock =
  | TextBlock
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object }
  | Readonly<Record<string, unknown>>;

export type WireMessage =
  | { readonly role: 'user'; readonly content: readonly UserBlock[] }
  | { readonly role: 'assistant'; readonly content: readonly AssistantBlock[] };

// --- read: unknown keys are passed over, null means absent ------------------------------------------------------

const maybe = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema));

export const WireUsage = Schema.Struct({
  input_tokens: maybe(Schema.Finite),
  output_tokens: maybe(Schema.Finite),
  cache_creation_input_tokens: maybe(Schema.Finite),
  cache_read_input_tokens: maybe(Schema.Finite),
  output_tokens_details: maybe(Schema.Struct({ thinking_tokens: maybe(Schema.Finite) })),
});
export type WireUsage = typeof WireUsage.Type;

/** Of any type; what it holds is read by type, and kept whole. */
export const WireBlock = Schema.Record(Schema.String, Schema.Unknown);
export type WireBlock = typeof WireBlock.Type;

export const WireDelta = Schema.Struct({
  type: Schema.String,
  text: maybe(Schema.String),
  thinking: maybe(Schema.String),
  signature: maybe(Schema.String),
  partial_json: maybe(Schema.String),
  citation: Schema.optionalKey(Schema.Unknown),
});
export type WireDelta = typeof WireDelta.Type;

export const WireEvent = Schema.Union([
  Schema.Struct({
    type: Schema.Literal('message_start'),
    message: Schema.Struct({ usage: maybe(WireUsage) }),
  }),
  Schema.Struct({
    type: Schema.Literal('content_block_start'),
    index: Schema.Int,
    content_block: WireBlock,
  }),
  Schema.Struct({ type: Schema.Literal('content_block_delta'), index: Schema.Int, delta: WireDelta }),
  Schema.Struct({ type: Schema.Literal('content_block_stop'), index: Schema.Int }),
  Schema.Struct({
    type: Schema.Literal('message_delta'),
    delta: Schema.Struct({ stop_reason: maybe(Schema.String) }),
    usage: maybe(WireUsage),
  }),
  Schema.Struct({ type: Schema.Literal('message_stop') }),
]);
export type WireEvent = typeof WireEvent.Type;

/** Events that say nothing to us, and those that later versions of the format bring. */
export const AnyEvent = Schema.Struct({ type: Schema.String });

export const knownEvents: ReadonlySet<string> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
]);

/** An answer that came whole, from a server that does not stream. */
export const WholeMessage = Schema.Struct({
  type: Schema.Literal('message'),
  content: Schema.Array(WireBlock),
  stop_reason: maybe(Schema.String),
  usage: maybe(WireUsage),
});
