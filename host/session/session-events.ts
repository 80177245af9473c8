import * as Schema from 'effect/Schema';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { AssistantMessage, MessageInfo, ModelRef, TokenUsage, UserMessage } from '#shared/message.ts';
import { ContextPart, JsonObject, Part, TextPart, ToolPart } from '#shared/part.ts';
import { AdmittedPrompt, Session } from '#shared/session.ts';
import { FileChange } from '../snapshot/file-state.ts';

const event = <F extends Schema.Struct.Fields>(fields: F) => ({ version: 1, schema: Schema.Struct(fields) });

/**
 * The durable facts of a session, as the journal keeps them. They are versioned, never leave the host, and carry
 * everything that their appliers need: ids and times are fixed before they are written.
 */
export const sessionEvents = {
  'session.created': event({ info: Session }),
  'session.retitled': event({
    sessionID: SessionID,
    title: Schema.String,
    by: Schema.optionalKey(Schema.Literals(['user', 'agent'])),
    /** What the request for it took, US dollars and tokens: the session's, also where the title came too late. */
    spent: Schema.optionalKey(Schema.Struct({ cost: Schema.Finite, tokens: TokenUsage })),
    time: Schema.Int,
  }),
  'session.archived': event({ sessionID: SessionID, archived: Schema.Boolean, time: Schema.Int }),
  /** The tombstone. Its rows go at once; its bytes are erased after it (decision 13). */
  'session.deleted': event({ info: Session }),
  /** Nothing of a deleted session is left on the disk. */
  'session.erased': event({ sessionID: SessionID }),
  /** A session that takes several commits to copy in: until its end it is nobody's, and a restart removes it. */
  'session.copy.began': event({ sessionID: SessionID }),
  'session.copy.ended': event({ sessionID: SessionID }),
  /** Agent or model for the provider turns to come (RT-22). */
  'session.switched': event({
    sessionID: SessionID,
    agent: Schema.String,
    model: ModelRef,
    time: Schema.Int,
  }),
  'session.input.admitted': event({ prompt: AdmittedPrompt }),
  'session.input.edited': event({ prompt: AdmittedPrompt }),
  'session.input.cancelled': event({ sessionID: SessionID, messageID: MessageID }),
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
  /** Old tool outputs leave Session History; the store keeps them. */
  'session.outputs.pruned': event({ sessionID: SessionID, parts: Schema.Array(PartID), time: Schema.Int }),
  /**
   * Compaction: from here on history begins with the summary, and goes on with what came after it. Some messages
   * before it stay word for word: of prompts that were answered, before the summary, which tells of the answer; of what
   * is under way, behind it. It ends the Context Epoch (RT-07).
   */
  'session.compacted': event({
    sessionID: SessionID,
    summary: MessageID,
    answered: Schema.Array(MessageID),
    kept: Schema.Array(MessageID),
    time: Schema.Int,
  }),
  /** A message of another session, or of a file, in this one: by a fork or an import. */
  'session.message.copied': event({ info: MessageInfo, parts: Schema.Array(Part) }),
  /** A tool changed a file: its content before and after, by the hashes of kept copies. */
  'session.file.changed': event({ sessionID: SessionID, messageID: MessageID, change: FileChange }),
  /** History from the message on is taken back; `files` are what they were just before that, for the way back. */
  'session.reverted': event({
    sessionID: SessionID,
    messageID: MessageID,
    files: Schema.Array(FileChange),
    /** Files are still on their way: told again without it once all have arrived. */
    unfinished: Schema.optionalKey(Schema.Literal(true)),
    time: Schema.Int,
  }),
  /** Files are on their way from `after`, which is what stands there now, to `before`; `session.unreverted` ends it. */
  'session.unrevert.began': event({
    sessionID: SessionID,
    files: Schema.Array(FileChange),
    time: Schema.Int,
  }),
  'session.unreverted': event({ sessionID: SessionID, time: Schema.Int }),
  /** What was taken back is gone for good: a new prompt took its place. */
  'session.history.cut': event({ sessionID: SessionID, messages: Schema.Array(MessageID), time: Schema.Int }),
} as const;

type Table = typeof sessionEvents;
export type SessionEvent = {
  [T in keyof Table]: { readonly type: T } & Table[T]['schema']['Type'];
}[keyof Table];
export type SessionEventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;
