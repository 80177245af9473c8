import { dirname } from 'node:path';
import type { Authority } from '../location/authority.ts';
import type { AuthorizedPath, PathOperation } from '../location/authorized-path.ts';
import { protectedName } from '../location/protected-names.ts';
import { type ExecutionContext, type PermissionNeed, ToolFailure } from './tool.ts';

/** A path that a call wants, and what leaving the Location or touching what is protected asks for. */
export interface Reached {
  readonly path: AuthorizedPath;
  /** Names what is protected there; the tool's own need carries it as its floor. */
  readonly floor?: string;
  /** The need to leave the Location; empty inside it. */
  readonly needs: readonly PermissionNeed[];
}

/** Asks the authority for a path; an unusable one becomes a letter. Has no effect. */
export async function reach(authority: Authority, input: string, operation: PathOperation): Promise<Reached> {
  const verdict = await authority.authorize(input, operation);
  switch (verdict.type) {
    case 'invalid':
      throw new ToolFailure(`The path ${quote(input)} cannot be used: ${verdict.reason}.`);
    case 'inside':
      return { path: verdict.path, needs: [] };
    case 'protected':
      return { path: verdict.path, floor: verdict.reason, needs: [] };
    case 'external':
      return reachOutside(verdict.path, input);
  }
}

/** Reading outside is granted by folder; each write there is asked for by itself. */
function reachOutside(path: AuthorizedPath, input: string): Reached {
  const needs = [leaving(path)];
  if (path.operation !== 'write') return { path, needs };
  const names = [input, path.real].flatMap((each) => each.split(separator));
  return { path, floor: protectedName(names) ?? 'outside the folder', needs };
}

const separator = /[\\/]/;

/** The need to use a path outside the Location: granted by folder, which is the directory itself where it is one. */
export function leaving({ real, operation, facts }: AuthorizedPath): PermissionNeed {
  const isFolder = facts === undefined ? operation === 'list' : facts.type === 'directory';
  const folder = isFolder ? real : dirname(real);
  const pattern = folder === '/' ? '/*' : `${folder}/*`;
  return {
    permission: 'external_directory',
    patterns: [pattern],
    always: operation === 'write' || folder === '/' ? [] : savable(folder).map(() => pattern),
    subject: { type: 'path', filePath: real },
  };
}

/** What *Always allow* may save for a name: nothing where the name itself would be read as a wildcard. */
export function savable(name: string): readonly string[] {
  return wildcard.test(name) ? [] : [name];
}

const wildcard = /[*?]/;

/**
 * Refuses what was not allowed: a path may lead elsewhere now than when the user was asked. Compares what is needed
 * now with what was granted then.
 */
export function requireGranted(needs: readonly PermissionNeed[], { granted }: ExecutionContext): void {
  const isCovered = (need: PermissionNeed) =>
    granted.some(
      ({ permission, patterns, floor }) =>
        permission === need.permission &&
        floor === need.floor &&
        need.patterns.every((pattern) => patterns.includes(pattern)),
    );
  if (needs.every(isCovered)) return;
  throw new ToolFailure(
    'The path leads elsewhere now than when the call was allowed. Nothing was done; try it again.',
  );
}

/** Real path of a call's file for the order of calls; a path that cannot be used orders nothing. */
export async function touchedPath(authority: Authority, input: string): Promise<readonly string[]> {
  const verdict = await authority.authorize(input, 'read');
  return verdict.type === 'invalid' ? [] : [verdict.path.real];
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
