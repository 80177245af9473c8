import type { Protocol } from '../route.ts';
import { chatDecoder } from './openai-chat/decode.ts';
import { encodeChat } from './openai-chat/encode.ts';
import { type ChatEncoding, protocolID } from './openai-chat/wire.ts';
import { classifyOpenAI } from './openai-errors.ts';

export type { ChatEncoding };

/**
 * OpenAI chat completions, as OpenAI serves it and as everybody else imitates it.
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export function openaiChat(encoding: ChatEncoding): Protocol {
  return {
    id: protocolID,
    path: () => '/chat/completions',
    encode: (request) => encodeChat(request, encoding),
    decoder: chatDecoder,
    classify: classifyOpenAI,
  };
}
