import type { PermissionRule } from '#shared/permission.ts';
import type { PermissionConfig } from './config-schema.ts';

/** Flattens `permission` into rules in the order written: the last match wins. */
export function rulesOf(permission: PermissionConfig | undefined, homeDirectory: string): PermissionRule[] {
  if (permission === undefined) return [];
  if (typeof permission === 'string') return [{ permission: '*', pattern: '*', action: permission }];
  return Object.entries(permission).flatMap(([key, value]) => {
    const name = ruleKey(key);
    if (typeof value === 'string') return [{ permission: name, pattern: '*', action: value }];
    return Object.entries(value).map(([pattern, action]) => ({
      permission: name,
      pattern: expandHome(pattern, homeDirectory),
      action,
    }));
  });
}

/** OpenCode's older `tools: { write: false }`, as rules. */
export function rulesOfTools(tools: Readonly<Record<string, boolean>> | undefined): PermissionRule[] {
  return Object.entries(tools ?? {}).map(([tool, on]) => ({
    permission: ['write', 'patch', 'apply_patch'].includes(tool) ? 'edit' : ruleKey(tool),
    pattern: '*',
    action: on ? 'allow' : 'deny',
  }));
}

/** `bash` and `shell` are synonyms in rules (decision 2). */
export function ruleKey(key: string): string {
  return key === 'bash' ? 'shell' : key;
}

function expandHome(pattern: string, homeDirectory: string): string {
  return pattern.replace(home, () => homeDirectory);
}

const home = /^(?:~|\$HOME)(?=\/|$)/;
