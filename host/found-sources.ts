import { openEditorSource } from './catalog/editor-source.ts';
import { type FoundSource, joinSources } from './catalog/found-models.ts';
import type { LocalServers } from './catalog/local/local-servers.ts';
import { type MachineServersOptions, openMachineServers } from './local-servers.ts';
import { createResources } from './resources.ts';

export type FoundSourcesOptions = MachineServersOptions;

export interface FoundSources extends FoundSource, AsyncDisposable {
  readonly localServers: LocalServers;
}

/** Everything that looks for models on this machine. Nobody waits for it; disposing gives up what is under way. */
export async function openFoundSources(options: FoundSourcesOptions): Promise<FoundSources> {
  const resources = createResources();
  const editor = resources.use(openEditorSource(options.ports));
  const localServers = resources.use(await openMachineServers(options));
  const joined = joinSources([editor, localServers]);
  return Object.assign(joined, {
    localServers,
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  });
}
