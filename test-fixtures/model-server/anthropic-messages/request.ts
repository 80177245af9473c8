import * as Schema from 'effect/Schema';
import { base64, fields, text, webAddress } from '../text-form.ts';

/** What Anthropic takes, and nothing else: "Extra inputs are not permitted". */

const cached = {
  cache_control: Schema.optionalKey(
    Schema.Struct({
      type: Schema.Literal('ephemeral'),
      ttl: Schema.optionalKey(Schema.Literals(['5m', '1h'])),
    }),
  ),
};

const words = text.check(
  Schema.makeFilter((value) => value.trim() !== '', {
    expected: 'text content blocks must contain non-whitespace text',
  }),
);
const callID = Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9_-]+$/));
const toolName = Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9_-]{1,128}$/));

const TextBlock = Schema.Struct({
  type: Schema.Literal('text'),
  text: words,
  citations: Schema.optionalKey(Schema.NullOr(Schema.Array(fields))),
  ...cached,
});
const atAddress = Schema.Struct({ type: Schema.Literal('url'), url: webAddress });
const ImageBlock = Schema.Struct({
  type: Schema.Literal('image'),
  source: Schema.Union([
    Schema.Struct({
      type: Schema.Literal('base64'),
      media_type: Schema.Literals(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
      data: base64,
    }),
    atAddress,
  ]),
  ...cached,
});
const DocumentBlock = Schema.Struct({
  type: Schema.Literal('document'),
  source: Schema.Union([
    Schema.Struct({
      type: Schema.Literal('base64'),
      media_type: Schema.Literal('application/pdf'),
      data: base64,
    }),
    Schema.Struct({ type: Schema.Literal('text'), media_type: Schema.Literal('text/plain'), data: text }),
    atAddress,
  ]),
  title: Schema.optionalKey(text),
  ...cached,
});
const ResultBlock = Schema.Struct({
  type: Schema.Literal('tool_result'),
  tool_use_id: callID,
  content: Schema.optionalKey(
    Schema.Union([text, Schema.Array(Schema.Union([TextBlock, ImageBlock, DocumentBlock]))]),
  ),
  is_error: Schema.optionalKey(Schema.Boolean),
  ...cached,
});
const UserBlock = Schema.Union([TextBlock, ImageBlock, DocumentBlock, ResultBlock]);
export type UserBlock = typeof UserBlock.Type;

const searchID = Schema.String.check(Schema.isPattern(/^srvtoolu_\w+$/));
const ServerTool = Schema.Struct({
  type: Schema.Literal('server_tool_use'),
  id: searchID,
  name: Schema.Literal('web_search'),
  input: Schema.Struct({ query: text }),
});
const SearchResult = Schema.Struct({
  type: Schema.Literal('web_search_tool_result'),
  tool_use_id: searchID,
  content: Schema.Array(
    Schema.Struct({
      type: Schema.Literal('web_search_result'),
      url: webAddress,
      title: text,
      encrypted_content: Schema.String,
      page_age: Schema.NullOr(Schema.String),
    }),
  ),
});
const AssistantBlock = Schema.Union([
  TextBlock,
  Schema.Struct({ type: Schema.Literal('thinking'), thinking: text, signature: Schema.String }),
  Schema.Struct({
    type: Schema.Literal('tool_use'),
    id: callID,
    name: toolName,
    input: fields,
    ...cached,
  }),
  ServerTool,
  SearchResult,
]);
export type AssistantBlock = typeof AssistantBlock.Type;

export const WireMessage = Schema.Union([
  Schema.Struct({ role: Schema.Literal('user'), content: Schema.Union([text, Schema.Array(UserBlock)]) }),
  Schema.Struct({
    role: Schema.Literal('assistant'),
    content: Schema.Union([text, Schema.Array(AssistantBlock)]),
  }),
]);
export type WireMessage = typeof WireMessage.Type;

const FunctionTool = Schema.Struct({
  type: Schema.optionalKey(Schema.Literal('custom')),
  name: toolName,
  description: Schema.optionalKey(text),
  input_schema: Schema.StructWithRest(Schema.Struct({ type: Schema.Literal('object') }), [fields]),
  ...cached,
});
/** A tool of the server's own, e.g. `web_search_20250305`. */
const NativeTool = Schema.StructWithRest(
  Schema.Struct({ type: Schema.String.check(Schema.isPattern(/_20\d{6}$/)), name: toolName }),
  [fields],
);
const atLeast1 = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));
const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));

export const MessagesRequest = Schema.Struct({
  model: Schema.optionalKey(Schema.String),
  anthropic_version: Schema.optionalKey(Schema.Literal('vertex-2023-10-16')),
  max_tokens: atLeast1,
  messages: Schema.Array(WireMessage),
  system: Schema.optionalKey(Schema.Union([text, Schema.Array(TextBlock)])),
  tools: Schema.optionalKey(Schema.Array(Schema.Union([FunctionTool, NativeTool]))),
  tool_choice: Schema.optionalKey(fields),
  stream: Schema.optionalKey(Schema.Boolean),
  stop_sequences: Schema.optionalKey(Schema.Array(Schema.String)),
  temperature: Schema.optionalKey(share),
  top_p: Schema.optionalKey(share),
  top_k: Schema.optionalKey(Schema.Int),
  thinking: Schema.optionalKey(
    Schema.Struct({
      type: Schema.Literals(['enabled', 'disabled', 'adaptive']),
      budget_tokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1024))),
      display: Schema.optionalKey(Schema.String),
    }),
  ),
  output_config: Schema.optionalKey(fields),
  context_management: Schema.optionalKey(fields),
  metadata: Schema.optionalKey(Schema.Struct({ user_id: Schema.optionalKey(Schema.String) })),
  service_tier: Schema.optionalKey(Schema.String),
});
export type MessagesRequest = typeof MessagesRequest.Type;
