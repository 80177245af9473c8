import type { SessionID } from '#shared/ids.ts';
import type { Permissions } from '../../permission/permissions.ts';
import type { Log } from '../../ports/log.ts';
import type { KeptContents } from '../../snapshot/kept-contents.ts';
import type { Traces } from '../../trace/traces.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionGate } from '../session-gate.ts';
import type { SessionStore } from '../session-store.ts';
import { unknownSession } from './export-session.ts';

export interface DeleteWorld {
  readonly store: SessionStore;
  readonly permissions: Permissions;
  readonly traces: Traces;
  readonly kept: KeptContents;
  readonly gate: SessionGate;
  readonly log: Log;
  /** Sessions that are being copied in: they are no leftovers. */
  readonly copying: ReadonlySet<SessionID>;
  /** Sessions that are being deleted: nothing may be admitted to them. */
  readonly deleting: Set<SessionID>;
  /** What lies outside the store: what the session has seen, and the Managed Tool Output Files of its own. */
  readonly forgetFiles: (id: SessionID, outputs: readonly string[]) => Promise<void>;
}

/**
 * Deletes a session and those below it for good: they are interrupted, gone at once for everybody, and when this
 * resolves nothing of them is left on the disk. Broken off by the end of the process, it is finished at the next opening.
 * @throws HostError `session.unknown`, or the code of a store that cannot be written
 */
export async function deleteSession(id: SessionID, world: DeleteWorld): Promise<void> {
  const ids = await familyOf(id, world);
  for (const each of ids) world.deleting.add(each);
  try {
    await world.gate.alone(ids, () => removeAll(ids, world));
  } finally {
    for (const each of ids) world.deleting.delete(each);
  }
  // A run that was interrupted may have begun another session below these just before.
  const later = await world.store.read('session.children', id);
  for (const each of later) await deleteSession(each, world);
}

/** Finishes what a closed window left half done: deletions, and copies that were not whole. */
export async function finishUpkeep(world: DeleteWorld): Promise<void> {
  const all = await world.store.read('session.unfinished');
  const left = all.filter(({ id }) => !world.copying.has(id));
  const copies = left.filter(({ type }) => type === 'copy').map(({ id }) => id);
  if (left.length > 0) world.log.info('Finishing what was left half done', { sessions: left.length });
  await removeAll(copies, world);
  await eraseAll(world);
}

/** The session and those below it, deepest first. */
async function familyOf(id: SessionID, { store }: DeleteWorld): Promise<readonly SessionID[]> {
  if (!(await store.read('session.get', id))) throw unknownSession(id);
  return [...(await store.read('session.children', id)), id];
}

async function removeAll(ids: readonly SessionID[], world: DeleteWorld): Promise<void> {
  const infos = await Promise.all(ids.map((id) => world.store.read('session.get', id)));
  const tombstones = infos.flatMap((info): SessionEvent[] =>
    info ? [{ type: 'session.deleted', info }] : [],
  );
  if (tombstones.length === 0) return;
  await world.store.commit(tombstones);
  await eraseAll(world);
}

/** Removes the bytes of every session that is gone. What is done already is done again without harm. */
async function eraseAll(world: DeleteWorld): Promise<void> {
  const { store, permissions, traces, kept } = world;
  const gone = (await store.read('session.unfinished')).filter(({ type }) => type === 'erase');
  if (gone.length === 0) return;
  for (const { id, outputs } of gone) {
    await permissions.forget(id);
    await traces.forget(id);
    await world.forgetFiles(id, outputs);
  }
  await kept.sweep(
    () => store.read('session.named-contents'),
    gone.map(({ id }) => id),
  );
  // Asked for together, they share the store's work.
  await Promise.all(gone.map(({ id }) => store.erase(id)));
  await store.commit(gone.map(({ id }) => ({ type: 'session.erased' as const, sessionID: id })));
}
