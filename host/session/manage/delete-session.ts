import type { SessionID } from '#shared/ids.ts';
import type { Permissions } from '../../permission/permissions.ts';
import type { Log } from '../../ports/log.ts';
import type { KeptContents, StuckContent } from '../../snapshot/kept-contents.ts';
import type { Traces } from '../../trace/traces.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionGate } from '../session-gate.ts';
import type { SessionStore } from '../session-store.ts';
import type { Unfinished } from '../upkeep-projection.ts';
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
  /** Removes Managed Tool Output Files of earlier processes whose paths are not among `named`. */
  readonly sweepOutputs: (named: () => Promise<readonly string[]>) => Promise<void>;
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

/**
 * Finishes what a closed window left half done: deletions, copies that were not whole, and files that no fact came to
 * name. What fails holds up nothing else; the first error is thrown at the end.
 */
export async function finishUpkeep(world: DeleteWorld): Promise<void> {
  const { store } = world;
  const all = await store.read('session.unfinished');
  const left = all.filter(({ id }) => !world.copying.has(id));
  const copies = left.filter(({ type }) => type === 'copy').map(({ id }) => id);
  if (left.length > 0) world.log.info('Finishing what was left half done', { sessions: left.length });
  const errors = await attemptEach([
    () => bury(copies, world),
    () => eraseAll(world),
    () => sweepAll(world),
    () => world.sweepOutputs(() => store.read('session.named-outputs')),
  ]);
  if (errors.length > 0) throw errors[0];
}

/** The session and those below it, deepest first. */
async function familyOf(id: SessionID, { store }: DeleteWorld): Promise<readonly SessionID[]> {
  if (!(await store.read('session.get', id))) throw unknownSession(id);
  return [...(await store.read('session.children', id)), id];
}

async function removeAll(ids: readonly SessionID[], world: DeleteWorld): Promise<void> {
  // Once they are buried, nobody knows any more which contents were theirs.
  const contents = await world.store.read('session.named-contents', ids);
  if (await bury(ids, world)) await eraseAll(world, { ids, contents });
}

/** Removes the contents of files that no fact names. */
async function sweepAll({ store, kept }: DeleteWorld): Promise<void> {
  const { stuck } = await kept.sweep(() => store.read('session.named-contents'));
  if (stuck[0]) throw stuck[0].error;
}

/** Takes sessions away from everybody's view; whether there were any. */
async function bury(ids: readonly SessionID[], { store }: DeleteWorld): Promise<boolean> {
  const infos = await Promise.all(ids.map((id) => store.read('session.get', id)));
  const tombstones = infos.flatMap((info): SessionEvent[] =>
    info ? [{ type: 'session.deleted', info }] : [],
  );
  if (tombstones.length > 0) await store.commit(tombstones);
  return tombstones.length > 0;
}

/** The sessions that a deletion is about, and the hashes of the contents of files that they named. */
interface Asked {
  readonly ids: readonly SessionID[];
  readonly contents: readonly string[];
}

/**
 * Removes the bytes of every session that is gone. What is done already is done again without harm. A session of which
 * something could not be removed stays to be erased, and holds up no other. At the end the first error is thrown that
 * concerns `asked`, or without it any; others are logged.
 */
async function eraseAll(world: DeleteWorld, asked?: Asked): Promise<void> {
  const { store, kept, log } = world;
  const gone = (await store.read('session.unfinished')).filter(({ type }) => type === 'erase');
  if (gone.length === 0) return;
  // Erased together, they share the store's work.
  const erased = await Promise.all(
    gone.map(async (each) => ({ id: each.id, errors: await eraseOne(each, world) })),
  );
  const ids = gone.map(({ id }) => id);
  const stuck: StuckContent[] = [];
  const sweep = async () => {
    const gone = asked?.ids ?? ids;
    stuck.push(...(await kept.sweep(() => store.read('session.named-contents'), gone)).stuck);
  };
  const unswept = await attemptEach([sweep]);
  // Contents that are left are swept at every opening, whether a session waits for it or not.
  const clean = erased.filter(({ errors }) => errors.length === 0);
  const facts = clean.map(({ id }) => ({ type: 'session.erased' as const, sessionID: id }));
  if (facts.length > 0) await store.commit(facts);
  const isAsked = (id: SessionID) => asked?.ids.includes(id) ?? true;
  const isTheirs = ({ hash, byGone }: StuckContent) => !asked || byGone || asked.contents.includes(hash);
  for (const { id, errors } of erased.filter((each) => !isAsked(each.id)))
    for (const error of errors) log.error('An earlier deletion could not be finished', error, { id });
  for (const { hash, error } of stuck.filter((each) => !isTheirs(each)))
    log.error('A content of an earlier deletion could not be removed', error, { hash });
  const errors = [
    ...erased.filter(({ id }) => isAsked(id)).flatMap((each) => each.errors),
    ...stuck.filter(isTheirs).map(({ error }) => error),
    ...unswept,
  ];
  if (errors.length > 0) throw errors[0];
}

/** Returns what went wrong. The store comes first: nothing on the disk may keep it from forgetting the conversation. */
function eraseOne({ id, outputs }: Unfinished, world: DeleteWorld): Promise<readonly unknown[]> {
  const { store, permissions, traces } = world;
  return attemptEach([
    // What was asked of the user stands in the store, too, and has to be gone when it is written anew.
    () => permissions.forget(id),
    () => store.erase(id),
    () => traces.forget(id),
    () => world.forgetFiles(id, outputs),
  ]);
}

/** Does all of it in order, whatever fails; what was thrown. */
async function attemptEach(works: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => errors.push(error));
  return errors;
}
