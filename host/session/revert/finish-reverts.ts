import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import { type FileChange, type FileState, isSameContent } from '../../snapshot/file-state.ts';
import { isConflict, isThere, type PlannedFile, planFiles, restoreFiles } from './restore-files.ts';
import { keepRevert, type RevertWorld } from './revert-session.ts';

export interface FinishWorld extends RevertWorld {
  /** These files were to be taken back, and are not: somebody else changed them since, or they cannot be written. */
  readonly onRevertLeft: (id: SessionID, files: readonly string[]) => void;
}

/**
 * Finishes the reverts that the end of a process broke off, before anything else is done in their sessions. Resolves
 * when all have their place in the queue; `done` when they are over.
 */
export async function finishReverts(world: FinishWorld): Promise<{ readonly done: Promise<void> }> {
  const sessions = await world.store.read('session.list');
  const broken = sessions.filter(({ revert }) => revert?.unfinished).map(({ id }) => id);
  const works = broken.map((id) => world.gate.alone([id], () => finishRevert(id, world)));
  return { done: Promise.all(works).then(() => undefined) };
}

async function finishRevert(id: SessionID, world: FinishWorld): Promise<void> {
  const session = await world.store.read('session.get', id);
  if (!session?.revert?.unfinished) return;
  const { messageID } = session.revert;
  const changes = (await world.store.read('session.revert-files', id)) ?? [];
  const { left, states } = await takeOn(session, changes, world);
  const files = changes.map((change) => ({ ...change, after: states.get(change.path) ?? change.after }));
  await keepRevert({ id, messageID }, { files }, world);
  if (left.length > 0) world.onRevertLeft(id, left);
}

interface TakenOn {
  /** What stands now in the files that were taken back here, by path. */
  readonly states: ReadonlyMap<string, FileState>;
  /** Paths of the files that were not. */
  readonly left: readonly string[];
}

/** Takes the files back that still are as the session knew them. */
async function takeOn(
  session: Session,
  changes: readonly FileChange[],
  world: FinishWorld,
): Promise<TakenOn> {
  const { id, revert } = session;
  const states = new Map<string, FileState>();
  if (!revert) return { left: [], states };
  const services = await world.locate(session);
  const files = { ...services, kept: world.kept };
  const { changes: own } = await world.store.read('session.taken-back', { id, from: revert.messageID });
  const wanted = changes.map(({ path, before, after }) => ({ path, expected: before, target: after }));
  const left: string[] = [];
  for (const file of await planFiles(wanted, files)) {
    if (isThere(file)) continue;
    const known = asKnown(file, own);
    const restored = isConflict(known) ? undefined : await restoreFiles([known], files);
    if (restored?.type === 'restored') states.set(file.path, restored.states[0] ?? file.target);
    else left.push(file.path);
  }
  services.forgetReads(id);
  return { left, states };
}

/** With a revert before this one, a file may stand where that one had brought it: its content is kept all the same. */
function asKnown(file: PlannedFile, own: readonly FileChange[]): PlannedFile {
  const { current, path } = file;
  if (!current) return file;
  const states = own.filter((change) => change.path === path).flatMap(({ before, after }) => [before, after]);
  const isKnown = states.some((state) => isSameContent(state, current.state));
  return isKnown ? { ...file, expected: current.state } : file;
}
