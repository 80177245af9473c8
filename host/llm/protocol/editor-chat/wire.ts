import * as Schema from 'effect/Schema';

/** What an editor's language models are asked and answer, as plain values: the editor's own classes are made elsewhere. */

export const protocolID = 'editor-chat';

// --- written ---------------------------------------------------------------------------------------------------

export type TextPart = { readonly type: 'text'; readonly value: string };

/** Bytes of a kind that the model reads, such as a picture; `data` is base64. */
export type DataPart = { readonly type: 'data'; readonly mime: string; readonly data: string };

export type CallPart = {
  readonly type: 'tool-call';
  readonly callID: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
};

export type ResultPart = {
  readonly type: 'tool-result';
  readonly callID: string;
  readonly content: readonly (TextPart | DataPart)[];
};

/** There is no role for the system. Results stand in messages of the user that hold nothing else. */
export type EditorMessage =
  | { readonly role: 'user'; readonly content: readonly (TextPart | DataPart | ResultPart)[] }
  | { readonly role: 'assistant'; readonly content: readonly (TextPart | CallPart)[] };

export type EditorTool = {
  readonly name: string;
  readonly description: string;
  /** JSON Schema */
  readonly inputSchema: Readonly<Record<string, unknown>>;
};

export type EditorRequest = {
  readonly vendor: string;
  /** Of the model, among those of its vendor. */
  readonly id: string;
  readonly messages: readonly EditorMessage[];
  readonly tools: readonly EditorTool[];
  /** In the vendor's own terms. */
  readonly modelOptions: Readonly<Record<string, unknown>>;
};

// --- read: unknown keys are passed over, and so are parts of kinds that are not known ----------------------------

const AnswerText = Schema.Struct({ type: Schema.Literal('text'), value: Schema.String });

/** A provider may give its thoughts in lines. */
const AnswerThought = Schema.Struct({
  type: Schema.Literal('thinking'),
  value: Schema.Union([Schema.String, Schema.Array(Schema.String)]),
});

const AnswerCall = Schema.Struct({
  type: Schema.Literal('tool-call'),
  callID: Schema.String,
  name: Schema.String,
  input: Schema.optionalKey(Schema.Unknown),
});
export type AnswerCall = typeof AnswerCall.Type;

export const AnswerPart = Schema.Union([AnswerText, AnswerThought, AnswerCall]);
export type AnswerPart = typeof AnswerPart.Type;

export const knownTypes: ReadonlySet<string> = new Set(['text', 'thinking', 'tool-call']);
