import type { ToolInput } from '../schema.ts';

/** The arguments of a call from the text that a model wrote. Models send nothing, or `null`, for a call without any. */
export function parseToolInput(text: string): ToolInput {
  if (text.trim() === '') return { type: 'json', value: {} };
  try {
    return { type: 'json', value: JSON.parse(text) ?? {} };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { type: 'malformed', text };
  }
}

/** Arguments on their way back are always a JSON object: a broken text would fail every later request. */
export function inputObject(input: unknown): Readonly<Record<string, unknown>> {
  if (input === null || input === undefined) return {};
  return typeof input === 'object' && !Array.isArray(input) ? { ...input } : { input };
}
