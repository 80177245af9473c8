import type { ModelRef } from '#shared/message.ts';
import type { PermissionRule } from '#shared/permission.ts';

/** A named configuration of instructions, model and permissions. */
export interface Agent {
  readonly name: string;
  readonly description: string;
  readonly mode: 'primary' | 'subagent' | 'all';
  readonly hidden: boolean;
  readonly instructions: string;
  /** Chosen with the agent; absent: the user's choice. */
  readonly model?: ModelRef;
  readonly temperature?: number;
  readonly topP?: number;
  /** Provider turns in a row before the user is asked to continue; a hard stop. */
  readonly steps: number;
  /** Which row of the default rules holds for it: a built-in agent's own, or `build` for others. */
  readonly defaults: 'build' | 'plan' | 'general';
  /** Rules of its definition, by who wrote it: the user's may allow, a project's only tighten. */
  readonly rules: { readonly user: readonly PermissionRule[]; readonly project: readonly PermissionRule[] };
}
