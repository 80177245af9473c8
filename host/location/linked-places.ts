import { hasCode } from '#shared/host-error.ts';
import type { Files } from '../ports/files.ts';
import { protectedNames } from './protected-names.ts';
import { type WalkWorld, walk } from './walk.ts';

/** A real path that is protected because a protected name leads there. */
export interface LinkedPlace {
  readonly real: string;
  /** The protected name. */
  readonly name: string;
}

interface LinkedWorld extends WalkWorld {
  readonly files: Pick<Files, 'inspect' | 'open'>;
}

const gitDirectory = /^gitdir: (.+?)\r?\n?$/;

/**
 * Where the protected names of a Location lead: `.vscode` may be a link to another folder, `.git` a file that names
 * the repository's real place. Writing there is writing them.
 */
export async function linkedPlaces(root: string, world: LinkedWorld): Promise<readonly LinkedPlace[]> {
  const places = await Promise.all(protectedNames.map((name) => linkedPlace({ root, name }, world)));
  return places.flat();
}

async function linkedPlace(
  { root, name }: { readonly root: string; readonly name: string },
  world: LinkedWorld,
): Promise<readonly LinkedPlace[]> {
  const facts = await world.files.inspect(world.paths.join(root, name));
  if (facts?.type === 'link') return reach({ base: root, segments: [name] }, { name, world });
  if (name !== '.git' || facts?.type !== 'file') return [];
  const target = gitDirectory.exec(await head(world.paths.join(root, name), world))?.[1];
  if (target === undefined) return [];
  const { root: top } = world.paths.parse(target);
  const base = top === '' ? root : top;
  return reach({ base, segments: target.slice(top.length).split('/') }, { name, world });
}

async function reach(
  start: Parameters<typeof walk>[0],
  { name, world }: { readonly name: string; readonly world: LinkedWorld },
): Promise<readonly LinkedPlace[]> {
  const reached = await walk(start, world);
  return reached.type === 'reached' ? [{ real: reached.real, name }] : [];
}

async function head(path: string, { files }: LinkedWorld): Promise<string> {
  try {
    await using file = await files.open(path);
    return new TextDecoder().decode(await file.read(0, 4096));
  } catch (error) {
    if (['file.not-found', 'file.moved', 'file.no-access'].some((code) => hasCode(error, code))) return '';
    throw error;
  }
}
