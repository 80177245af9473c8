import type { ViewEvent } from '#shared/events.ts';
import type { PartID, SessionID } from '#shared/ids.ts';
import type { permissionProjection } from '../permission/permission-projection.ts';
import type { Log } from '../ports/log.ts';
import type { StoreEvent } from '../store/projection.ts';
import type { Store } from '../store/store.ts';
import type { Emitter } from './emitter.ts';
import type { LiveParts } from './live-parts.ts';
import type { SessionEvent } from './session-events.ts';
import type { sessionProjection } from './session-projection.ts';
import { createViewProjector, partUpdated } from './view-projector.ts';

type Projections = readonly [typeof sessionProjection, typeof permissionProjection];
type Fact = StoreEvent<Projections>;
type PermissionFact = Exclude<Fact, SessionEvent>;

export interface PublishOptions {
  readonly store: Store<Projections>;
  readonly emitter: Emitter;
  readonly live: LiveParts;
  readonly log: Log;
}

/** Gives every acknowledged fact to the view stream, in order. Nothing is shown before it is durable. */
export function publishFacts({ store, emitter, live, log }: PublishOptions): Disposable {
  const projector = createViewProjector();
  const publishHeader = async (id: SessionID): Promise<void> => {
    const info = await store.read('session.get', id);
    if (!info) return;
    emitter.emit({ type: 'session.updated', properties: { info } });
    // What it spent is in the headers above it, too.
    if (info.parentID) await publishHeader(info.parentID);
  };
  /** The fact has their ids alone; the parts tell from now on that their output left history. */
  const publishPruned = (ids: readonly PartID[]) => {
    store
      .read('session.tool-parts', ids)
      .then((parts) => {
        for (const part of parts) emitter.emit(partUpdated(part));
      })
      .catch((error: unknown) => log.error('Parts were not read', error));
  };
  const publish = (event: Fact) => {
    const events = isPermissionFact(event) ? permissionView(event) : projector.project(shown(event, live));
    for (const each of events) emitter.emit(each);
    if (event.type === 'session.turn.ended') live.drop(event.info.id);
    if (event.type === 'session.outputs.pruned') publishPruned(event.parts);
    const changed = changedHeader(event);
    // The store's own state tells when it cannot be read any more; the header is then simply not renewed.
    if (changed) publishHeader(changed).catch((error: unknown) => log.error('A header was not read', error));
  };
  return store.subscribe((committed) => {
    for (const { event } of committed) publish(event);
  });
}

/** A call may run already when the fact that it was made is acknowledged: it does not go back to waiting. */
function shown(event: SessionEvent, live: LiveParts): SessionEvent {
  if (event.type !== 'session.tool.called') return event;
  const part = live.latest(event.part);
  return part.type === 'tool' ? { ...event, part } : event;
}

function isPermissionFact(fact: Fact): fact is PermissionFact {
  return fact.type.startsWith('permission.');
}

function permissionView(fact: PermissionFact): readonly ViewEvent[] {
  switch (fact.type) {
    case 'permission.asked':
      return [asked(fact)];
    case 'permission.replied':
      return [replied(fact, fact.reply)];
    case 'permission.withdrawn':
      return [replied(fact, { type: 'reject' })];
    case 'permission.rule.saved':
    case 'permission.rule.revoked':
    case 'permission.forgotten':
      return [];
  }
}

function asked({ request }: Extract<PermissionFact, { type: 'permission.asked' }>): ViewEvent {
  return { type: 'permission.asked', properties: { sessionID: request.sessionID, request } };
}

type Replied = Extract<ViewEvent, { type: 'permission.replied' }>;

function replied(
  { request }: Pick<Extract<PermissionFact, { type: 'permission.replied' }>, 'request'>,
  reply: Replied['properties']['reply'],
): ViewEvent {
  return { type: 'permission.replied', properties: { sessionID: request.sessionID, id: request.id, reply } };
}

/** The session whose header a fact changed: title, choices, usage. */
function changedHeader(fact: Fact): SessionID | undefined {
  switch (fact.type) {
    case 'session.retitled':
    case 'session.archived':
    case 'session.switched':
    case 'session.reverted':
    case 'session.unrevert.began':
    case 'session.unreverted':
    case 'session.history.cut':
      return fact.sessionID;
    case 'session.turn.ended':
      return fact.info.sessionID;
    default:
      return undefined;
  }
}
