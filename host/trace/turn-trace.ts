import * as Schema from 'effect/Schema';
import { MessageID, SessionID } from '#shared/ids.ts';
import { ModelRef } from '#shared/message.ts';

const Facts = Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]));
export type Facts = typeof Facts.Type;

/** The wire request as it was sent; credentials are `[redacted]`. */
export const SentRequest = Schema.Struct({
  url: Schema.String,
  headers: Schema.Record(Schema.String, Schema.String),
  body: Schema.Unknown,
});
export type SentRequest = typeof SentRequest.Type;

/** Something that happened in a turn; pieces of one kind in a row are one entry. */
export const TraceEntry = Schema.Struct({
  /** Milliseconds since the turn began. */
  at: Schema.Finite,
  /** Milliseconds until the last piece, or until it was over. */
  lasted: Schema.optionalKey(Schema.Finite),
  name: Schema.String,
  facts: Facts,
});
export type TraceEntry = typeof TraceEntry.Type;

/** What one provider turn sent, got and took: kept for developers, beside the store, for a while. */
export const TurnTrace = Schema.Struct({
  version: Schema.Literal(1),
  sessionID: SessionID,
  messageID: MessageID,
  agent: Schema.String,
  model: ModelRef,
  /** Wall time in milliseconds since the epoch. */
  started: Schema.Int,
  request: Schema.NullOr(SentRequest),
  entries: Schema.Array(TraceEntry),
});
export type TurnTrace = typeof TurnTrace.Type;
