import type { Config, Layer } from '../config/config.ts';
import type { Ports } from '../ports/ports.ts';

/** What the Context Sources of one Location look at. */
export interface SourceWorld
  extends Pick<
    Ports,
    'clock' | 'environment' | 'files' | 'processes' | 'search' | 'textFiles' | 'workspaceView'
  > {
  /** Path of the Location. */
  readonly directory: string;
  /** Asked at each observation: trust may be granted while the window lives. */
  readonly isTrusted: () => boolean;
  /** `instructions` of the configuration as the files stand now. */
  readonly instructions: () => Promise<Config['instructions']>;
  /** Called at each observation with everything that is wrong with those now; an empty list clears what was told. */
  readonly onInstructionProblems: (problems: readonly InstructionProblem[]) => void;
  readonly skills: () => readonly Skill[];
}

/** A skill as the model is told of it, before it is loaded. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Whose file it is: a project's is told in a trusted Location only. */
  readonly from: Layer;
}

/** An entry of `instructions` that is not followed, or not to its end. */
export interface InstructionProblem {
  /**
   * `url`: not fetched. `outside`: a project names what lies out of its folder. `wide`: looks through too many folders.
   * `foreign`: not an entry, but a file above the Location that belongs to another user.
   */
  readonly type: 'url' | 'outside' | 'wide' | 'foreign';
  readonly pattern: string;
}
