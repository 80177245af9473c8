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
  /** Tokens that fit; absent when nobody says. */
  contextLimit: Schema.optionalKey(Schema.Int),
  /** Absent: it is simply available. What is hidden is offered only where it was chosen before. */
  status: Schema.optionalKey(Schema.Literals(['beta', 'deprecated', 'hidden'])),
  /** A credential of the user's would go where the project says: they are asked before the first request. */
  needsConsent: Schema.optionalKey(Schema.Literal(true)),
  /** US dollars per million tokens, for short prompts. */
  price: Schema.optionalKey(Schema.Struct({ input: Schema.Finite, output: Schema.Finite })),
  /** YYYY-MM-DD */
  releaseDate: Schema.optionalKey(Schema.String),
  /** Names of the variants it can be run in, the one that thinks least first. */
  variants: Schema.optionalKey(Schema.Array(Schema.String)),
  capabilities: Schema.optionalKey(
    Schema.Struct({
      /** What it reads: `text`, `image`, `pdf`, `audio`, `video`. */
      input: Schema.Array(Schema.String),
      reasoning: Schema.Boolean,
      toolCall: Schema.Boolean,
    }),
  ),
});
export type ModelChoice = typeof ModelChoice.Type;

/** What the next prompt will be sent with. `model` is null when there is none to choose. */
export const Choices = Schema.Struct({
  agents: Schema.Array(AgentChoice),
  agent: Schema.String,
  model: Schema.NullOr(ModelRef),
  /** What is known of that model; absent where it is not on offer any more. */
  chosen: Schema.optionalKey(ModelChoice),
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

/** A session that a search found, with the words around the first place; no snippet: the title matched. */
export const FoundSession = Schema.Struct({ id: SessionID, snippet: Schema.optionalKey(Schema.String) });
export type FoundSession = typeof FoundSession.Type;

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
  Schema.Struct({
    type: Schema.Literal('sessions.found'),
    query: Schema.String,
    found: Schema.Array(FoundSession),
  }),
  /** A text for the prompt box, where it is empty: the prompt that was taken back, or taken out of the inbox. */
  Schema.Struct({ type: Schema.Literal('draft'), text: Schema.String }),
  /** The user asked for the chat by a command: the prompt box takes the focus. */
  Schema.Struct({ type: Schema.Literal('focus') }),
  /** A prompt is durable in a session that the chat does not show: the user went on to another one meanwhile. */
  Schema.Struct({ type: Schema.Literal('prompt.admitted'), messageID: MessageID }),
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
  /** An Admitted Prompt that is not in history yet gets another text. */
  Schema.Struct({
    type: Schema.Literal('input.edit'),
    sessionID: SessionID,
    messageID: MessageID,
    text: Schema.String,
  }),
  Schema.Struct({ type: Schema.Literal('input.cancel'), sessionID: SessionID, messageID: MessageID }),
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
  Schema.Struct({ type: Schema.Literal('session.rename'), sessionID: SessionID, title: Schema.String }),
  Schema.Struct({ type: Schema.Literal('session.archive'), sessionID: SessionID, archived: Schema.Boolean }),
  /** The host asks before it deletes. */
  Schema.Struct({ type: Schema.Literal('session.delete'), sessionID: SessionID }),
  /** A new session with the history before the message, or with all of it. */
  Schema.Struct({
    type: Schema.Literal('session.fork'),
    sessionID: SessionID,
    messageID: Schema.NullOr(MessageID),
  }),
  Schema.Struct({ type: Schema.Literal('session.revert'), sessionID: SessionID, messageID: MessageID }),
  Schema.Struct({ type: Schema.Literal('session.unrevert'), sessionID: SessionID }),
  Schema.Struct({ type: Schema.Literal('session.compact'), sessionID: SessionID }),
  Schema.Struct({ type: Schema.Literal('session.search'), query: Schema.String }),
  Schema.Struct({ type: Schema.Literal('session.export'), sessionID: SessionID }),
  /** The sessions of another store, which a notice offered, are copied here; or they are not wanted. */
  Schema.Struct({ type: Schema.Literal('sessions.adopt'), storage: Schema.String }),
  Schema.Struct({ type: Schema.Literal('sessions.adopt.decline'), storage: Schema.String }),
  Schema.Struct({ type: Schema.Literal('trace.show'), sessionID: SessionID, messageID: MessageID }),
  Schema.Struct({ type: Schema.Literal('older.load'), sessionID: SessionID, before: MessageID }),
  Schema.Struct({
    type: Schema.Literal('choices.change'),
    agent: Schema.String,
    model: Schema.NullOr(ModelRef),
  }),
  /** The user is shown all models to choose from. */
  Schema.Struct({ type: Schema.Literal('model.choose') }),
  /** At this provider; null: the user is asked where. */
  Schema.Struct({ type: Schema.Literal('account.sign-in'), providerID: Schema.NullOr(Schema.String) }),
  /** The user is asked whether a key may go where the project says, and the session goes on if so. */
  Schema.Struct({ type: Schema.Literal('endpoint.consent'), sessionID: SessionID }),
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
