import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import type { FileChange, FileState } from '../../snapshot/file-state.ts';
import { isSameContent } from '../../snapshot/file-state.ts';
import { closeInterrupted } from '../close-interrupted.ts';
import { unknownSession } from '../manage/export-session.ts';
import type { TakenBack } from '../upkeep-projection.ts';
import { finishRevert } from './finish-reverts.ts';
import { keepRevert, type RevertPoint, type RevertWorld } from './keep-revert.ts';
import type { RevertOptions, RevertOutcome } from './outcome.ts';
import { restorationsOf } from './restorations.ts';
import {
  isConflict,
  isPossible,
  isThere,
  type PlannedFile,
  planFiles,
  restoreFiles,
} from './restore-files.ts';
import { hasUnseen } from './unseen-calls.ts';

/**
 * Takes history from this prompt on back, and files to what they were before the first change that came after it. What
 * is taken back is kept until the next turn starts. It is durable before a file is touched; a file that is not as the
 * session left it stops it before anything is changed, unless the user chose otherwise (RT-21).
 * @throws HostError `session.unknown`, `message.unknown`, `revert.done`
 */
export function revertSession(
  point: RevertPoint,
  options: RevertOptions,
  world: RevertWorld,
): Promise<RevertOutcome> {
  return world.gate.alone([point.id], async () => {
    // What was broken off before, and waited for the user's word, comes first.
    if (!options.conversationOnly) await finishRevert(point.id, world);
    const stretch = await stretchOf(point, world);
    const { session, taken, earlier } = stretch;
    const services = await world.locate(session);
    const files = { ...services, kept: world.kept };
    const restorations = options.conversationOnly ? [] : restorationsOf(taken.changes, earlier);
    const planned = (await planFiles(restorations, files)).filter((file) => !isThere(file));
    const conflicts = planned.filter(isConflict).map(({ path }) => path);
    if (conflicts.length > 0 && !options.overwrite) return { type: 'conflict', files: conflicts };
    await closeInterrupted(world, { sessionID: point.id, waiting: 'close' });
    await world.permissions.withdraw(point.id);
    const possible = planned.filter(isPossible);
    const ways = await waysBack(possible, point.id, world);
    const targets = possible.map(({ target }) => target);
    const hasFiles = possible.length > 0;
    await keepRevert(point, { files: merged(earlier, ways, targets), isUnfinished: hasFiles }, world);
    const restored = await restoreFiles(possible, files).catch(async (error: unknown) => {
      await takeBack(stretch, world);
      throw error;
    });
    if (restored.type === 'failed') {
      await takeBack(stretch, world);
      return restored;
    }
    if (hasFiles) await keepRevert(point, { files: merged(earlier, ways, restored.states) }, world);
    services.forgetReads(point.id);
    world.onRevertSettled(point.id, { left: [], to: 'back' });
    return {
      type: 'reverted',
      messages: taken.messages.filter(({ info }) => !('synthetic' in info)).length,
      files: possible.map(({ path }) => path),
      left: planned.filter((file) => !isPossible(file)).map(({ path }) => path),
      unseen: hasUnseen(taken, services.tools),
    };
  });
}

interface Stretch {
  readonly session: Session;
  readonly taken: TakenBack;
  /** What an earlier revert, which holds, has done to files. */
  readonly earlier: readonly FileChange[];
}

async function stretchOf({ id, messageID }: RevertPoint, { store }: RevertWorld): Promise<Stretch> {
  const session = await store.read('session.get', id);
  if (!session) throw unknownSession(id);
  const taken = await store.read('session.taken-back', { id, from: messageID });
  const [first] = taken.messages;
  const data = { sessionID: id, messageID };
  if (first?.info.id !== messageID || first.info.role !== 'user' || first.info.synthetic) {
    throw new HostError('message.unknown', `There is no prompt ${messageID} in this session.`, { data });
  }
  const { revert } = session;
  if (revert && !taken.messages.some(({ info }) => info.id === revert.messageID)) {
    const text = 'This prompt is taken back already. Bring it back first to go to it.';
    throw new HostError('revert.done', text, { data });
  }
  return { session, taken, earlier: (await store.read('session.revert-files', id)) ?? [] };
}

/** What the files hold now, kept: for bringing it back. */
function waysBack(
  files: readonly PlannedFile[],
  owner: SessionID,
  { kept }: RevertWorld,
): Promise<readonly FileChange[]> {
  return Promise.all(
    files.map(async ({ path, current, target }) => {
      const state: FileState = current?.state ?? { type: 'unknown' };
      const mode = state.type === 'content' ? state.mode : undefined;
      const before = current?.bytes
        ? await kept.keep(owner, { bytes: current.bytes, ...(mode !== undefined && { mode }) })
        : state;
      return { path, before, after: target };
    }),
  );
}

/** With an earlier revert the way back leads to before that one. */
function merged(
  earlier: readonly FileChange[],
  ways: readonly FileChange[],
  states: readonly FileState[],
): readonly FileChange[] {
  const known = new Map(earlier.map((change) => [change.path, change]));
  for (const [index, { path, before, after }] of ways.entries()) {
    const first = known.get(path);
    // What was changed by hand between the two is the newer.
    const same = first !== undefined && isSameContent(first.after, before);
    known.set(path, { path, before: same ? first.before : before, after: states[index] ?? after });
  }
  return [...known.values()];
}

/** The conversation goes back to where it stood before the revert. */
async function takeBack({ session, earlier }: Stretch, world: RevertWorld): Promise<void> {
  const { id, revert } = session;
  if (revert) return keepRevert({ id, messageID: revert.messageID }, { files: earlier }, world);
  await world.store.commit([{ type: 'session.unreverted', sessionID: id, time: world.clock.now() }]);
}
