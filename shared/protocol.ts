import * as Schema from 'effect/Schema';
import { ViewEvent } from './events.ts';
import { MessageID, PermissionID, SessionID } from './ids.ts';
import { ModelRef } from './message.ts';
import { Notice } from './notice.ts';
import { PermissionReply, PermissionRequest } from './permission.ts';
import { AdmittedPrompt, Delivery, MessageWithParts, Session, SessionStatus } from './session.ts';

export const AgentChoice = Schema.Struct({ name: Schema.String, description: Schema.String });
export type AgentChoice = typeof AgentChoice.Type;

export const ModelChoice = Schema.Struct({
  ref: ModelRef,
  name: Schema.String,
  providerName: Schema.String,
  /** Tokens that fit; absent when the configuration does not say. */
  contextLimit: Schema.optionalKey(Schema.Int),
});
export type ModelChoice = typeof ModelChoice.Type;

/** What the next prompt will be sent with. `model` is null when no provider is configured. */
export const Choices = Schema.Struct({
  agents: Schema.Array(AgentChoice),
  models: Schema.Array(ModelChoice),
  agent: Schema.String,
  model: Schema.NullOr(ModelRef),
});
export type Choices = typeof Choices.Type;

export const SessionWindow = Schema.Struct({
  session: Session,
  status: SessionStatus,
  inbox: Schema.Array(AdmittedPrompt),
  /** The last messages only; older ones are asked for. */
  messages: Schema.Array(MessageWithParts),
  permissions: Schema.Array(PermissionRequest),
});

/** Messages of the host to the webview. Batches are numbered without gaps from `state.seq` on. */
export const ToWebview = Schema.Union([
  Schema.Struct({
    type: Schema.Literal('state'),
    seq: Schema.Int,
    /** English text -> translated text; empty where the editor speaks English. */
    translations: Schema.Record(Schema.String, Schema.String),
    location: Schema.NullOr(Schema.Struct({ name: Schema.String, directory: Schema.String })),
    trusted: Schema.Boolean,
    window: Schema.NullOr(SessionWindow),
    hasOlder: Schema.Boolean,
    sessions: Schema.Array(Session),
    choices: Choices,
    notices: Schema.Array(Notice),
  }),
  Schema.Struct({ type: Schema.Literal('events'), seq: Schema.Int, events: Schema.Array(ViewEvent) }),
  Schema.Struct({ type: Schema.Literal('choices'), choices: Choices }),
  Schema.Struct({
    type: Schema.Literal('older'),
    sessionID: SessionID,
    messages: Schema.Array(MessageWithParts),
    hasOlder: Schema.Boolean,
  }),
  /** The user asked for the chat by a command: the prompt box takes the focus. */
  Schema.Struct({ type: Schema.Literal('focus') }),
  /** A prompt could not be admitted; its text stays in the prompt box. */
  Schema.Struct({
    type: Schema.Literal('prompt.refused'),
    messageID: MessageID,
    code: Schema.String,
    detail: Schema.String,
  }),
]);
export type ToWebview = typeof ToWebview.Type;

/** Messages of the webview to the host. Everything in them is checked: a webview is not trusted. */
export const FromWebview = Schema.Union([
  Schema.Struct({ type: Schema.Literal('ready') }),
  /** The batch up to `seq` is on the screen: the host sends on. */
  Schema.Struct({ type: Schema.Literal('ack'), seq: Schema.Int }),
  /** A batch is missing or could not be folded: send the state again. */
  Schema.Struct({ type: Schema.Literal('resync') }),
  Schema.Struct({
    type: Schema.Literal('prompt.submit'),
    messageID: MessageID,
    sessionID: Schema.NullOr(SessionID),
    text: Schema.String,
    delivery: Delivery,
    agent: Schema.String,
    model: Schema.NullOr(ModelRef),
  }),
  Schema.Struct({ type: Schema.Literal('run.stop'), sessionID: SessionID }),
  /** Runs the next provider turn on the history as it is: after an error or an interruption. */
  Schema.Struct({ type: Schema.Literal('run.continue'), sessionID: SessionID }),
  Schema.Struct({
    type: Schema.Literal('permission.reply'),
    sessionID: SessionID,
    id: PermissionID,
    reply: PermissionReply,
  }),
  Schema.Struct({ type: Schema.Literal('session.new') }),
  Schema.Struct({ type: Schema.Literal('session.open'), sessionID: SessionID }),
  Schema.Struct({ type: Schema.Literal('older.load'), sessionID: SessionID, before: MessageID }),
  Schema.Struct({
    type: Schema.Literal('choices.change'),
    agent: Schema.String,
    model: Schema.NullOr(ModelRef),
  }),
  Schema.Struct({ type: Schema.Literal('link.open'), href: Schema.String }),
  Schema.Struct({
    type: Schema.Literal('file.open'),
    path: Schema.String,
    line: Schema.optionalKey(Schema.Int),
  }),
  Schema.Struct({ type: Schema.Literal('config.open') }),
  Schema.Struct({ type: Schema.Literal('log.show') }),
  Schema.Struct({ type: Schema.Literal('trust.manage') }),
  Schema.Struct({ type: Schema.Literal('error.report'), message: Schema.String, stack: Schema.String }),
]);
export type FromWebview = typeof FromWebview.Type;
