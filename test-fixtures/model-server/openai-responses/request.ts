import * as Schema from 'effect/Schema';
import { documentData, fields, imageData, text, webAddress } from '../text-form.ts';

/** What OpenAI takes, and nothing else: "Unknown parameter". */

const callID = text.check(Schema.isBetweenLength(1, 64));
const toolName = Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9_-]{1,128}$/));
const itemID = Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9_-]{1,64}$/));
const ofAnswer = { id: Schema.optionalKey(itemID), status: Schema.optionalKey(Schema.String) };

const InputPart = Schema.Union([
  Schema.Struct({ type: Schema.Literal('input_text'), text }),
  Schema.Struct({
    type: Schema.Literal('input_image'),
    image_url: Schema.Union([webAddress, imageData]),
    detail: Schema.optionalKey(Schema.Literals(['auto', 'low', 'high'])),
  }),
  Schema.Struct({ type: Schema.Literal('input_file'), filename: text, file_data: documentData }),
]);
const OutputPart = Schema.Struct({
  type: Schema.Literal('output_text'),
  text,
  annotations: Schema.optionalKey(Schema.Array(fields)),
});

const Message = Schema.Struct({
  type: Schema.optionalKey(Schema.Literal('message')),
  role: Schema.Literals(['user', 'system', 'developer']),
  content: Schema.Union([text, Schema.NonEmptyArray(InputPart)]),
});
const Answer = Schema.Struct({
  type: Schema.optionalKey(Schema.Literal('message')),
  role: Schema.Literal('assistant'),
  content: Schema.Union([text, Schema.NonEmptyArray(OutputPart)]),
  phase: Schema.optionalKey(Schema.Literals(['commentary', 'final_answer'])),
  ...ofAnswer,
});
const FunctionCall = Schema.Struct({
  type: Schema.Literal('function_call'),
  call_id: callID,
  name: toolName,
  arguments: text,
  ...ofAnswer,
});
const FunctionOutput = Schema.Struct({
  type: Schema.Literal('function_call_output'),
  call_id: callID,
  output: Schema.Union([text, Schema.NonEmptyArray(InputPart)]),
});
const Reasoning = Schema.Struct({
  type: Schema.Literal('reasoning'),
  summary: Schema.Array(Schema.Struct({ type: Schema.Literal('summary_text'), text })),
  encrypted_content: Schema.String,
  ...ofAnswer,
});
const Search = Schema.Struct({
  type: Schema.Literal('web_search_call'),
  id: itemID,
  status: Schema.Literal('completed'),
  action: Schema.Struct({ type: Schema.Literal('search'), query: text }),
});

export const InputItem = Schema.Union([Message, Answer, FunctionCall, FunctionOutput, Reasoning, Search]);
export type InputItem = typeof InputItem.Type;

const FunctionTool = Schema.Struct({
  type: Schema.Literal('function'),
  name: toolName,
  description: Schema.optionalKey(text),
  parameters: fields,
  strict: Schema.optionalKey(Schema.Boolean),
});
const NativeTool = Schema.StructWithRest(
  Schema.Struct({ type: Schema.Literals(['web_search', 'file_search', 'code_interpreter', 'mcp']) }),
  [fields],
);

export const ResponsesRequest = Schema.Struct({
  model: Schema.String,
  input: Schema.Union([text, Schema.Array(InputItem)]),
  instructions: Schema.optionalKey(text),
  tools: Schema.optionalKey(Schema.Array(Schema.Union([FunctionTool, NativeTool]))),
  tool_choice: Schema.optionalKey(Schema.Unknown),
  parallel_tool_calls: Schema.optionalKey(Schema.Boolean),
  stream: Schema.optionalKey(Schema.Boolean),
  store: Schema.optionalKey(Schema.Boolean),
  include: Schema.optionalKey(Schema.Array(Schema.String)),
  max_output_tokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(16))),
  temperature: Schema.optionalKey(Schema.Finite),
  top_p: Schema.optionalKey(Schema.Finite),
  reasoning: Schema.optionalKey(
    Schema.Struct({
      effort: Schema.optionalKey(Schema.String),
      summary: Schema.optionalKey(Schema.NullOr(Schema.String)),
    }),
  ),
  text: Schema.optionalKey(fields),
  truncation: Schema.optionalKey(Schema.String),
  metadata: Schema.optionalKey(fields),
  service_tier: Schema.optionalKey(Schema.String),
  prompt_cache_key: Schema.optionalKey(Schema.String),
  prompt_cache_retention: Schema.optionalKey(Schema.String),
  safety_identifier: Schema.optionalKey(Schema.String),
});
export type ResponsesRequest = typeof ResponsesRequest.Type;
