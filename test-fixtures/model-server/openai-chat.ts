import * as Schema from 'effect/Schema';
import type { Conversation, Ending, Piece, Problem, Reading, WireFormat, WireWriter } from './wire.ts';

/**
 * OpenAI chat completions from the server's side. It refuses what the real server refuses: wrong shapes, calls without
 * results, results without calls, tool choice without tools.
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export const openaiChat: WireFormat = {
  path: '/v1/chat/completions',
  read,
  writer: (conversation) =>
    conversation.streaming ? streamWriter(conversation) : documentWriter(conversation),
  errorBody: ({ status, code, message }) => ({
    error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code },
  }),
};

// --- reading -----------------------------------------------------------------------------------------------------

const text = Schema.String.check(
  Schema.makeFilter((value) => value.isWellFormed(), { expected: 'well-formed text' }),
);
const TextPart = Schema.Struct({ type: Schema.Literal('text'), text });
const ImagePart = Schema.Struct({
  type: Schema.Literal('image_url'),
  image_url: Schema.Struct({ url: Schema.String.check(Schema.isPattern(/^(https?:|data:image\/)/)) }),
});
const callID = text.check(Schema.isPattern(/^[^\s]{1,64}$/));
const FunctionCall = Schema.Struct({
  id: callID,
  type: Schema.Literal('function'),
  function: Schema.Struct({ name: text.check(Schema.isPattern(/^[\w-]{1,64}$/)), arguments: text }),
});
const ChatMessage = Schema.Union([
  Schema.Struct({ role: Schema.Literals(['system', 'developer']), content: text }),
  Schema.Struct({
    role: Schema.Literal('user'),
    content: Schema.Union([text, Schema.NonEmptyArray(Schema.Union([TextPart, ImagePart]))]),
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
  if (decoded._tag === 'Failure') return refused(null, decoded.failure.message);
  const request = decoded.success;
  if (request.tool_choice !== undefined && request.tools === undefined) {
    return refused(null, "'tool_choice' is only allowed when 'tools' are specified.");
  }
  const disorder = orderProblem(request.messages);
  return disorder === null
    ? { type: 'conversation', conversation: conversation(request) }
    : refused(null, disorder);
}

function refused(code: string | null, message: string): Reading {
  const problem: Problem = { status: 400, code, message };
  return { type: 'refused', problem };
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

function conversation(request: ChatRequest): Conversation {
  const { messages } = request;
  const position = messages.findLastIndex((message) => message.role === 'user' && userWords(message) !== '');
  const since = messages.slice(position + 1);
  const last = messages[position];
  return {
    model: request.model,
    streaming: request.stream === true,
    hasTools: request.tools !== undefined,
    system: messages.flatMap((each) => (each.role === 'system' ? [each.content] : [])).join('\n\n'),
    user: last === undefined ? '' : userWords(last),
    step: since.filter((each) => each.role === 'assistant').length,
    toolResults: since.flatMap((each) => (each.role === 'tool' ? [each.content] : [])),
    length: messages.length,
  };
}

/** Hosts put notes to the model into user messages; those are not the user's words. */
const hostNotes = /<(system-update|system-reminder)>[\s\S]*?<\/\1>/g;

function userWords(message: ChatMessage): string {
  if (message.role !== 'user') return '';
  const { content } = message;
  const words =
    typeof content === 'string'
      ? content
      : content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
  return words.replaceAll(hostNotes, '').trim();
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
        case 'comment':
          return `: ${piece.text}\n\n`;
      }
    },
    end({ finish, usage }) {
      const counted = frame({ ...head, choices: [], usage: wireUsage(usage) });
      return `${chunk({}, finish ?? (calls > 0 ? 'tool_calls' : 'stop'))}${counted}data: [DONE]\n\n`;
    },
    error: (body) => frame(typeof body === 'object' && body !== null ? body : { error: body }),
  };
}

function documentWriter({ model, length }: Conversation): WireWriter {
  const pieces: Piece[] = [];
  const joined = (type: 'text' | 'reasoning'): string =>
    pieces.flatMap((piece) => (piece.type === type ? [piece.text] : [])).join('');

  const document = ({ finish, usage }: Ending): object => {
    const tool_calls = wireCalls(pieces);
    const reasoning = joined('reasoning');
    const message = {
      role: 'assistant',
      content: joined('text') || null,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(tool_calls.length > 0 && { tool_calls }),
    };
    const finish_reason = finish ?? (tool_calls.length > 0 ? 'tool_calls' : 'stop');
    const choices = [{ index: 0, message, finish_reason }];
    return {
      id: `chatcmpl-scripted-${length}`,
      object: 'chat.completion',
      created: 0,
      model,
      choices,
      usage: wireUsage(usage),
    };
  };

  return {
    contentType: 'application/json',
    piece(piece) {
      pieces.push(piece);
      return '';
    },
    end: (ending) => JSON.stringify(document(ending)),
    error: (body) => JSON.stringify(body),
  };
}

function wireCalls(pieces: readonly Piece[]): readonly object[] {
  const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = [];
  for (const piece of pieces) {
    if (piece.type === 'tool-start') {
      calls.push({ id: piece.id, type: 'function', function: { name: piece.name, arguments: '' } });
    }
    const last = calls.at(-1);
    if (piece.type === 'tool-input' && last !== undefined) last.function.arguments += piece.text;
  }
  return calls;
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
