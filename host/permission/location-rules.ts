import type { PermissionRule } from '#shared/permission.ts';
import { type DefaultRow, defaultRules } from './default-rules.ts';
import type { LayerRules } from './layer-rules.ts';

/** The rules of a definition or a configuration, by who wrote them. */
export interface RulesByOrigin {
  readonly user: readonly PermissionRule[];
  readonly project: readonly PermissionRule[];
}

export interface RuledAgent {
  readonly defaults: DefaultRow;
  readonly rules: RulesByOrigin;
}

/**
 * The layers that hold for an agent in a Location, without saved answers. What the user wrote about an agent is the
 * user's layer, behind what they wrote in general; what a project wrote only tightens, like all of the project's.
 */
export function locationRules(
  config: RulesByOrigin,
  agent: RuledAgent,
  trusted: boolean,
): readonly LayerRules[] {
  const layers: LayerRules[] = [
    { layer: 'defaults', rules: defaultRules(agent.defaults) },
    { layer: 'user', rules: [...config.user, ...agent.rules.user] },
    { layer: 'project', rules: config.project },
    { layer: 'agent', rules: agent.rules.project },
  ];
  return trusted ? layers : [...layers, { layer: 'floor', rules: untrusted }];
}

/** In an untrusted folder nothing is changed, run or fetched, whatever any rule says (QA-02). */
const untrusted: readonly PermissionRule[] = [
  { permission: '*', pattern: '*', action: 'deny' },
  ...['read', 'glob', 'grep', 'list', 'todowrite', 'todoread', 'question', 'plan_enter', 'plan_exit'].map(
    (permission) => ({ permission, pattern: '*', action: 'allow' as const }),
  ),
];
