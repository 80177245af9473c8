import type { PermissionRule } from '#shared/permission.ts';
import { nearest } from './nearest.ts';
import { parameterLine } from './parameter-schema.ts';
import type { AnyTool, PermissionNeed } from './tool.ts';

// What the model is told when a call did not run: what happened, and the next move.

export function unknownLetter(name: string, tools: readonly AnyTool[]): string {
  const names = tools.map(({ id }) => id).sort();
  const [near] = nearest(name, names);
  const guess = near === undefined ? '' : ` Did you mean ${near}?`;
  return `There is no tool named ${JSON.stringify(name.slice(0, 100))}.${guess} Tools: ${names.join(', ')}.`;
}

export function malformedLetter(tool: AnyTool, text: string): string {
  const from = JSON.stringify(text.slice(0, 120));
  return `The arguments of ${tool.id} are not a JSON object. They begin with ${from}. ${expected(tool)}`;
}

export function invalidLetter(tool: AnyTool, problems: readonly string[]): string {
  return `The arguments of ${tool.id} are not valid: ${problems.join('; ')}. ${expected(tool)}`;
}

function expected({ id, parameters }: AnyTool): string {
  return `Expected: ${id} { ${parameterLine(parameters)} }. Nothing was done; call it again.`;
}

export function deniedLetter(
  { permission, patterns }: PermissionNeed,
  rule: PermissionRule | undefined,
): string {
  const why = rule === undefined ? '' : ` by the rule "${rule.permission} ${rule.pattern}: deny"`;
  const what = patterns.map((pattern) => pattern.slice(0, 200)).join(', ');
  return `Denied${why}: ${permission} ${what}. Nothing was done. Do not try it another way; go on without it, or tell the user what you need.`;
}

export function hiddenLetter(tool: string): string {
  return `Denied: ${tool} is not available to this agent here. Nothing was done. Do not try it another way; go on without it, or tell the user what you need.`;
}

export function rejectedLetter(message: string | undefined): string {
  const said = message === undefined || message === '' ? '' : ` The user says: ${message}`;
  return `The user rejected this call; nothing was done.${said}`;
}

export const interruptedLetter = 'The call was interrupted before it began; nothing was done.';
export const brokenOffLetter =
  'The call was interrupted while it ran; it may have taken effect in part. Look before you repeat it.';
export const defectLetter =
  'The tool failed for a reason inside the program; the log has the details. Try another way, or tell the user.';
