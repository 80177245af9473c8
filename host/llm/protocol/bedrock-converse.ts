import type { Protocol } from '../route.ts';
import { converseDecoder } from './bedrock-converse/decode.ts';
import { encodeConverse } from './bedrock-converse/encode.ts';
import { classifyConverse } from './bedrock-converse/errors.ts';
import { type ConverseEncoding, protocolID } from './bedrock-converse/wire.ts';

export type { ConverseEncoding };

/**
 * Amazon Bedrock's Converse: one format for the models of many makers.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export function bedrockConverse(encoding: ConverseEncoding = {}): Protocol {
  return {
    id: protocolID,
    path: ({ model }) => `/model/${encodeURIComponent(model)}/converse-stream`,
    encode: (request) => encodeConverse(request, encoding),
    decoder: converseDecoder,
    classify: classifyConverse,
  };
}
