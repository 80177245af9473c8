import * as Schema from 'effect/Schema';
import { MessageID, PartID, SessionID } from './ids.ts';
import { MessageError, TokenUsage } from './message.ts';

const base = { id: PartID, sessionID: SessionID, messageID: MessageID };
const span = Schema.Struct({ start: Schema.Int, end: Schema.optionalKey(Schema.Int) });

export const JsonObject = Schema.Record(Schema.String, Schema.Unknown);
export type JsonObject = typeof JsonObject.Type;

export const TextPart = Schema.Struct({
  ...base,
  type: Schema.Literal('text'),
  text: Schema.String,
  synthetic: Schema.optionalKey(Schema.Boolean),
  time: Schema.optionalKey(span),
  /** The provider's raw fields of a model's words, kept for the round trip. */
  metadata: Schema.optionalKey(JsonObject),
});
export type TextPart = typeof TextPart.Type;

export const ReasoningPart = Schema.Struct({
  ...base,
  type: Schema.Literal('reasoning'),
  text: Schema.String,
  time: span,
  /** The provider's raw fields, kept for the round trip. */
  metadata: Schema.optionalKey(JsonObject),
});
export type ReasoningPart = typeof ReasoningPart.Type;

/** A block of the provider's own, a search that it ran or its results, kept for the round trip. */
export const NativePart = Schema.Struct({
  ...base,
  type: Schema.Literal('native'),
  /** What it is, in the provider's word, e.g. `web_search`. */
  name: Schema.String,
  /** What it says or was asked, in plain words; often nothing. */
  text: Schema.String,
  metadata: JsonObject,
});
export type NativePart = typeof NativePart.Type;

/** What a tool shows beside its output; every field is optional and small. */
export const ToolMetadata = Schema.Struct({
  /** Absolute path of the file that the call is about. */
  filePath: Schema.optionalKey(Schema.String),
  additions: Schema.optionalKey(Schema.Int),
  deletions: Schema.optionalKey(Schema.Int),
  /** Unified diff, bounded, of an edit that was applied. */
  diff: Schema.optionalKey(Schema.String),
  /** Results found, lines read: the number in the card's one line. */
  count: Schema.optionalKey(Schema.Int),
  /** Exit code of a command; absent while it runs or when a signal ended it. */
  exit: Schema.optionalKey(Schema.Int),
  /** Path of the Managed Tool Output File that holds the whole output. */
  outputPath: Schema.optionalKey(Schema.String),
  /** The whole output could not be kept (TL-07). */
  outputLost: Schema.optionalKey(Schema.Boolean),
  truncated: Schema.optionalKey(Schema.Boolean),
  /** The live tail of a running command, at most 4 KiB; never stored. */
  tail: Schema.optionalKey(Schema.String),
});
export type ToolMetadata = typeof ToolMetadata.Type;

export const ToolPending = Schema.Struct({
  status: Schema.Literal('pending'),
  input: JsonObject,
  /** The arguments as the model streamed them, while they are not whole. */
  raw: Schema.String,
});
export const ToolRunning = Schema.Struct({
  status: Schema.Literal('running'),
  input: JsonObject,
  title: Schema.optionalKey(Schema.String),
  metadata: Schema.optionalKey(ToolMetadata),
  time: Schema.Struct({ start: Schema.Int }),
});
export const ToolCompleted = Schema.Struct({
  status: Schema.Literal('completed'),
  input: JsonObject,
  /** Model Tool Output: bounded, exactly what the model is shown. */
  output: Schema.String,
  title: Schema.String,
  metadata: ToolMetadata,
  /** `compacted`: when the output left Session History; the store still has it. */
  time: Schema.Struct({ start: Schema.Int, end: Schema.Int, compacted: Schema.optionalKey(Schema.Int) }),
});
/** Why a call did not complete: chooses icon and words; `error` is the letter to the model. */
export const ToolFailure = Schema.Literals(['failed', 'invalid', 'rejected', 'denied', 'interrupted']);
export const ToolError = Schema.Struct({
  status: Schema.Literal('error'),
  input: JsonObject,
  error: Schema.String,
  failure: ToolFailure,
  metadata: Schema.optionalKey(ToolMetadata),
  time: Schema.Struct({ start: Schema.Int, end: Schema.Int }),
});
export const ToolState = Schema.Union([ToolPending, ToolRunning, ToolCompleted, ToolError]);
export type ToolState = typeof ToolState.Type;

export const ToolPart = Schema.Struct({
  ...base,
  type: Schema.Literal('tool'),
  callID: Schema.String,
  tool: Schema.String,
  state: ToolState,
  /** The provider's raw fields of the call, kept for the round trip. */
  metadata: Schema.optionalKey(JsonObject),
});
export type ToolPart = typeof ToolPart.Type;

export const StepFinishPart = Schema.Struct({
  ...base,
  type: Schema.Literal('step-finish'),
  reason: Schema.String,
  cost: Schema.Finite,
  tokens: TokenUsage,
});
export type StepFinishPart = typeof StepFinishPart.Type;

/** A Mid-Conversation System Message: the new state of changed Context Sources (RT-08). */
export const ContextPart = Schema.Struct({
  ...base,
  type: Schema.Literal('context'),
  text: Schema.String,
  /** Stable keys of the Context Sources that changed. */
  sources: Schema.Array(Schema.String),
});
export type ContextPart = typeof ContextPart.Type;

/**
 * The provider refused for a reason that may pass, before anything of an answer came: it is asked again. One part for
 * all refusals of a turn, with the newest; gone by as soon as something follows it.
 */
export const RetryPart = Schema.Struct({
  ...base,
  type: Schema.Literal('retry'),
  /** How many times it will have been asked again. */
  attempt: Schema.Int,
  error: MessageError,
  time: Schema.Struct({ created: Schema.Int, next: Schema.Int }),
});
export type RetryPart = typeof RetryPart.Type;

/** Stands first in a summary message: why Compaction ran. */
export const CompactionPart = Schema.Struct({
  ...base,
  type: Schema.Literal('compaction'),
  reason: Schema.Literals(['threshold', 'overflow', 'manual']),
});
export type CompactionPart = typeof CompactionPart.Type;

/** A message's content, told apart by `type`; the pair `{ info, parts }` is OpenCode's shape. */
export const Part = Schema.Union([
  TextPart,
  ReasoningPart,
  NativePart,
  ToolPart,
  RetryPart,
  StepFinishPart,
  ContextPart,
  CompactionPart,
]);
export type Part = typeof Part.Type;
