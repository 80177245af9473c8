import * as Schema from 'effect/Schema';
import { base64, fields, text } from '../text-form.ts';

/** What Google takes, and nothing else: "Unknown name: Cannot find field". */

/** Of a tool that is declared. */
const toolName = Schema.String.check(Schema.isPattern(/^[a-zA-Z_][\w.:-]{0,127}$/));
/** Of a call, whatever the model wrote. */
const calledName = text.check(Schema.isMinLength(1));
const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(schema);

const Inline = Schema.Struct({
  inlineData: Schema.Struct({
    mimeType: Schema.String.check(Schema.isPattern(/^(image|application|text|audio|video)\/[\w.+-]+$/)),
    data: base64,
  }),
});
const FileData = Schema.Struct({ fileData: Schema.Struct({ mimeType: Schema.String, fileUri: text }) });
const FunctionResponse = Schema.Struct({
  functionResponse: Schema.Struct({
    id: optional(Schema.String),
    name: calledName,
    response: fields,
    parts: optional(Schema.NonEmptyArray(Schema.Union([Inline, FileData]))),
  }),
});
const UserPart = Schema.Union([Schema.Struct({ text }), Inline, FileData, FunctionResponse]);

const signed = { thoughtSignature: optional(Schema.String) };
const FunctionCall = Schema.Struct({
  functionCall: Schema.Struct({ id: optional(Schema.String), name: calledName, args: fields }),
  ...signed,
});
const ModelPart = Schema.Union([
  Schema.Struct({ text, thought: optional(Schema.Boolean), ...signed }),
  FunctionCall,
  Schema.Struct({
    toolCall: Schema.Struct({
      id: Schema.String,
      toolType: Schema.Literal('GOOGLE_SEARCH_WEB'),
      args: Schema.Struct({ queries: Schema.Array(text) }),
    }),
    thoughtSignature: Schema.String,
  }),
  Schema.Struct({
    toolResponse: Schema.Struct({
      id: Schema.String,
      toolType: Schema.Literal('GOOGLE_SEARCH_WEB'),
      response: Schema.Struct({ found: text }),
    }),
    thoughtSignature: Schema.String,
  }),
]);
export type ModelPart = typeof ModelPart.Type;

export const WireContent = Schema.Union([
  Schema.Struct({ role: Schema.Literal('user'), parts: Schema.Array(UserPart) }),
  Schema.Struct({ role: Schema.Literal('model'), parts: Schema.Array(ModelPart) }),
]);
export type WireContent = typeof WireContent.Type;

const Tool = Schema.Union([
  Schema.Struct({
    functionDeclarations: Schema.NonEmptyArray(
      Schema.Struct({
        name: toolName,
        description: optional(text),
        parameters: optional(fields),
        parametersJsonSchema: optional(fields),
      }),
    ),
  }),
  Schema.Struct({ googleSearch: fields }),
  Schema.Struct({ urlContext: fields }),
  Schema.Struct({ codeExecution: fields }),
]);

const Thinking = Schema.Struct({
  includeThoughts: optional(Schema.Boolean),
  thinkingBudget: optional(Schema.Int),
  thinkingLevel: optional(Schema.Literals(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'])),
});

export const GenerateRequest = Schema.Struct({
  contents: Schema.Array(WireContent),
  systemInstruction: optional(
    Schema.Struct({
      role: optional(Schema.String),
      parts: Schema.NonEmptyArray(Schema.Struct({ text })),
    }),
  ),
  tools: optional(Schema.Array(Tool)),
  toolConfig: optional(
    Schema.Struct({
      functionCallingConfig: optional(fields),
      includeServerSideToolInvocations: optional(Schema.Boolean),
    }),
  ),
  generationConfig: optional(
    Schema.Struct({
      maxOutputTokens: optional(Schema.Int),
      temperature: optional(Schema.Finite),
      topP: optional(Schema.Finite),
      topK: optional(Schema.Finite),
      stopSequences: optional(Schema.Array(Schema.String)),
      responseModalities: optional(Schema.Array(Schema.String)),
      thinkingConfig: optional(Thinking),
    }),
  ),
  safetySettings: optional(Schema.Array(fields)),
  cachedContent: optional(Schema.String),
  labels: optional(fields),
});
export type GenerateRequest = typeof GenerateRequest.Type;
