import type { PermissionReply, PermissionRequest, PermissionRule } from '#shared/permission.ts';

/**
 * The rules that an answer saves: *Always allow* what the card showed, *Never allow* the same, or exactly what was
 * asked where nothing wider was offered.
 */
export function rulesToSave(
  { permission, patterns, always, origin }: PermissionRequest,
  reply: PermissionReply,
): readonly PermissionRule[] {
  const rules = (of: readonly string[], action: PermissionRule['action']) =>
    of.map((pattern) => ({ permission, pattern, action }));
  // A floor is asked each time (decision 4): `always` is empty for it.
  if (reply.type === 'always') return rules(always, 'allow');
  if (reply.type !== 'never' || origin.layer === 'floor') return [];
  return rules(always.length > 0 ? always : patterns, 'deny');
}
