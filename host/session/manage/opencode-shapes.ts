import * as Schema from 'effect/Schema';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { JsonObject } from '#shared/part.ts';

// What Millrace reads of the JSON of `opencode export`. Unknown keys are let through unread.

const optional = Schema.optionalKey;
export const Tokens = Schema.Struct({
  input: Schema.Finite,
  output: Schema.Finite,
  reasoning: Schema.Finite,
  cache: Schema.Struct({ read: Schema.Finite, write: Schema.Finite }),
});
export type Tokens = typeof Tokens.Type;

export const Foreign = Schema.Struct({
  info: Schema.Struct({
    id: SessionID,
    title: optional(Schema.String),
    version: optional(Schema.String),
    time: Schema.Struct({ created: Schema.Finite, updated: optional(Schema.Finite) }),
  }),
  messages: Schema.Array(Schema.Struct({ info: Schema.Unknown, parts: Schema.Array(Schema.Unknown) })),
});

export const User = Schema.Struct({
  id: MessageID,
  role: Schema.Literal('user'),
  agent: optional(Schema.String),
  model: optional(
    Schema.Struct({
      providerID: Schema.String,
      modelID: Schema.String,
      variant: optional(Schema.String),
    }),
  ),
  time: Schema.Struct({ created: Schema.Finite }),
});
export const Assistant = Schema.Struct({
  id: MessageID,
  role: Schema.Literal('assistant'),
  parentID: optional(MessageID),
  providerID: optional(Schema.String),
  modelID: optional(Schema.String),
  variant: optional(Schema.String),
  agent: optional(Schema.String),
  mode: optional(Schema.String),
  path: optional(Schema.Struct({ cwd: Schema.String, root: Schema.String })),
  cost: optional(Schema.Finite),
  tokens: optional(Tokens),
  finish: optional(Schema.String),
  summary: optional(Schema.Unknown),
  error: optional(Schema.Struct({ name: Schema.String, data: optional(JsonObject) })),
  time: Schema.Struct({ created: Schema.Finite, completed: optional(Schema.Finite) }),
});

const base = { id: PartID };
const span = Schema.Struct({ start: Schema.Finite, end: optional(Schema.Finite) });
export const State = Schema.Struct({
  status: Schema.Literals(['pending', 'running', 'completed', 'error']),
  input: optional(JsonObject),
  output: optional(Schema.String),
  title: optional(Schema.String),
  error: optional(Schema.String),
  metadata: optional(Schema.Unknown),
  time: optional(span),
});
export const ForeignPart = Schema.Union([
  Schema.Struct({
    ...base,
    type: Schema.Literal('text'),
    text: Schema.String,
    synthetic: optional(Schema.Boolean),
  }),
  Schema.Struct({ ...base, type: Schema.Literal('reasoning'), text: Schema.String, time: optional(span) }),
  Schema.Struct({
    ...base,
    type: Schema.Literal('tool'),
    callID: Schema.String,
    tool: Schema.String,
    state: State,
  }),
  Schema.Struct({
    ...base,
    type: Schema.Literal('step-finish'),
    reason: Schema.String,
    cost: Schema.Finite,
    tokens: Tokens,
  }),
]);
