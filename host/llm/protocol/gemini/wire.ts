import * as Schema from 'effect/Schema';

/** Wire shapes of Gemini's generateContent: what we write, and as much of what we read as we use. */

export const protocolID = 'gemini';

// --- dialects -----------------------------------------------------------------------------------------------

/** How servers and models of this format differ in what they read. */
export type GeminiEncoding = {
  /** Vertex names models by their publisher and does not mix tools of its own with functions. Default `gemini-api`. */
  readonly platform?: 'gemini-api' | 'vertex';
  /**
   * Models up to series 2 think by a budget and are shown pictures beside the results of tools; those from series 3 on
   * think by a level, take pictures in results and want signed calls. Default: what the model's name says.
   */
  readonly series?: Series;
};

export type Series = 2 | 3;

// --- written ---------------------------------------------------------------------------------------------------

export type MediaPart =
  | { readonly inlineData: { readonly mimeType: string; readonly data: string } }
  | { readonly fileData: { readonly mimeType: string; readonly fileUri: string } };

export type ResponsePart = {
  readonly functionResponse: {
    readonly id?: string;
    readonly name: string;
    readonly response: { readonly output: string } | { readonly error: string };
    readonly parts?: readonly MediaPart[];
  };
};

export type UserPart = { readonly text: string } | MediaPart | ResponsePart;

/** Parts of the model's own go back as they came: among them those that only the server understands. */
export type ModelPart =
  | { readonly text: string; readonly thought?: true; readonly thoughtSignature?: string }
  | {
      readonly functionCall: { readonly id?: string; readonly name: string; readonly args: object };
      readonly thoughtSignature?: string;
    }
  | Readonly<Record<string, unknown>>;

export type WireContent =
  | { readonly role: 'user'; readonly parts: readonly UserPart[] }
  | { readonly role: 'model'; readonly parts: readonly ModelPart[] };

// --- read: unknown keys are passed over, null means absent ------------------------------------------------------

const maybe = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema));

export const WireUsage = Schema.Struct({
  promptTokenCount: maybe(Schema.Finite),
  cachedContentTokenCount: maybe(Schema.Finite),
  candidatesTokenCount: maybe(Schema.Finite),
  thoughtsTokenCount: maybe(Schema.Finite),
  toolUsePromptTokenCount: maybe(Schema.Finite),
});
export type WireUsage = typeof WireUsage.Type;

/** A piece of a call's arguments; of the values at most one is there. */
export const PartialArg = Schema.Struct({
  jsonPath: Schema.String,
  stringValue: maybe(Schema.String),
  numberValue: maybe(Schema.Finite),
  boolValue: maybe(Schema.Boolean),
});
export type PartialArg = typeof PartialArg.Type;

export const WireCall = Schema.Struct({
  id: maybe(Schema.String),
  name: maybe(Schema.String),
  args: Schema.optionalKey(Schema.Unknown),
  partialArgs: maybe(Schema.Array(PartialArg)),
  /** More pieces of this call follow. */
  willContinue: maybe(Schema.Boolean),
});
export type WireCall = typeof WireCall.Type;

/** Of any kind; what it holds is read by its keys, and kept whole. */
export const WirePart = Schema.StructWithRest(Schema.Struct({ functionCall: maybe(WireCall) }), [
  Schema.Record(Schema.String, Schema.Unknown),
]);
export type WirePart = typeof WirePart.Type;

export const WireCandidate = Schema.Struct({
  index: maybe(Schema.Finite),
  content: maybe(Schema.Struct({ parts: maybe(Schema.Array(WirePart)) })),
  finishReason: maybe(Schema.String),
  groundingMetadata: Schema.optionalKey(Schema.Unknown),
  urlContextMetadata: Schema.optionalKey(Schema.Unknown),
  citationMetadata: Schema.optionalKey(Schema.Unknown),
});
export type WireCandidate = typeof WireCandidate.Type;

/** One piece of a stream; an answer that came whole has the same shape. */
export const WireChunk = Schema.Struct({
  candidates: maybe(Schema.Array(WireCandidate)),
  promptFeedback: maybe(Schema.Struct({ blockReason: maybe(Schema.String) })),
  usageMetadata: maybe(WireUsage),
  responseId: maybe(Schema.String),
  error: Schema.optionalKey(Schema.Unknown),
});
export type WireChunk = typeof WireChunk.Type;
