import * as Schema from 'effect/Schema';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { AssistantMessage, ModelRef, UserMessage } from '#shared/message.ts';
import { ContextPart, JsonObject, Part, TextPart, ToolPart } from '#shared/part.ts';
import { AdmittedPrompt, Session } from '#shared/session.ts';

const event = <F extends Schema.Struct.Fields>(fields: F) => ({ version: 1, schema: Schema.Struct(fields) });

/**
 * The durable facts of a session, as the journal keeps them. They are versioned, never leave the host, and carry
 * everything that their appliers need: ids and times are fixed before they are written.
 */
export const sessionEvents = {
  'session.created': event({ info: Session }),
  'session.retitled': event({ sessionID: SessionID, title: Schema.String, time: Schema.Int }),
  /** Agent or model for the provider turns to come (RT-22). */
  'session.switched': event({
    sessionID: SessionID,
    agent: Schema.String,
    model: ModelRef,
    time: Schema.Int,
  }),
  'session.input.admitted': event({ prompt: AdmittedPrompt }),
  /** Prompt Promotion: out of the inbox, into history, in one step. */
  'session.input.promoted': event({ info: UserMessage, part: TextPart }),
  'session.epoch.started': event({ sessionID: SessionID, baseline: Schema.String, snapshot: JsonObject }),
  /** A Mid-Conversation System Message, and the Context Snapshot it was made from. */
  'session.context.changed': event({ info: UserMessage, part: ContextPart, snapshot: JsonObject }),
  'session.turn.started': event({ info: AssistantMessage }),
  /** A text or reasoning part, whole, or as far as it has arrived at a checkpoint. */
  'session.part.kept': event({ part: Part }),
  /** What arrived since the last checkpoint; `end` closes the part. */
  'session.text.extended': event({
    sessionID: SessionID,
    messageID: MessageID,
    partID: PartID,
    delta: Schema.String,
    end: Schema.optionalKey(Schema.Int),
  }),
  /** The provider's stream is complete: what is open now are only its tool calls. */
  'session.turn.streamed': event({ info: AssistantMessage }),
  'session.tool.called': event({ part: ToolPart }),
  /** The intent of a call with effects, durable before the first of them. */
  'session.tool.started': event({ part: ToolPart }),
  'session.tool.settled': event({ part: ToolPart }),
  'session.turn.ended': event({ info: AssistantMessage }),
} as const;

type Table = typeof sessionEvents;
export type SessionEvent = {
  [T in keyof Table]: { readonly type: T } & Table[T]['schema']['Type'];
}[keyof Table];
export type SessionEventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;
