import * as Schema from 'effect/Schema';
import { MessageID, PermissionID, RuleID, SessionID } from './ids.ts';

export const PermissionAction = Schema.Literals(['allow', 'ask', 'deny']);
export type PermissionAction = typeof PermissionAction.Type;

/** One line of a rule list: the last rule whose permission and pattern match wins. */
export const PermissionRule = Schema.Struct({
  permission: Schema.String,
  pattern: Schema.String,
  action: PermissionAction,
});
export type PermissionRule = typeof PermissionRule.Type;

export const RuleLayer = Schema.Literals([
  'defaults',
  'user',
  'project',
  'agent',
  'session',
  'saved',
  'floor',
]);
export type RuleLayer = typeof RuleLayer.Type;

/** The rule that made a request ask, for the card. */
export const RuleOrigin = Schema.Struct({ layer: RuleLayer, rule: Schema.optionalKey(PermissionRule) });
export type RuleOrigin = typeof RuleOrigin.Type;

/** What is about to happen, whole: shown on the card and bound to the answer. */
export const PermissionSubject = Schema.Union([
  Schema.Struct({ type: Schema.Literal('command'), command: Schema.String, workdir: Schema.String }),
  Schema.Struct({
    type: Schema.Literal('edit'),
    filePath: Schema.String,
    diff: Schema.String,
    additions: Schema.Int,
    deletions: Schema.Int,
  }),
  Schema.Struct({ type: Schema.Literal('path'), filePath: Schema.String }),
  Schema.Struct({ type: Schema.Literal('call'), input: Schema.String }),
]);
export type PermissionSubject = typeof PermissionSubject.Type;

export const PermissionRequest = Schema.Struct({
  id: PermissionID,
  sessionID: SessionID,
  permission: Schema.String,
  /** The values that rules were matched against. */
  patterns: Schema.Array(Schema.String),
  /** What *Always allow* would save; empty when it is not offered. */
  always: Schema.Array(Schema.String),
  agent: Schema.String,
  subject: PermissionSubject,
  origin: RuleOrigin,
  tool: Schema.Struct({ messageID: MessageID, callID: Schema.String, name: Schema.String }),
  time: Schema.Struct({ created: Schema.Int }),
});
export type PermissionRequest = typeof PermissionRequest.Type;

/** `once`, `always` and `reject` are OpenCode's; `never` saves a deny (TL-09). */
export const PermissionReply = Schema.Struct({
  type: Schema.Literals(['once', 'always', 'reject', 'never']),
  /** Told to the model with a rejection. */
  message: Schema.optionalKey(Schema.String),
});
export type PermissionReply = typeof PermissionReply.Type;

/** A saved answer: scoped to one project and one agent. */
export const SavedRule = Schema.Struct({
  id: RuleID,
  project: Schema.String,
  agent: Schema.String,
  rule: PermissionRule,
  time: Schema.Struct({ created: Schema.Int }),
});
export type SavedRule = typeof SavedRule.Type;
