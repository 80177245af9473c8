import type { ViewEvent } from '#shared/events.ts';
import { fold, type SessionView } from '#shared/fold.ts';
import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { SessionStatus } from '#shared/session.ts';
import { sessionOf } from '#shared/session-of.ts';
import type { Permissions } from '../permission/permissions.ts';
import type { Emitter, ViewListener } from './emitter.ts';
import type { LiveParts } from './live-parts.ts';
import type { SessionStore } from './session-store.ts';

/** A session as it stands, and from there on every event of it. */
export interface SessionWatch extends Disposable {
  readonly view: SessionView;
  /** Messages before the first of the view exist. */
  readonly hasOlder: boolean;
}

export interface WatchWorld {
  readonly store: SessionStore;
  readonly permissions: Permissions;
  readonly live: LiveParts;
  readonly emitter: Emitter;
  readonly statusOf: (id: SessionID) => SessionStatus;
}

/**
 * Begins to watch a session: no event between the view and the first call of `listener` is lost or told twice.
 * `limit` counts messages from the end. @throws HostError `session.unknown`
 */
export async function watchSession(
  id: SessionID,
  { limit, listener }: { readonly limit: number; readonly listener: ViewListener },
  world: WatchWorld,
): Promise<SessionWatch> {
  const { store, permissions, live, emitter, statusOf } = world;
  let meanwhile: ViewEvent[] | undefined = [];
  const subscription = emitter.subscribe((event) => {
    if (sessionOf(event) !== id) return;
    if (meanwhile) meanwhile.push(event);
    else listener(event);
  });
  try {
    const [session, window, inbox, pending] = await Promise.all([
      store.read('session.get', id),
      store.read('session.window', { id, limit }),
      store.read('session.inbox', id),
      permissions.pending(id),
    ]);
    if (!session)
      throw new HostError('session.unknown', `There is no session ${id} in this folder's history.`);
    const stored: SessionView = {
      session,
      status: statusOf(id),
      inbox,
      messages: window.messages,
      permissions: pending,
    };
    // Deltas are not upserts: what they added so far is in the live parts, which go on top.
    const folded = meanwhile.filter(({ type }) => type !== 'message.part.delta').reduce(fold, stored);
    meanwhile = undefined;
    return {
      view: { ...folded, messages: live.over(folded.messages) },
      hasOlder: window.hasOlder,
      [Symbol.dispose]: () => subscription[Symbol.dispose](),
    };
  } catch (error) {
    subscription[Symbol.dispose]();
    throw error;
  }
}
