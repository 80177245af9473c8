import * as Schema from 'effect/Schema';
import { MessageID, SessionID } from './ids.ts';
import { MessageInfo, ModelRef, TokenUsage } from './message.ts';
import { Part } from './part.ts';

export const Session = Schema.Struct({
  id: SessionID,
  /** The Location: an absolute folder path. */
  directory: Schema.String,
  parentID: Schema.optionalKey(SessionID),
  title: Schema.String,
  agent: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(ModelRef),
  version: Schema.String,
  cost: Schema.Finite,
  tokens: TokenUsage,
  time: Schema.Struct({ created: Schema.Int, updated: Schema.Int }),
});
export type Session = typeof Session.Type;

/** `busy` while a drain runs. */
export const SessionStatus = Schema.Union([
  Schema.Struct({ type: Schema.Literal('idle') }),
  Schema.Struct({ type: Schema.Literal('busy') }),
]);
export type SessionStatus = typeof SessionStatus.Type;

export const Delivery = Schema.Literals(['steer', 'queue']);
export type Delivery = typeof Delivery.Type;

/** An Admitted Prompt: durable, and not yet in Session History. */
export const AdmittedPrompt = Schema.Struct({
  id: MessageID,
  sessionID: SessionID,
  text: Schema.String,
  delivery: Delivery,
  agent: Schema.String,
  model: ModelRef,
  time: Schema.Struct({ created: Schema.Int }),
});
export type AdmittedPrompt = typeof AdmittedPrompt.Type;

export const MessageWithParts = Schema.Struct({ info: MessageInfo, parts: Schema.Array(Part) });
export type MessageWithParts = typeof MessageWithParts.Type;
