import * as Schema from 'effect/Schema';
import { exceptionOf } from './bedrock-converse/exceptions.ts';
import { orderProblem } from './bedrock-converse/order.ts';
import { ConverseRequest, type WireMessage } from './bedrock-converse/request.ts';
import { converseWriter, wholeAnswer } from './bedrock-converse/writer.ts';
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
 * Bedrock's Converse from the server's side, with a model of Anthropic's behind it.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export const bedrockConverse: WireFormat = {
  id: 'bedrock-converse',
  path: /^\/model\/(?<model>[^/]+)\/(?<verb>converse-stream|converse)$/,
  read,
  writer: (conversation) =>
    conversation.streaming
      ? converseWriter()
      : documentWriter((stream, ending) => wholeAnswer(stream, ending)),
  refusal,
};

const decodeRequest = Schema.decodeUnknownResult(ConverseRequest, { onExcessProperty: 'error' });

function read(body: unknown, address: Address): Reading {
  const decoded = decodeRequest(body);
  if (decoded._tag === 'Failure') return refused(decoded.failure.message);
  const request = decoded.success;
  const problem = orderProblem(request);
  if (problem !== null) return refused(problem);
  return { type: 'conversation', conversation: conversation(request, address) };
}

function conversation(request: ConverseRequest, { model = '', verb }: Address): Conversation {
  const { messages, system = [], toolConfig } = request;
  return conversationOf({
    model,
    streaming: verb === 'converse-stream',
    hasTools: (toolConfig?.tools ?? []).some(isOffered),
    system: system.flatMap((block) => ('text' in block ? [block.text] : [])).join('\n\n'),
    said: messages.flatMap(saidIn),
    length: messages.length,
  });
}

/** Bedrock wants the tools of a history named even where none is offered; such say that they are gone. */
const gone = /^Was used earlier/;

function isOffered(tool: NonNullable<ConverseRequest['toolConfig']>['tools'][number]): boolean {
  if ('cachePoint' in tool) return false;
  return !('toolSpec' in tool) || !gone.test(tool.toolSpec.description ?? '');
}

function saidIn({ role, content }: WireMessage): readonly Said[] {
  if (role === 'assistant') return [{ by: 'model' }];
  const results = content.flatMap((block): Said[] =>
    'toolResult' in block ? [{ by: 'tool', result: wordsOf(block.toolResult.content) }] : [],
  );
  return [...results, { by: 'user', words: wordsOf(content.filter((block) => !('toolResult' in block))) }];
}

function wordsOf(content: readonly object[]): string {
  const words = content.map((block) => ('text' in block ? block.text : `[${Object.keys(block)[0]}]`));
  return words.filter((word) => word !== '[cachePoint]').join('\n');
}

function refusal(problem: Problem): Refusal {
  const { status, name, message } = exceptionOf(problem);
  return {
    status,
    headers: { 'x-amzn-requestid': 'scripted', 'x-amzn-errortype': `${name}:http://internal.amazon.com/` },
    body: { message },
  };
}
