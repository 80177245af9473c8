import type { Protocol } from '../route.ts';
import { classifyOpenAI } from './openai-errors.ts';
import { responsesDecoder } from './openai-responses/decode.ts';
import { encodeResponses } from './openai-responses/encode.ts';
import { protocolID, type ResponsesEncoding } from './openai-responses/wire.ts';

export type { ResponsesEncoding };

/**
 * OpenAI's Responses, without state on the server: every request holds the whole conversation.
 * Source: https://platform.openai.com/docs/api-reference/responses
 */
export function openaiResponses(encoding: ResponsesEncoding = {}): Protocol {
  return {
    id: protocolID,
    path: () => '/responses',
    encode: (request) => encodeResponses(request, encoding),
    decoder: responsesDecoder,
    classify: classifyOpenAI,
  };
}
