import type { Session } from '#shared/session.ts';
import type { SessionEventOf } from '../session-events.ts';
import { withSpent } from '../session-usage.ts';

/**
 * A session's header after a new title, for its applier. A title that an agent wrote never takes the place of one that
 * somebody chose, whichever came first; what it cost counts all the same (RT-20).
 */
export function retitled(session: Session, fact: SessionEventOf<'session.retitled'>): Session {
  const { title, by, spent, time } = fact;
  const counted = spent ? withSpent(session, spent) : session;
  if (by === 'agent') return session.titledBy ? counted : { ...counted, title, titledBy: by };
  return { ...counted, title, ...(by ? { titledBy: by } : {}), time: { ...session.time, updated: time } };
}
