import type { PermissionRule } from '#shared/permission.ts';
import type { LayerRules } from './layer-rules.ts';
import { matchesPattern } from './wildcard.ts';

/**
 * The rules that may decide about a command while no parser splits it into simple commands.
 * A pattern says little about a text that a shell will read, so an allow counts only where it cannot be fooled:
 *   - written out in full, without wildcards;
 *   - `*` or a wildcard, while no rule denies any command (else `env rm` would pass under `* allow, rm * deny`);
 *     a wildcard other than `*` only for a plain command.
 * Denies and asks always count.
 */
export function usableShellRules(
  rules: readonly PermissionRule[],
  command: string,
  all: readonly LayerRules[],
): readonly PermissionRule[] {
  const denies = all.some((layer) => layer.rules.some(deniesSomeCommands));
  const plain = plainCommand.test(command);
  return rules.filter((rule) => {
    if (rule.action !== 'allow' || !rule.pattern.match(wildcard)) return true;
    return !denies && (plain || rule.pattern === '*');
  });
}

function deniesSomeCommands(rule: PermissionRule): boolean {
  return rule.action === 'deny' && rule.pattern !== '*' && matchesPattern('shell', rule.permission);
}

const wildcard = /[*?]/;

/** Words of harmless characters with single blanks between: nothing here that a shell would interpret. */
const plainCommand = /^[\w./:@%+,-]+(?: [\w./:@%+,=-]+)*$/;
