import type { ContextSource } from './context-source.ts';
import type { SourceWorld } from './source-world.ts';
import { agentSource } from './sources/agent.ts';
import { dateSource } from './sources/date.ts';
import { diagnosticsSource } from './sources/diagnostics.ts';
import { editorsSource } from './sources/editors.ts';
import { environmentSource } from './sources/environment.ts';
import { branchSource } from './sources/git-branch.ts';
import { changesSource } from './sources/git-changes.ts';
import { instructionsSource } from './sources/instructions.ts';
import { skillsSource } from './sources/skills.ts';

/** The Context Sources of a Location, in the order they are rendered: what seldom changes stands first. */
export function builtinSources(world: SourceWorld): readonly ContextSource[] {
  return [
    agentSource(),
    environmentSource(world),
    instructionsSource(world),
    skillsSource(world),
    dateSource(world),
    branchSource(world),
    changesSource(world),
    editorsSource(world),
    diagnosticsSource(world),
  ];
}
