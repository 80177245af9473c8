import { join } from 'node:path';
import { nodePorts } from '../../node/node-ports.ts';
import type { WorkspaceView } from '../../ports/workspace-view.ts';
import type { ContextTurn } from '../context-source.ts';
import type { InstructionProblem, SourceWorld } from '../source-world.ts';

export interface TestWorld extends SourceWorld {
  /** What was last told to be wrong with `instructions`. */
  readonly problems: () => readonly InstructionProblem[];
}

/** The real machine, seen from a folder, with the home directory beside it. */
export function sourceWorld(directory: string, given: Partial<SourceWorld> = {}): TestWorld {
  let problems: readonly InstructionProblem[] = [];
  const log = { write: () => undefined, level: 'error' } as const;
  const ports = nodePorts({ surface: 'test', isTrusted: () => true, log });
  const homeDirectory = join(directory, '..');
  return {
    ...ports,
    environment: { platform: 'linux', homeDirectory, surface: 'test 1', variable: () => undefined },
    directory,
    isTrusted: () => true,
    instructions: async () => [],
    onInstructionProblems: (told) => {
      problems = told;
    },
    skills: () => [],
    ...given,
    problems: () => problems,
  };
}

/** A boundary that promotes inputs for `build`. */
export const promoting: ContextTurn = {
  agent: { name: 'build', instructions: 'Build.' },
  promotes: true,
  signal: new AbortController().signal,
};

/** An editor that shows what it is told to. */
export function scriptedView(shown: {
  readonly editors?: Awaited<ReturnType<WorkspaceView['openEditors']>>;
  readonly diagnostics?: Awaited<ReturnType<WorkspaceView['diagnostics']>>;
}): WorkspaceView {
  return {
    openEditors: async () => shown.editors ?? [],
    diagnostics: async () => shown.diagnostics ?? [],
  };
}
