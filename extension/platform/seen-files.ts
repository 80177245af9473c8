import { isAbsolute, relative, sep } from 'node:path';
import type { FileDiagnostics, OpenEditor } from '#host/ports/workspace-view.ts';

/** Absolute paths of what the editor has open; `active` is in front, and maybe open nowhere else. */
export interface SeenEditors {
  readonly open: readonly string[];
  readonly active: string | undefined;
}

/** The files that lie in a folder, each once, by their path below it. `names` are all names of that folder. */
export function editorsBelow(names: readonly string[], { open, active }: SeenEditors): readonly OpenEditor[] {
  const front = active === undefined ? undefined : pathBelow(names, active);
  const all = new Set(
    [...open, ...(active === undefined ? [] : [active])].map((path) => pathBelow(names, path)),
  );
  return [...all].flatMap((path) => (path === undefined ? [] : [{ path, active: path === front }]));
}

/** The files of a folder that have errors or warnings, those of one file summed up. */
export function countsBelow(
  names: readonly string[],
  all: readonly FileDiagnostics[],
): readonly FileDiagnostics[] {
  const byPath = new Map<string, FileDiagnostics>();
  for (const { path: absolute, errors, warnings } of all) {
    const path = pathBelow(names, absolute);
    if (path === undefined || errors + warnings === 0) continue;
    const before = byPath.get(path);
    byPath.set(path, {
      path,
      errors: errors + (before?.errors ?? 0),
      warnings: warnings + (before?.warnings ?? 0),
    });
  }
  return [...byPath.values()];
}

function pathBelow(names: readonly string[], path: string): string | undefined {
  const ways = names.map((name) => relative(name, path));
  const below = ways.find(
    (way) => way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way),
  );
  return below?.split(sep).join('/');
}
