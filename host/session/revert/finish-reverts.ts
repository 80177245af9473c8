import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import type { Trust } from '../../ports/trust.ts';
import type { FileChange, FileState } from '../../snapshot/file-state.ts';
import { keepRevert, type RevertWorld } from './keep-revert.ts';
import { asKnown, ownChanges } from './known-state.ts';
import { isConflict, isThere, planFiles, type Restoration, restoreFiles } from './restore-files.ts';

export interface FinishWorld extends RevertWorld {
  readonly trust: Pick<Trust, 'isTrusted'>;
  /** Its folder is not trusted: nothing is written there before it is, or before the user says so. */
  readonly onRevertHeld: (id: SessionID) => void;
}

/**
 * Finishes what the end of a process broke off, files on their way back or forth, before anything else is done in their
 * sessions; those of folders that are not trusted wait. Resolves when all have their place in the queue; `done` when
 * they are over. Called again once a folder is trusted.
 */
export async function finishReverts(world: FinishWorld): Promise<{ readonly done: Promise<void> }> {
  const sessions = await world.store.read('session.list');
  const broken = sessions.filter(({ revert }) => revert?.unfinished);
  const works: Promise<void>[] = [];
  for (const { id, directory } of broken) {
    if (world.trust.isTrusted(directory)) works.push(world.gate.alone([id], () => finishRevert(id, world)));
    else world.onRevertHeld(id);
  }
  return { done: Promise.all(works).then(() => undefined) };
}

/** Finishes what was broken off in one session, if anything was; whoever calls it has the session alone. */
export async function finishRevert(id: SessionID, world: RevertWorld): Promise<void> {
  const session = await world.store.read('session.get', id);
  const { unfinished, messageID } = session?.revert ?? {};
  if (!session || !unfinished || !messageID) return;
  const changes = (await world.store.read('session.revert-files', id)) ?? [];
  if (unfinished === 'unrevert') {
    const forth = changes.map(({ path, before, after }) => ({ path, expected: after, target: before }));
    const { left } = await takeOn(session, { wanted: forth, own: [] }, world);
    await world.store.commit([{ type: 'session.unreverted', sessionID: id, time: world.clock.now() }]);
    world.onRevertSettled(id, { left, to: 'forth' });
    return;
  }
  const back = changes.map(({ path, before, after }) => ({ path, expected: before, target: after }));
  const own = await ownChanges(session, world.store);
  const { left, states } = await takeOn(session, { wanted: back, own }, world);
  const files = changes.map((change) => ({ ...change, after: states.get(change.path) ?? change.after }));
  await keepRevert({ id, messageID }, { files }, world);
  world.onRevertSettled(id, { left, to: 'back' });
}

interface Task {
  readonly wanted: readonly Restoration[];
  /** See `ownChanges`. */
  readonly own: readonly FileChange[];
}

interface TakenOn {
  /** What stands now in the files that arrived here, by path. */
  readonly states: ReadonlyMap<string, FileState>;
  /** Paths of the files that did not. */
  readonly left: readonly string[];
}

/** Brings the files to their targets that still are as the session knew them. */
async function takeOn(session: Session, { wanted, own }: Task, world: RevertWorld): Promise<TakenOn> {
  const services = await world.locate(session);
  const files = { ...services, kept: world.kept };
  const states = new Map<string, FileState>();
  const left: string[] = [];
  for (const file of await planFiles(wanted, files)) {
    if (isThere(file)) continue;
    const known = asKnown(file, own);
    const restored = isConflict(known) ? undefined : await restoreFiles([known], files);
    if (restored?.type === 'restored') states.set(file.path, restored.states[0] ?? file.target);
    else left.push(file.path);
  }
  services.forgetReads(session.id);
  return { left, states };
}
