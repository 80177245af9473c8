import * as Schema from 'effect/Schema';
import { type Block, documentWriter } from './blocks.ts';
import { conversationOf, type Said } from './conversation.ts';
import { isBound } from './seal.ts';
import { documentData, imageData, text, webAddress } from './text-form.ts';
import {
  type Conversation,
  type Ending,
  type Reading,
  refused,
  type WireFormat,
  type WireWriter,
} from './wire.ts';

/**
 * OpenAI chat completions from the server's side. It refuses what the real server refuses: wrong shapes, calls without
 * results, results without calls, tool choice without tools; and calls without the thought that has to stand before them,
 * as DeepSeek does.
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export const openaiChat: WireFormat = {
  id: 'openai-chat',
  path: /^\/v1\/chat\/completions$/,
  read,
  writer: (conversation) =>
    conversation.streaming
      ? streamWriter(conversation)
      : documentWriter(({ blocks }, ending) => document(conversation, blocks, ending)),
  refusal: ({ status, code, message }) => ({
    status,
    body: {
      error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code },
    },
  }),
};

// --- reading -----------------------------------------------------------------------------------------------------

const TextPart = Schema.Struct({ type: Schema.Literal('text'), text });
const ImagePart = Schema.Struct({
  type: Schema.Literal('image_url'),
  image_url: Schema.Struct({ url: Schema.Union([webAddress, imageData]) }),
});
const FilePart = Schema.Struct({
  type: Schema.Literal('file'),
  file: Schema.Struct({ filename: text, file_data: documentData }),
});
const callID = text.check(Schema.isBetweenLength(1, 64));
const FunctionCall = Schema.Struct({
  id: callID,
  type: Schema.Literal('function'),
  function: Schema.Struct({ name: text.check(Schema.isPattern(/^[\w-]{1,64}$/)), arguments: text }),
});
const ChatMessage = Schema.Union([
  Schema.Struct({ role: Schema.Literals(['system', 'developer']), content: text }),
  Schema.Struct({
    role: Schema.Literal('user'),
    content: Schema.Union([text, Schema.NonEmptyArray(Schema.Union([TextPart, ImagePart, FilePart]))]),
  }),
  Schema.Struct({
    role: Schema.Literal('assistant'),
    content: Schema.optionalKey(Schema.NullOr(text)),
    reasoning_content: Schema.optionalKey(text),
    reasoning_details: Schema.optionalKey(Schema.Array(Schema.Unknown)),
    tool_calls: Schema.optionalKey(Schema.NonEmptyArray(FunctionCall)),
  }),
  Schema.Struct({ role: Schema.Literal('tool'), tool_call_id: callID, content: text }),
]);
type ChatMessage = typeof ChatMessage.Type;

export const ChatRequest = Schema.Struct({
  model: Schema.String,
  messages: Schema.NonEmptyArray(ChatMessage),
  tools: Schema.optionalKey(
    Schema.NonEmptyArray(
      Schema.Struct({
        type: Schema.Literal('function'),
        function: Schema.Struct({
          name: Schema.String.check(Schema.isPattern(/^[\w-]{1,64}$/)),
          description: Schema.optionalKey(text),
          parameters: Schema.Record(Schema.String, Schema.Unknown),
        }),
      }),
    ),
  ),
  tool_choice: Schema.optionalKey(Schema.Unknown),
  stream: Schema.optionalKey(Schema.Boolean),
  stream_options: Schema.optionalKey(Schema.Struct({ include_usage: Schema.Boolean })),
  max_tokens: Schema.optionalKey(Schema.Int),
  max_completion_tokens: Schema.optionalKey(Schema.Int),
  temperature: Schema.optionalKey(Schema.Finite),
  top_p: Schema.optionalKey(Schema.Finite),
  reasoning_effort: Schema.optionalKey(Schema.String),
  prompt_cache_key: Schema.optionalKey(Schema.String),
});
export type ChatRequest = typeof ChatRequest.Type;

const decodeRequest = Schema.decodeUnknownResult(ChatRequest);

function read(body: unknown): Reading {
  const decoded = decodeRequest(body);
  if (decoded._tag === 'Failure') return refused(decoded.failure.message);
  const request = decoded.success;
  if (request.tool_choice !== undefined && request.tools === undefined) {
    return refused("'tool_choice' is only allowed when 'tools' are specified.");
  }
  const problem = orderProblem(request.messages) ?? thoughtProblem(request.messages);
  if (problem !== null) return refused(problem);
  return { type: 'conversation', conversation: conversation(request) };
}

/** Each call is answered right after it, and only calls are answered. */
function orderProblem(messages: readonly ChatMessage[]): string | null {
  let open: readonly string[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id)) {
        return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      }
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) return unanswered(open);
    if (message.role === 'assistant') open = (message.tool_calls ?? []).map(({ id }) => id);
    if (new Set(open).size !== open.length) return 'Duplicate ids in tool_calls.';
  }
  return open.length > 0 ? unanswered(open) : null;
}

function unanswered(ids: readonly string[]): string {
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`;
}

function thoughtProblem(messages: readonly ChatMessage[]): string | null {
  const forgot = messages.some(
    (message) =>
      message.role === 'assistant' &&
      message.tool_calls?.some(({ id }) => isBound(id)) === true &&
      message.reasoning_content === undefined,
  );
  return forgot ? 'Missing `reasoning_content` field in the assistant message with tool calls.' : null;
}

function conversation(request: ChatRequest): Conversation {
  const { messages } = request;
  return conversationOf({
    model: request.model,
    streaming: request.stream === true,
    hasTools: request.tools !== undefined,
    system: messages.flatMap((each) => (each.role === 'system' ? [each.content] : [])).join('\n\n'),
    said: messages.flatMap(saidIn),
    length: messages.length,
  });
}

function saidIn(message: ChatMessage): readonly Said[] {
  switch (message.role) {
    case 'user':
      return [{ by: 'user', words: userWords(message.content) }];
    case 'assistant':
      return [{ by: 'model' }];
    case 'tool':
      return [{ by: 'tool', result: message.content }];
    default:
      return [];
  }
}

function userWords(content: Extract<ChatMessage, { readonly role: 'user' }>['content']): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
}

// --- writing -----------------------------------------------------------------------------------------------------

function streamWriter({ model, length }: Conversation): WireWriter {
  let calls = 0;
  const head = { id: `chatcmpl-scripted-${length}`, object: 'chat.completion.chunk', created: 0, model };
  const frame = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;
  const chunk = (delta: object, finish_reason: string | null = null): string =>
    frame({ ...head, choices: [{ index: 0, delta, finish_reason }] });

  return {
    contentType: 'text/event-stream; charset=utf-8',
    begin: () => '',
    piece(piece) {
      switch (piece.type) {
        case 'text':
          return chunk({ content: piece.text });
        case 'reasoning':
          return chunk({ reasoning_content: piece.text });
        case 'tool-start': {
          const { id, name } = piece;
          const index = calls++;
          return chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
        }
        case 'tool-input':
          return chunk({ tool_calls: [{ index: calls - 1, function: { arguments: piece.text } }] });
        case 'search':
          return '';
        case 'comment':
          return `: ${piece.text}\n\n`;
      }
    },
    end({ finish, usage }) {
      const counted = frame({ ...head, choices: [], usage: wireUsage(usage) });
      return `${chunk({}, finish ?? (calls > 0 ? 'tool_calls' : 'stop'))}${counted}data: [DONE]\n\n`;
    },
    error: ({ body }) => frame(typeof body === 'object' && body !== null ? body : { error: body }),
  };
}

function document(
  { model, length }: Conversation,
  blocks: readonly Block[],
  { finish, usage }: Ending,
): object {
  const said = (type: 'text' | 'reasoning'): string =>
    blocks.flatMap((block) => (block.type === type ? [block.text] : [])).join('');
  const tool_calls = blocks.flatMap((block) =>
    block.type === 'call'
      ? [{ id: block.id, type: 'function', function: { name: block.name, arguments: block.text } }]
      : [],
  );
  const reasoning = said('reasoning');
  const message = {
    role: 'assistant',
    content: said('text') || null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(tool_calls.length > 0 && { tool_calls }),
  };
  const finish_reason = finish ?? (tool_calls.length > 0 ? 'tool_calls' : 'stop');
  return {
    id: `chatcmpl-scripted-${length}`,
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, finish_reason }],
    usage: wireUsage(usage),
  };
}

function wireUsage({ input, output, cacheRead = 0, reasoning = 0 }: Ending['usage']): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
