import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import type { RunArguments } from './arguments.ts';
import { findSession, type KnownSession, type KnownWorld, newestSession } from './known-sessions.ts';

/**
 * The session that a run goes on with, and the store that it lies in.
 * @throws HostError `session.unknown`, `session.none`, or `session.moved` for one whose folder is gone
 */
export async function chosenSession(
  which: NonNullable<RunArguments['session']>,
  world: KnownWorld,
): Promise<KnownSession> {
  const found = which.type === 'id' ? await byID(which.id, world) : await newestSession(world);
  const { directory } = world;
  if (!found) throw new HostError('session.none', say({}, 'cli.session.none', [directory]));
  if (!found.store.moved) return found;
  throw new HostError(
    'session.moved',
    `The session ${found.info.id} is tied to ${found.info.directory}, which is gone. Take it over into this folder first: millrace session adopt --dir ${directory}`,
  );
}

async function byID(id: string, world: KnownWorld): Promise<KnownSession> {
  await using found = await findSession(id, world);
  return { info: found.info, store: found.store };
}
