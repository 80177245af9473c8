import type { Protocol } from '../route.ts';
import { geminiDecoder } from './gemini/decode.ts';
import { encodeGemini } from './gemini/encode.ts';
import { classifyGemini } from './gemini/errors.ts';
import { modelPath } from './gemini/model-path.ts';
import { type GeminiEncoding, protocolID } from './gemini/wire.ts';

export type { GeminiEncoding };

/**
 * Google's generateContent, streamed, as the Gemini API and Vertex serve it.
 * Source: https://ai.google.dev/api/generate-content
 */
export function gemini(encoding: GeminiEncoding = {}): Protocol {
  return {
    id: protocolID,
    path: ({ model }) => `${modelPath(model, encoding)}:streamGenerateContent?alt=sse`,
    encode: (request) => encodeGemini(request, encoding),
    decoder: geminiDecoder,
    classify: classifyGemini,
  };
}
