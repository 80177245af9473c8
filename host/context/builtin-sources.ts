import type { Clock } from '../ports/clock.ts';
import type { Environment } from '../ports/environment.ts';
import type { TextFiles } from '../ports/text-files.ts';
import type { ContextSource } from './context-source.ts';
import { instructionsSource } from './instructions-source.ts';

export interface SourceWorld {
  readonly directory: string;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly files: TextFiles;
  readonly isTrusted: () => boolean;
}

/** The Context Sources of a Location, in the order they are rendered. */
export function builtinSources(world: SourceWorld): readonly ContextSource[] {
  return [agentSource(), environmentSource(world), dateSource(world), instructionsSource(world)];
}

function agentSource(): ContextSource<{ name: string; instructions: string }> {
  return {
    key: 'agent',
    observe: async ({ agent }) => ({ name: agent.name, instructions: agent.instructions }),
    baseline: ({ instructions }) => instructions,
    update: (value) =>
      `The agent is now "${value?.name}". Its instructions replace those before:\n${value?.instructions}`,
  };
}

function environmentSource({
  directory,
  environment,
}: SourceWorld): ContextSource<{ directory: string; platform: string; surface: string }> {
  const tell = (value: { directory: string; platform: string; surface: string } | undefined) =>
    `<environment>\nWorking folder: ${value?.directory}\nPlatform: ${value?.platform}\nSurface: ${value?.surface}\n</environment>`;
  return {
    key: 'environment',
    observe: async () => ({ directory, platform: environment.platform, surface: environment.surface }),
    baseline: tell,
    update: tell,
  };
}

function dateSource({ clock }: SourceWorld): ContextSource<{ date: string }> {
  return {
    key: 'date',
    observe: async () => ({ date: new Date(clock.now()).toISOString().slice(0, 10) }),
    baseline: ({ date }) => `Today is ${date}.`,
    update: (value) => `Today is now ${value?.date}.`,
  };
}
