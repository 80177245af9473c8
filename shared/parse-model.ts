import type { ModelRef } from './message.ts';

/** Splits `provider/model` at the first slash, for model names have slashes of their own; undefined if it is neither. */
export function parseModel(text: string): ModelRef | undefined {
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) return undefined;
  return { providerID: text.slice(0, slash), modelID: text.slice(slash + 1) };
}

/** The model as `provider/model`, whatever its variant. */
export function modelName({ providerID, modelID }: ModelRef): string {
  return `${providerID}/${modelID}`;
}
