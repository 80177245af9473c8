import * as Schema from 'effect/Schema';
import { MessageID, SessionID } from './ids.ts';

/** A model as users and configuration write it, split at the first slash: `provider/model`. */
export const ModelRef = Schema.Struct({
  providerID: Schema.String,
  modelID: Schema.String,
  /** How much it thinks, or another way to run it, by the catalogue's name. */
  variant: Schema.optionalKey(Schema.String),
});
export type ModelRef = typeof ModelRef.Type;

export const TokenUsage = Schema.Struct({
  input: Schema.Int,
  output: Schema.Int,
  reasoning: Schema.Int,
  cache: Schema.Struct({ read: Schema.Int, write: Schema.Int }),
});
export type TokenUsage = typeof TokenUsage.Type;

export const noTokens: TokenUsage = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };

/** Names are OpenCode's; `code` is ours and is what texts are chosen by. */
export const ErrorName = Schema.Literals([
  'ProviderAuthError',
  'UnknownError',
  'MessageOutputLengthError',
  'MessageAbortedError',
  'ContextOverflowError',
  'ContentFilterError',
  'APIError',
]);

/**
 * Why a message could not go on: a code and its data, never a rendered text (decision 20).
 * `data.message` is the provider's or system's own wording, shown as a detail.
 */
export const MessageError = Schema.Struct({
  name: ErrorName,
  data: Schema.Struct({
    code: Schema.String,
    message: Schema.String,
    statusCode: Schema.optionalKey(Schema.Int),
    isRetryable: Schema.optionalKey(Schema.Boolean),
    retryAfterMs: Schema.optionalKey(Schema.Int),
    providerID: Schema.optionalKey(Schema.String),
    modelID: Schema.optionalKey(Schema.String),
    endpoint: Schema.optionalKey(Schema.String),
    requestID: Schema.optionalKey(Schema.String),
    agent: Schema.optionalKey(Schema.String),
  }),
});
export type MessageError = typeof MessageError.Type;

export const UserMessage = Schema.Struct({
  id: MessageID,
  sessionID: SessionID,
  role: Schema.Literal('user'),
  time: Schema.Struct({ created: Schema.Int }),
  agent: Schema.String,
  model: ModelRef,
  /** Set on messages that the host wrote, such as a Mid-Conversation System Message. */
  synthetic: Schema.optionalKey(Schema.Literal(true)),
});
export type UserMessage = typeof UserMessage.Type;

export const AssistantMessage = Schema.Struct({
  id: MessageID,
  sessionID: SessionID,
  role: Schema.Literal('assistant'),
  parentID: MessageID,
  modelID: Schema.String,
  providerID: Schema.String,
  /** The variant that the model was run in. */
  variant: Schema.optionalKey(Schema.String),
  agent: Schema.String,
  /** OpenCode's older name for the agent; always equal to it. */
  mode: Schema.String,
  path: Schema.Struct({ cwd: Schema.String, root: Schema.String }),
  cost: Schema.Finite,
  tokens: TokenUsage,
  finish: Schema.optionalKey(Schema.String),
  /** Its text is the summary that Compaction folded the history before it into. */
  summary: Schema.optionalKey(Schema.Literal(true)),
  error: Schema.optionalKey(MessageError),
  /** The provider's raw fields of the whole answer, kept for the round trip. */
  metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  time: Schema.Struct({ created: Schema.Int, completed: Schema.optionalKey(Schema.Int) }),
});
export type AssistantMessage = typeof AssistantMessage.Type;

/** Message headers, told apart by `role` as in OpenCode; the content is in parts. */
export const MessageInfo = Schema.Union([UserMessage, AssistantMessage]);
export type MessageInfo = typeof MessageInfo.Type;
