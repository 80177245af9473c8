import * as Schema from 'effect/Schema';
import { MessageID, PartID, PermissionID, SessionID } from './ids.ts';
import { MessageInfo } from './message.ts';
import { Notice } from './notice.ts';
import { Part } from './part.ts';
import { PermissionReply, PermissionRequest } from './permission.ts';
import { AdmittedPrompt, Session, SessionStatus } from './session.ts';

const event = <T extends string, F extends Schema.Struct.Fields>(type: T, fields: F) =>
  Schema.Struct({ type: Schema.Literal(type), properties: Schema.Struct(fields) });

/**
 * The public view stream, in OpenCode's upsert form (decision 10). Every surface folds it by id.
 * Pinned: surfaces outside this repository depend on these names and shapes.
 */
export const ViewEvent = Schema.Union([
  event('session.created', { info: Session }),
  event('session.updated', { info: Session }),
  event('session.deleted', { info: Session }),
  event('session.compacted', { sessionID: SessionID, messageID: MessageID }),
  event('session.status', { sessionID: SessionID, status: SessionStatus }),
  event('session.input.admitted', { sessionID: SessionID, prompt: AdmittedPrompt }),
  event('session.input.promoted', { sessionID: SessionID, messageID: MessageID }),
  event('session.input.cancelled', { sessionID: SessionID, messageID: MessageID }),
  event('message.updated', { sessionID: SessionID, info: MessageInfo }),
  event('message.removed', { sessionID: SessionID, messageID: MessageID }),
  event('message.part.updated', { sessionID: SessionID, part: Part }),
  event('message.part.delta', {
    sessionID: SessionID,
    messageID: MessageID,
    partID: PartID,
    field: Schema.Literals(['text', 'raw']),
    delta: Schema.String,
  }),
  event('permission.asked', { sessionID: SessionID, request: PermissionRequest }),
  event('permission.replied', { sessionID: SessionID, id: PermissionID, reply: PermissionReply }),
  event('session.idle', { sessionID: SessionID }),
  event('notice.raised', { notice: Notice }),
  event('notice.cleared', { key: Schema.String }),
]);
export type ViewEvent = typeof ViewEvent.Type;
export type ViewEventType = ViewEvent['type'];
