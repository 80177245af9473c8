import * as Schema from 'effect/Schema';
import { base64, fields, text } from '../text-form.ts';

/** What Bedrock takes of a request; members of blocks that it does not know are refused. */

const words = text.check(
  Schema.makeFilter((value) => value.trim() !== '', {
    expected:
      'The text field in the ContentBlock object is blank. Add text to the text field, and try again.',
  }),
);
const name = Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9_-]{1,64}$/));
const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(schema);

const TextBlock = Schema.Struct({ text: words });
const CachePoint = Schema.Struct({ cachePoint: Schema.Struct({ type: Schema.Literal('default') }) });
const source = Schema.Union([
  Schema.Struct({ bytes: base64 }),
  Schema.Struct({ s3Location: Schema.Struct({ uri: Schema.String.check(Schema.isStartingWith('s3://')) }) }),
]);
const ImageBlock = Schema.Struct({
  image: Schema.Struct({ format: Schema.Literals(['png', 'jpeg', 'gif', 'webp']), source }),
});
/** No two spaces in a row. */
const documentName = Schema.String.check(Schema.isPattern(/^(?!.*\s{2})[a-zA-Z0-9\s()[\]-]{1,200}$/));
const DocumentBlock = Schema.Struct({
  document: Schema.Struct({
    format: Schema.Literals(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']),
    name: documentName,
    source,
  }),
});
const ResultBlock = Schema.Struct({
  toolResult: Schema.Struct({
    toolUseId: name,
    content: Schema.NonEmptyArray(
      Schema.Union([TextBlock, ImageBlock, DocumentBlock, Schema.Struct({ json: Schema.Unknown })]),
    ),
    status: optional(Schema.Literals(['success', 'error'])),
  }),
});
const UserBlock = Schema.Union([TextBlock, ImageBlock, DocumentBlock, ResultBlock, CachePoint]);
export type UserBlock = typeof UserBlock.Type;

const AssistantBlock = Schema.Union([
  TextBlock,
  Schema.Struct({
    reasoningContent: Schema.Struct({
      reasoningText: Schema.Struct({ text, signature: Schema.String }),
    }),
  }),
  Schema.Struct({
    toolUse: Schema.Struct({
      toolUseId: name,
      name,
      input: fields,
      type: optional(Schema.Literal('server_tool_use')),
    }),
  }),
  Schema.Struct({
    toolResult: Schema.Struct({
      toolUseId: name,
      type: Schema.Literal('nova_grounding_result'),
      status: Schema.Literal('success'),
      content: Schema.Array(Schema.Struct({ text })),
    }),
  }),
  CachePoint,
]);
export type AssistantBlock = typeof AssistantBlock.Type;

export const WireMessage = Schema.Union([
  Schema.Struct({ role: Schema.Literal('user'), content: Schema.Array(UserBlock) }),
  Schema.Struct({ role: Schema.Literal('assistant'), content: Schema.Array(AssistantBlock) }),
]);
export type WireMessage = typeof WireMessage.Type;

const ToolSpec = Schema.Struct({
  toolSpec: Schema.Struct({
    name,
    description: optional(words),
    inputSchema: Schema.Struct({ json: fields }),
  }),
});
const SystemTool = Schema.Struct({ systemTool: Schema.Struct({ name }) });
const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));

export const ConverseRequest = Schema.Struct({
  /** Passed over: the address says it. */
  modelId: optional(Schema.String),
  messages: Schema.Array(WireMessage),
  system: optional(Schema.Array(Schema.Union([TextBlock, CachePoint]))),
  toolConfig: optional(
    Schema.Struct({
      tools: Schema.NonEmptyArray(Schema.Union([ToolSpec, SystemTool, CachePoint])),
      toolChoice: optional(fields),
    }),
  ),
  inferenceConfig: optional(
    Schema.Struct({
      maxTokens: optional(Schema.Int),
      temperature: optional(share),
      topP: optional(share),
      stopSequences: optional(Schema.Array(Schema.String)),
    }),
  ),
  additionalModelRequestFields: optional(fields),
  additionalModelResponseFieldPaths: optional(Schema.Array(Schema.String)),
  guardrailConfig: optional(fields),
  outputConfig: optional(fields),
  performanceConfig: optional(fields),
  promptVariables: optional(fields),
  requestMetadata: optional(fields),
  serviceTier: optional(fields),
});
export type ConverseRequest = typeof ConverseRequest.Type;
