import type { PlatformPath } from 'node:path';
import { HostError } from '#shared/host-error.ts';
import { type WalkWorld, walk } from './walk.ts';

/** The Location's folder and the readable folders beside it, with their links resolved. */
export interface Roots {
  readonly root: string;
  readonly extraRoots: readonly string[];
}

export interface RootsOptions extends WalkWorld {
  readonly root: string;
  readonly extraRoots: readonly string[];
}

/** Resolves the roots; throws `location.missing` when the Location's folder is not there. */
export async function resolveRoots({ root, extraRoots, ...world }: RootsOptions): Promise<Roots> {
  const [real, ...others] = await Promise.all([root, ...extraRoots].map((path) => resolveReal(path, world)));
  if (real?.exists !== true) {
    throw new HostError('location.missing', `The folder ${root} does not exist. Open it again.`, {
      data: { root },
    });
  }
  return {
    root: real.path,
    extraRoots: others.flatMap((other) => (other === undefined ? [] : [other.path])),
  };
}

/** The real path of an absolute path of our own; what does not exist yet is taken as it is written. */
export async function resolveReal(
  path: string,
  world: WalkWorld,
): Promise<{ readonly path: string; readonly exists: boolean } | undefined> {
  const { root: base } = world.paths.parse(path);
  const reached = await walk({ base, segments: path.slice(base.length).split(world.paths.sep) }, world);
  if (reached.type === 'invalid') return undefined;
  return { path: reached.real, exists: reached.facts !== undefined };
}

/** True for the folder itself and everything below it, by the platform's rules for names. */
export function isWithin(folder: string, path: string, paths: PlatformPath): boolean {
  const from = paths.relative(folder, path);
  return from !== '..' && !from.startsWith(`..${paths.sep}`) && !paths.isAbsolute(from);
}
