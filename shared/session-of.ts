import type { ViewEvent } from './events.ts';
import type { SessionID } from './ids.ts';

/** The session an event belongs to, or undefined for events of the host as a whole. */
export function sessionOf(viewEvent: ViewEvent): SessionID | undefined {
  switch (viewEvent.type) {
    case 'session.created':
    case 'session.updated':
    case 'session.deleted':
      return viewEvent.properties.info.id;
    case 'notice.raised':
    case 'notice.cleared':
      return undefined;
    case 'session.status':
    case 'session.compacted':
    case 'session.input.cancelled':
    case 'message.removed':
    case 'session.input.admitted':
    case 'session.input.promoted':
    case 'message.updated':
    case 'message.part.updated':
    case 'message.part.delta':
    case 'permission.asked':
    case 'permission.replied':
    case 'session.idle':
      return viewEvent.properties.sessionID;
  }
}
