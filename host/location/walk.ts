import type { PlatformPath } from 'node:path';
import { hasCode } from '#shared/host-error.ts';
import type { FileFacts, Files } from '../ports/files.ts';

export interface WalkStart {
  /** A real directory. */
  readonly base: string;
  readonly segments: readonly string[];
}

export interface WalkWorld {
  readonly files: Pick<Files, 'inspect'>;
  /** The separator and root rules of the platform that the paths are of. */
  readonly paths: PlatformPath;
}

export type Walked =
  /** `facts` are absent when nothing is there; what is missing then are plain names below a real directory. */
  { readonly type: 'reached'; readonly real: string; readonly facts?: FileFacts } | Refused;

const maxLinks = 40;

/** Where the walk is: in the directory `real`, or behind it, with the names still to go through. */
interface Position {
  readonly real: string;
  /** Of `real`, when it was looked at; a directory of which nothing more was asked has none. */
  readonly facts?: FileFacts;
  readonly missing: boolean;
  readonly links: number;
  readonly left: readonly string[];
}

interface Refused {
  readonly type: 'invalid';
  readonly reason: string;
}

/**
 * Goes through a path as the kernel does, name by name: links are followed where they stand, dangling ones too, and
 * `..` leads to the parent of where one really is. A `..` behind a name that does not exist is refused, not guessed.
 */
export async function walk({ base, segments }: WalkStart, world: WalkWorld): Promise<Walked> {
  const left = segments.filter(isName);
  let position: Position = { real: base, missing: false, links: 0, left };
  while (position.left.length > 0) {
    const next = await step(position, world);
    if ('type' in next) return next;
    position = next;
  }
  const { real, missing } = position;
  const facts = missing ? undefined : (position.facts ?? (await look(real, world)));
  if (facts !== undefined && 'reason' in facts) return facts;
  return { type: 'reached', real, ...(facts !== undefined && { facts }) };
}

function isName(segment: string): boolean {
  return segment !== '' && segment !== '.';
}

async function step(position: Position, world: WalkWorld): Promise<Position | Refused> {
  const { real, facts, missing, links } = position;
  const [name = '', ...left] = position.left;
  if (name === '..')
    return missing ? refused('it goes up from a name that does not exist') : up(position, world);
  if (facts !== undefined && facts.type !== 'directory') return refused(`${real} is not a directory`);
  const next = world.paths.join(real, name);
  if (missing) return { real: next, missing, links, left };
  const found = await look(next, world);
  if (found === undefined) return { real: next, missing: true, links, left };
  if ('reason' in found) return found;
  if (found.type === 'link') return follow({ ...position, left }, found.target ?? '', world);
  return { real: next, facts: found, missing, links, left };
}

function up({ real, facts, links, left }: Position, { paths }: WalkWorld): Position | Refused {
  if (facts !== undefined && facts.type !== 'directory') return refused(`${real} is not a directory`);
  return { real: paths.dirname(real), missing: false, links, left: left.slice(1) };
}

function follow({ real, links, left }: Position, target: string, { paths }: WalkWorld): Position | Refused {
  if (links === maxLinks) return refused('it goes through too many links');
  const { root } = paths.parse(target);
  const names = target.slice(root.length).split(paths.sep).filter(isName);
  return {
    real: root === '' ? real : root,
    missing: false,
    links: links + 1,
    left: [...names, ...left],
  };
}

async function look(path: string, { files }: WalkWorld): Promise<FileFacts | undefined | Refused> {
  try {
    return await files.inspect(path);
  } catch (error) {
    const isRefusal = ['file.no-access', 'file.name-too-long', 'file.failed'].some((code) =>
      hasCode(error, code),
    );
    if (!isRefusal) throw error;
    return refused(`${path} cannot be looked at`);
  }
}

function refused(reason: string): Refused {
  return { type: 'invalid', reason };
}
