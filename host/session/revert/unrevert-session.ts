import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import type { FileChange } from '../../snapshot/file-state.ts';
import { unknownSession } from '../manage/export-session.ts';
import { keepRevert, type RevertWorld } from './keep-revert.ts';
import { asKnown, ownChanges } from './known-state.ts';
import type { RevertOptions, RevertOutcome } from './outcome.ts';
import {
  isConflict,
  isPossible,
  isThere,
  type PlannedFile,
  planFiles,
  restoreFiles,
} from './restore-files.ts';

/**
 * Brings history and files back to where they stood before the revert. That it was begun is durable before a file is
 * touched: broken off in the middle, it is finished at the next opening.
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
  const changes = (await world.store.read('session.revert-files', id)) ?? [];
  const planned = options.conversationOnly ? [] : await planWay(session, changes, { ...world, files });
  const conflicts = planned.filter(isConflict).map(({ path }) => path);
  if (conflicts.length > 0 && !options.overwrite) return { type: 'conflict', files: conflicts };
  const possible = planned.filter(isPossible);
  if (possible.length > 0) await keepBeginning(id, standing(changes, possible), world);
  const restored = await restoreFiles(possible, files).catch(async (error: unknown) => {
    await stayReverted(session, changes, world);
    throw error;
  });
  if (restored.type === 'failed') {
    await stayReverted(session, changes, world);
    return restored;
  }
  await world.store.commit([{ type: 'session.unreverted', sessionID: id, time: world.clock.now() }]);
  services.forgetReads(id);
  world.onRevertSettled(id, { left: [], to: 'forth' });
  return {
    type: 'unreverted',
    files: possible.map(({ path }) => path),
    left: planned.filter((file) => !isPossible(file)).map(({ path }) => path),
  };
}

/** The files that are not there yet; after a revert that was broken off they may stand anywhere on its way. */
async function planWay(
  session: Session,
  changes: readonly FileChange[],
  { store, files }: Pick<RevertWorld, 'store'> & { readonly files: Parameters<typeof planFiles>[1] },
): Promise<readonly PlannedFile[]> {
  const restorations = changes.map(({ path, before, after }) => ({ path, expected: after, target: before }));
  const own = session.revert?.unfinished === true ? await ownChanges(session, store) : [];
  return (await planFiles(restorations, files))
    .filter((file) => !isThere(file))
    .map((file) => asKnown(file, own));
}

/** The files' changes with what stands there now: what is to be written over is known after a crash, too. */
function standing(changes: readonly FileChange[], files: readonly PlannedFile[]): readonly FileChange[] {
  const states = new Map(files.map(({ path, current }) => [path, current?.state]));
  return changes.map((change) => ({ ...change, after: states.get(change.path) ?? change.after }));
}

async function keepBeginning(
  sessionID: SessionID,
  files: readonly FileChange[],
  { store, clock }: RevertWorld,
): Promise<void> {
  await store.commit([{ type: 'session.unrevert.began', sessionID, files, time: clock.now() }]);
}

/** It is as it was: files were put back. */
async function stayReverted(
  { id, revert }: Session,
  files: readonly FileChange[],
  world: RevertWorld,
): Promise<void> {
  if (!revert) return;
  const { messageID, unfinished } = revert;
  if (unfinished === 'unrevert') await keepBeginning(id, files, world);
  else await keepRevert({ id, messageID }, { files, isUnfinished: unfinished === true }, world);
}

async function revertedSession(id: SessionID, { store }: RevertWorld): Promise<Session> {
  const session = await store.read('session.get', id);
  if (!session) throw unknownSession(id);
  if (session.revert) return session;
  throw new HostError('revert.none', 'Nothing is taken back in this session any more.', {
    data: { sessionID: id },
  });
}
