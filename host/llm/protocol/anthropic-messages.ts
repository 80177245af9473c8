import type { Protocol } from '../route.ts';
import { messagesDecoder } from './anthropic-messages/decode.ts';
import { encodeMessages } from './anthropic-messages/encode.ts';
import { classifyMessages } from './anthropic-messages/errors.ts';
import { type MessagesEncoding, protocolID } from './anthropic-messages/wire.ts';

export type { MessagesEncoding };

/**
 * Anthropic's Messages, as Anthropic serves it and as others imitate it.
 * Source: https://platform.claude.com/docs/en/api/messages
 */
export function anthropicMessages(encoding: MessagesEncoding = {}): Protocol {
  return {
    id: protocolID,
    path: ({ model }) => encoding.path?.(model) ?? '/messages',
    encode: (request) => encodeMessages(request, encoding),
    decoder: messagesDecoder,
    classify: classifyMessages,
  };
}
