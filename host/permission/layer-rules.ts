import type { PermissionRule, RuleLayer } from '#shared/permission.ts';

/** The rules of one layer, in order: the last that matches wins. */
export interface LayerRules {
  readonly layer: RuleLayer;
  readonly rules: readonly PermissionRule[];
}
