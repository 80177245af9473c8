import { openEditorSource } from './catalog/editor-source.ts';
import { type FoundSource, joinSources } from './catalog/found-models.ts';
import type { Ports } from './ports/ports.ts';
import { createResources } from './resources.ts';

export interface FoundSourcesOptions {
  readonly ports: Ports;
}

/** Everything that looks for models on this machine. Nobody waits for it; disposing gives up what is under way. */
export function openFoundSources({ ports }: FoundSourcesOptions): FoundSource & AsyncDisposable {
  const resources = createResources();
  const editor = resources.use(openEditorSource(ports));
  const joined = joinSources([editor]);
  return Object.assign(joined, { [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() });
}
