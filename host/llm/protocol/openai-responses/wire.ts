import * as Schema from 'effect/Schema';

/** Wire shapes of OpenAI's Responses: what we write, and as much of what we read as we use. */

export const protocolID = 'openai-responses';

// --- dialects -----------------------------------------------------------------------------------------------

/** How servers of this format differ in what they read. */
export type ResponsesEncoding = {
  /** Sends the session as `prompt_cache_key`, so that its requests meet the same cache. Default false. */
  readonly cacheKey?: boolean;
  /** Asks for encrypted reasoning and for keeping nothing on the server. Servers that imitate refuse it. Default true. */
  readonly isStateless?: boolean;
  /** Leaves out the limit of the answer: the subscription's endpoint refuses it. Default false. */
  readonly withoutLimit?: boolean;
};

// --- written ---------------------------------------------------------------------------------------------------

export type InputPart =
  | { readonly type: 'input_text'; readonly text: string }
  | { readonly type: 'input_image'; readonly image_url: string; readonly detail: 'auto' }
  | { readonly type: 'input_file'; readonly filename: string; readonly file_data: string };

/** Items of the model's own go back as they came. */
export type InputItem =
  | { readonly role: 'user' | 'developer'; readonly content: readonly InputPart[] }
  | {
      readonly type: 'message';
      readonly role: 'assistant';
      readonly content: readonly { readonly type: 'output_text'; readonly text: string }[];
      readonly phase?: unknown;
    }
  | {
      readonly type: 'function_call';
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
    }
  | {
      readonly type: 'function_call_output';
      readonly call_id: string;
      readonly output: string | readonly InputPart[];
    }
  | Readonly<Record<string, unknown>>;

// --- read: unknown keys are passed over, null means absent ------------------------------------------------------

const maybe = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema));

/** Of any type; what it holds is read by type, and kept whole. */
export const WireItem = Schema.Record(Schema.String, Schema.Unknown);
export type WireItem = typeof WireItem.Type;

export const WireUsage = Schema.Struct({
  input_tokens: maybe(Schema.Finite),
  output_tokens: maybe(Schema.Finite),
  input_tokens_details: maybe(Schema.Struct({ cached_tokens: maybe(Schema.Finite) })),
  output_tokens_details: maybe(Schema.Struct({ reasoning_tokens: maybe(Schema.Finite) })),
});
export type WireUsage = typeof WireUsage.Type;

/** The answer as a whole: at the end of a stream, or instead of one. */
export const WireResponse = Schema.Struct({
  status: maybe(Schema.String),
  incomplete_details: maybe(Schema.Struct({ reason: maybe(Schema.String) })),
  error: Schema.optionalKey(Schema.Unknown),
  usage: maybe(WireUsage),
  output: maybe(Schema.Array(WireItem)),
});
export type WireResponse = typeof WireResponse.Type;

const place = { output_index: maybe(Schema.Int), item_id: maybe(Schema.String) };

export const WireEvent = Schema.Union([
  Schema.Struct({ type: Schema.Literal('response.output_item.added'), ...place, item: WireItem }),
  Schema.Struct({ type: Schema.Literal('response.output_item.done'), ...place, item: WireItem }),
  Schema.Struct({
    type: Schema.Literals([
      'response.output_text.delta',
      'response.refusal.delta',
      'response.reasoning_text.delta',
      'response.reasoning_summary_text.delta',
      'response.function_call_arguments.delta',
    ]),
    ...place,
    delta: Schema.String,
    summary_index: maybe(Schema.Int),
  }),
  Schema.Struct({
    type: Schema.Literals(['response.completed', 'response.incomplete', 'response.failed']),
    response: WireResponse,
  }),
]);
export type WireEvent = typeof WireEvent.Type;

export const AnyEvent = Schema.Struct({ type: maybe(Schema.String), object: maybe(Schema.String) });

export const knownEvents: ReadonlySet<string> = new Set([
  'response.output_item.added',
  'response.output_item.done',
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
  'response.completed',
  'response.incomplete',
  'response.failed',
]);
