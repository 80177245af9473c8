import type { GeminiEncoding } from './wire.ts';

/** Where a model lies below the endpoint's address; ids that are addresses of their own kind stay what they are. */
export function modelPath(model: string, { platform = 'gemini-api' }: GeminiEncoding): string {
  const id = model.replace(leading, '');
  return platform === 'vertex' ? vertexPath(id) : geminiPath(id);
}

const leading = /^\/+/;
const ofGemini = /^(models|tunedModels)\//;
const ofVertex = /^(publishers|endpoints)\//;

function geminiPath(id: string): string {
  return ofGemini.test(id) ? `/${id}` : `/models/${id}`;
}

function vertexPath(id: string): string {
  if (ofVertex.test(id)) return `/${id}`;
  const [publisher, ...rest] = id.replace(ofGemini, '').split('/');
  if (rest.length === 0) return `/publishers/google/models/${publisher}`;
  return `/publishers/${publisher}/models/${rest.join('/')}`;
}
