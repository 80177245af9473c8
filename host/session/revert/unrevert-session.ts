import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import { unknownSession } from '../manage/export-session.ts';
import type { RevertOptions, RevertOutcome } from './outcome.ts';
import { isConflict, isPossible, isThere, planFiles, restoreFiles } from './restore-files.ts';
import type { RevertWorld } from './revert-session.ts';

/**
 * Brings history and files back to where they stood before the revert. The files come first: broken off in the middle,
 * it can be done again.
 * @throws HostError `session.unknown`, `revert.none`
 */
export async function unrevertSession(
  id: SessionID,
  options: RevertOptions,
  world: RevertWorld,
): Promise<RevertOutcome> {
  await revertedSession(id, world);
  const wasBusy = world.isBusy(id);
  try {
    return await world.gate.alone([id], () => bringBack(id, options, world));
  } finally {
    // A prompt that was about to be promoted still is.
    if (wasBusy) world.wake(id);
  }
}

async function bringBack(id: SessionID, options: RevertOptions, world: RevertWorld): Promise<RevertOutcome> {
  const session = await revertedSession(id, world);
  const services = await world.locate(session);
  const files = { ...services, kept: world.kept };
  const changes = options.conversationOnly
    ? []
    : ((await world.store.read('session.revert-files', id)) ?? []);
  const restorations = changes.map(({ path, before, after }) => ({ path, expected: after, target: before }));
  const planned = (await planFiles(restorations, files)).filter((file) => !isThere(file));
  const conflicts = planned.filter(isConflict).map(({ path }) => path);
  if (conflicts.length > 0 && !options.overwrite) return { type: 'conflict', files: conflicts };
  const possible = planned.filter(isPossible);
  const restored = await restoreFiles(possible, files);
  if (restored.type === 'failed') return restored;
  await world.store.commit([{ type: 'session.unreverted', sessionID: id, time: world.clock.now() }]);
  services.forgetReads(id);
  return {
    type: 'unreverted',
    files: possible.map(({ path }) => path),
    left: planned.filter((file) => !isPossible(file)).map(({ path }) => path),
  };
}

async function revertedSession(id: SessionID, { store }: RevertWorld): Promise<Session> {
  const session = await store.read('session.get', id);
  if (!session) throw unknownSession(id);
  if (session.revert) return session;
  throw new HostError('revert.none', 'Nothing is taken back in this session any more.', {
    data: { sessionID: id },
  });
}
