import * as Schema from 'effect/Schema';
import { cacheProblem, orderProblem } from './anthropic-messages/order.ts';
import { MessagesRequest, type WireMessage } from './anthropic-messages/request.ts';
import { messageDocument, messageWriter } from './anthropic-messages/writer.ts';
import { documentWriter } from './blocks.ts';
import { conversationOf, type Said } from './conversation.ts';
import {
  type Address,
  type Conversation,
  type Problem,
  type Reading,
  type Refusal,
  refused,
  type WireFormat,
} from './wire.ts';

/**
 * Anthropic's Messages from the server's side, as Anthropic serves it and as Vertex does.
 * Source: https://platform.claude.com/docs/en/api/messages
 */
export const anthropicMessages: WireFormat = {
  id: 'anthropic-messages',
  path: /^\/v1\/messages$|\/publishers\/anthropic\/models\/(?<model>[^/:]+):(?:streamRawPredict|rawPredict)$/,
  read,
  writer: (conversation) =>
    conversation.streaming
      ? messageWriter(conversation)
      : documentWriter((stream, ending) => messageDocument(conversation, stream, ending)),
  refusal,
};

const decodeRequest = Schema.decodeUnknownResult(MessagesRequest, { onExcessProperty: 'error' });

function read(body: unknown, { model }: Address): Reading {
  const decoded = decodeRequest(body);
  if (decoded._tag === 'Failure') return refused(decoded.failure.message);
  const request = decoded.success;
  const named = request.model ?? model;
  if (named === undefined) return refused('model: Field required');
  const problem = orderProblem(request.messages) ?? cacheProblem(request);
  if (problem !== null) return refused(problem);
  return { type: 'conversation', conversation: conversation(request, named) };
}

function conversation(request: MessagesRequest, model: string): Conversation {
  const { system = '', messages, tools = [] } = request;
  return conversationOf({
    model,
    streaming: request.stream === true,
    hasTools: tools.length > 0,
    system: typeof system === 'string' ? system : system.map(({ text }) => text).join('\n\n'),
    said: messages.flatMap(saidIn),
    length: messages.length,
  });
}

function saidIn({ role, content }: WireMessage): readonly Said[] {
  if (role === 'assistant') return [{ by: 'model' }];
  if (typeof content === 'string') return [{ by: 'user', words: content }];
  const results = content.flatMap((block): Said[] =>
    block.type === 'tool_result' ? [{ by: 'tool', result: wordsOf(block.content ?? '') }] : [],
  );
  return [...results, { by: 'user', words: wordsOf(content.filter(({ type }) => type !== 'tool_result')) }];
}

function wordsOf(content: string | readonly { readonly type: string; readonly text?: string }[]): string {
  if (typeof content === 'string') return content;
  return content.map(({ type, text }) => text ?? `[${type}]`).join('\n');
}

/** Source: https://platform.claude.com/docs/en/api/errors */
function refusal(problem: Problem): Refusal {
  const { status, message } = said(problem);
  const error = { type: types.get(status) ?? 'api_error', message };
  return {
    status,
    headers: { 'request-id': 'req_scripted' },
    body: { type: 'error', error, request_id: 'req_scripted' },
  };
}

/** What Anthropic says in its own way. */
function said({ status, code, message, tokens }: Problem): Pick<Problem, 'status' | 'message'> {
  if (tokens !== undefined) {
    const words = `prompt is too long: ${tokens.sent} tokens > ${tokens.limit} maximum`;
    return { status: 400, message: words };
  }
  if (code === 'insufficient_quota') return { status: 400, message: noCredit };
  if (code === 'invalid_api_key') return { status: 401, message: 'invalid x-api-key' };
  return { status: status === 503 ? 529 : status, message: status === 503 ? 'Overloaded' : message };
}

const noCredit =
  'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.';

const types: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);
