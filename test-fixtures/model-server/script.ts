import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** A conversation as its author writes it: which words of a user get which reply. One JSONC file each. */

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
const pace = {
  /** In how many pieces it is streamed; default 1. */
  chunks: Schema.optionalKey(Count),
  /** Pause after each piece. */
  delayMs: Schema.optionalKey(Count),
};

export const UsageNumbers = Schema.Struct({
  /** The whole prompt, cached tokens included. */
  input: Count,
  /** The whole answer, reasoning included. */
  output: Count,
  cacheRead: Schema.optionalKey(Count),
  reasoning: Schema.optionalKey(Count),
});
export type UsageNumbers = typeof UsageNumbers.Type;

export const Step = Schema.Union([
  Schema.Struct({ text: Schema.String, ...pace }),
  /** What the model thinks; formats that sign thoughts sign it. Without words it is a thought that is kept secret. */
  Schema.Struct({
    reasoning: Schema.String,
    /** It has to come back, signed as it was, with the calls that follow it. */
    keep: Schema.optionalKey(Schema.Literal(true)),
    ...pace,
  }),
  /** A tool call. `inputText` instead of `input` sends arguments that are no JSON. */
  Schema.Struct({
    tool: Schema.String,
    input: Schema.Record(Schema.String, Schema.Unknown),
    /** Its call id, for servers that repeat theirs; default: one of its own. */
    id: Schema.optionalKey(Schema.String),
    ...pace,
  }),
  Schema.Struct({ tool: Schema.String, inputText: Schema.String, ...pace }),
  /** A search that the server runs by itself; formats without such leave it out. */
  Schema.Struct({ search: Schema.String, found: Schema.String }),
  /** Bytes that stand in the stream as they are: what no server should send. */
  Schema.Struct({ raw: Schema.String }),
  /** Replaces the counted usage. */
  Schema.Struct({ usage: UsageNumbers }),
  /**
   * As the first step: an HTTP error. After other steps: an error object inside the stream, which ends there. Each
   * format says it in its own way, unless there is a `body` to be sent as it is.
   */
  Schema.Struct({
    error: Schema.Struct({
      status: Schema.Int,
      /** OpenAI's word for it, e.g. `context_length_exceeded`. */
      code: Schema.optionalKey(Schema.String),
      message: Schema.optionalKey(Schema.String),
      /** How long a prompt was, and how long it may be. */
      tokens: Schema.optionalKey(Schema.Struct({ sent: Count, limit: Count })),
      headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
      body: Schema.optionalKey(Schema.Unknown),
    }),
  }),
  Schema.Struct({ delayMs: Count }),
  /** Holds the stream until `open(name)`. */
  Schema.Struct({ gate: Schema.String }),
  /** A keep-alive that carries nothing. */
  Schema.Struct({ comment: Schema.String }),
  /** Why it ends: `length` and `content_filter` in each format's own way, any other word as it is. */
  Schema.Struct({ finish: Schema.String }),
  /** The connection breaks. */
  Schema.Struct({ cut: Schema.Literal(true) }),
  /** Nothing comes any more, and the connection stays. */
  Schema.Struct({ hang: Schema.Literal(true) }),
]);
export type Step = typeof Step.Type;

/** All that is named must hold. Nothing named: the fallback, tried after every other turn. */
export const When = Schema.Struct({
  /** Words in the last message of the user, case ignored. */
  user: Schema.optionalKey(Schema.String),
  /** How often the model has spoken since then. */
  step: Schema.optionalKey(Count),
  /** `step` is below this. */
  before: Schema.optionalKey(Count),
  /** Words in the newest tool result, case ignored. */
  toolResult: Schema.optionalKey(Schema.String),
  /** Words in the system message, case ignored. */
  system: Schema.optionalKey(Schema.String),
  /** Whether the request offers tools; without this word a turn only answers requests that do. */
  tools: Schema.optionalKey(Schema.Boolean),
});
export type When = typeof When.Type;

export const Turn = Schema.Struct({
  when: Schema.optionalKey(When),
  /** The turn answers so many requests of equal bytes, then stands back: for errors that pass. */
  times: Schema.optionalKey(Count),
  /** In strings `{{step}}` and `{{user}}` are replaced. */
  reply: Schema.Array(Step),
});
export type Turn = typeof Turn.Type;

export const Script = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String),
  /** The model id that requests have to name; `*` takes any. Others get "model not found". */
  model: Schema.String,
  /** Answer to requests without tools, which ask for a title; default "Scripted conversation". */
  title: Schema.optionalKey(Schema.String),
  /** Requests of more tokens (4 bytes each) are refused as too long. */
  contextTokens: Schema.optionalKey(Count),
  turns: Schema.Array(Turn),
});
export type Script = typeof Script.Type;

const decodeScript = Schema.decodeUnknownSync(Script, { errors: 'all', onExcessProperty: 'error' });

/** Scripts of a file, or of all `*.jsonc` files of a folder in the order of their names. Throws with file and reason. */
export function loadScripts(path: string): readonly Script[] {
  if (!statSync(path).isDirectory()) return [loadScript(path)];
  const files = readdirSync(path).filter((name) => name.endsWith('.jsonc'));
  return files.sort().map((name) => loadScript(join(path, name)));
}

function loadScript(file: string): Script {
  const errors: ParseError[] = [];
  const value: unknown = parse(readFileSync(file, 'utf8'), errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined)
    throw new Error(`${file}: ${printParseErrorCode(first.error)} at offset ${first.offset}`);
  try {
    return decodeScript(value);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
