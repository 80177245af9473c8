import * as Schema from 'effect/Schema';
import { MessageID, SessionID } from './ids.ts';
import { MessageInfo, ModelRef, TokenUsage } from './message.ts';
import { Part } from './part.ts';

export const Session = Schema.Struct({
  id: SessionID,
  /** The Location: an absolute folder path. */
  directory: Schema.String,
  parentID: Schema.optionalKey(SessionID),
  /** Whose history it began with, up to before that message. */
  forkedFrom: Schema.optionalKey(
    Schema.Struct({ sessionID: SessionID, messageID: Schema.optionalKey(MessageID) }),
  ),
  title: Schema.String,
  /** Absent: the title is the first words of the first prompt. */
  titledBy: Schema.optionalKey(Schema.Literals(['user', 'agent'])),
  agent: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(ModelRef),
  version: Schema.String,
  /** Its own provider turns; US dollars. */
  cost: Schema.Finite,
  tokens: TokenUsage,
  /** What its child sessions, and theirs, spent on top. */
  children: Schema.optionalKey(Schema.Struct({ cost: Schema.Finite, tokens: TokenUsage })),
  /** History from this message on is taken back, until it is brought back or the next prompt is promoted (RT-21). */
  revert: Schema.optionalKey(
    Schema.Struct({
      messageID: MessageID,
      /** How many messages were taken back, and how many files with them. */
      messages: Schema.optionalKey(Schema.Int),
      files: Schema.optionalKey(Schema.Int),
      /** Files are on their way, and nothing is final yet: they are taken back, or (`unrevert`) brought back. */
      unfinished: Schema.optionalKey(Schema.Literals([true, 'unrevert'])),
    }),
  ),
  time: Schema.Struct({
    created: Schema.Int,
    updated: Schema.Int,
    archived: Schema.optionalKey(Schema.Int),
  }),
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
