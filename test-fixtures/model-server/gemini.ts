import * as Schema from 'effect/Schema';
import { documentWriter } from './blocks.ts';
import { conversationOf, type Said } from './conversation.ts';
import { orderProblem } from './gemini/order.ts';
import { GenerateRequest, type WireContent } from './gemini/request.ts';
import { contentWriter, wholeContent } from './gemini/writer.ts';
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
 * Google's generateContent from the server's side, as the Gemini API and Vertex serve models of series 3.
 * Source: https://ai.google.dev/api/generate-content
 */
export const gemini: WireFormat = {
  id: 'gemini',
  path: /\/models\/(?<model>[^/:]+):(?<verb>streamGenerateContent|generateContent)$/,
  read,
  writer: (conversation) =>
    conversation.streaming
      ? contentWriter(conversation)
      : documentWriter((stream, ending) => wholeContent(conversation, stream, ending)),
  refusal,
};

const decodeRequest = Schema.decodeUnknownResult(GenerateRequest, { onExcessProperty: 'error' });

function read(body: unknown, address: Address): Reading {
  const decoded = decodeRequest(body);
  if (decoded._tag === 'Failure') return refused(`Invalid JSON payload received. ${decoded.failure.message}`);
  const request = decoded.success;
  const problem = orderProblem(request.contents);
  if (problem !== null) return refused(problem);
  return { type: 'conversation', conversation: conversation(request, address) };
}

function conversation(request: GenerateRequest, { model = '', verb }: Address): Conversation {
  const { contents, tools = [], systemInstruction } = request;
  return conversationOf({
    model,
    streaming: verb === 'streamGenerateContent',
    hasTools: tools.length > 0,
    system: (systemInstruction?.parts ?? []).map(({ text }) => text).join('\n\n'),
    said: contents.flatMap(saidIn),
    length: contents.length,
  });
}

function saidIn({ role, parts }: WireContent): readonly Said[] {
  if (role === 'model') return [{ by: 'model' }];
  const results = parts.flatMap((part): Said[] => {
    if (!('functionResponse' in part)) return [];
    const { response } = part.functionResponse;
    return [{ by: 'tool', result: String(response['output'] ?? response['error']) }];
  });
  const words = parts.flatMap((part) => {
    if ('functionResponse' in part) return [];
    return 'text' in part ? [part.text] : ['[media]'];
  });
  return [...results, { by: 'user', words: words.join('\n') }];
}

/** Source: https://cloud.google.com/apis/design/errors#handling_errors */
function refusal(problem: Problem): Refusal {
  const { status, message, reason } = said(problem);
  const type = 'type.googleapis.com/google.rpc.ErrorInfo';
  const details = reason === undefined ? {} : { details: [{ '@type': type, reason }] };
  return {
    status,
    body: { error: { code: status, message, status: statuses.get(status) ?? 'UNKNOWN', ...details } },
  };
}

type Words = Pick<Problem, 'status' | 'message'> & { readonly reason?: string };

/** What Google says in its own way. */
function said({ status, code, message, tokens }: Problem): Words {
  if (tokens !== undefined) {
    const words = `The input token count (${tokens.sent}) exceeds the maximum number of tokens allowed (${tokens.limit}).`;
    return { status: 400, message: words };
  }
  if (code === 'invalid_api_key') return { status: 400, message: badKey, reason: 'API_KEY_INVALID' };
  return { status, message };
}

const badKey = 'API key not valid. Please pass a valid API key.';

const statuses: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [402, 'FAILED_PRECONDITION'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);
