import * as Schema from 'effect/Schema';
import { documentWriter } from './blocks.ts';
import { conversationOf, type Said } from './conversation.ts';
import { orderProblem } from './openai-responses/order.ts';
import { type InputItem, ResponsesRequest } from './openai-responses/request.ts';
import { answerWriter, wholeAnswer } from './openai-responses/writer.ts';
import {
  type Conversation,
  type Problem,
  type Reading,
  type Refusal,
  refused,
  type WireFormat,
} from './wire.ts';

/**
 * OpenAI's Responses from the server's side, which keeps nothing.
 * Source: https://platform.openai.com/docs/api-reference/responses
 */
export const openaiResponses: WireFormat = {
  id: 'openai-responses',
  path: /^\/v1\/responses$/,
  read,
  writer: (conversation) =>
    conversation.streaming
      ? answerWriter(conversation)
      : documentWriter((stream, ending) => wholeAnswer(conversation, stream, ending)),
  refusal,
};

const decodeRequest = Schema.decodeUnknownResult(ResponsesRequest, { onExcessProperty: 'error' });

function read(body: unknown): Reading {
  const decoded = decodeRequest(body);
  if (decoded._tag === 'Failure') return refused(decoded.failure.message, 'unknown_parameter');
  const request = decoded.success;
  const problem = orderProblem(itemsOf(request));
  if (problem !== null) return refused(problem);
  return { type: 'conversation', conversation: conversation(request) };
}

function itemsOf({ input }: ResponsesRequest): readonly InputItem[] {
  return typeof input === 'string' ? [{ role: 'user', content: input }] : input;
}

function conversation(request: ResponsesRequest): Conversation {
  const items = itemsOf(request);
  const instructions = items.flatMap((item) =>
    'role' in item && item.role === 'system' ? [wordsOf(item.content)] : [],
  );
  return conversationOf({
    model: request.model,
    streaming: request.stream === true,
    hasTools: (request.tools ?? []).length > 0,
    system: [request.instructions ?? '', ...instructions].join('\n\n'),
    said: saidIn(items),
    length: items.length,
  });
}

/** What the model says in a row is one answer, however many items it has. */
function saidIn(items: readonly InputItem[]): readonly Said[] {
  const said: Said[] = [];
  for (const item of items) {
    if ('role' in item && item.role === 'user') said.push({ by: 'user', words: wordsOf(item.content) });
    else if (item.type === 'function_call_output') said.push({ by: 'tool', result: wordsOf(item.output) });
    else if (isOfModel(item) && said.at(-1)?.by !== 'model') said.push({ by: 'model' });
  }
  return said;
}

function isOfModel(item: InputItem): boolean {
  return !('role' in item) || item.role === 'assistant';
}

function wordsOf(content: string | readonly { readonly type: string; readonly text?: string }[]): string {
  if (typeof content === 'string') return content;
  return content.map(({ type, text }) => text ?? `[${type}]`).join('\n');
}

function refusal({ status, code, message, tokens }: Problem): Refusal {
  const words =
    tokens === undefined
      ? message
      : 'Your input exceeds the context window of this model. Please adjust your input and try again.';
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  return {
    status,
    headers: { 'x-request-id': 'req_scripted' },
    body: { error: { message: words, type, param: null, code } },
  };
}
