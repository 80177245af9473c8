import * as Schema from 'effect/Schema';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { JsonObject, ToolMetadata } from '#shared/part.ts';
import type { PermissionSubject } from '#shared/permission.ts';
import type { FileChange } from '../snapshot/file-state.ts';
import { parameterSchema } from './parameter-schema.ts';

/**
 * A tool is one file: a factory that takes its world and returns `defineTool({ … })`.
 * `permission` says what the call needs, decided from its arguments and the state of files, without any effect;
 * `execute` does it, and looks again: between the two a user may have thought for an hour.
 */
export interface Tool<A> {
  /** What the model calls it by; pinned. */
  readonly id: string;
  /** The rule key that decides whether the model sees the tool at all: `edit` for everything that edits. */
  readonly permissionKey: string;
  readonly description: string;
  /** Becomes the JSON Schema that the model sees; every argument is decoded by it. */
  readonly parameters: Schema.Codec<A, unknown>;
  /** A call with effects is durable before it starts (the intent is acknowledged). */
  readonly effects: boolean;
  /** Real paths of the files that the call is about: calls of a session on one file run in their order (TL-18). */
  touches(args: A): Promise<readonly string[]>;
  permission(args: A, context: ToolContext): Promise<readonly PermissionNeed[]>;
  execute(args: A, context: ExecutionContext): Promise<ToolResult>;
  /** The subject of the card's one line, from whatever arguments there are. */
  title(args: A): string;
}

export interface ToolContext {
  readonly sessionID: SessionID;
  readonly messageID: MessageID;
  readonly callID: string;
  readonly agent: string;
  /** Aborted on interrupt; every await inside hangs on it. */
  readonly signal: AbortSignal;
  /** What the user saw of this very call before a restart: the call must come to the same, or fail. */
  readonly approved?: PermissionSubject;
  /** Live facts for the card while the call runs (a command's tail); ephemeral. */
  progress(metadata: ToolMetadata): void;
  /** A file was changed by this call: kept with its settlement, for the way back (RT-21). */
  recordChange(change: FileChange): void;
}

export interface ExecutionContext extends ToolContext {
  /** The needs that were allowed: what is done must be covered by them. */
  readonly granted: readonly PermissionNeed[];
}

/** One thing that must be allowed before a call runs. */
export interface PermissionNeed {
  /** The rule key: `read`, `edit`, `shell`, `external_directory`, … */
  readonly permission: string;
  /** Values that rules are matched against: relative paths inside the Location, absolute ones outside, the command. */
  readonly patterns: readonly string[];
  /** What *Always allow* would save; empty when it is not offered. */
  readonly always: readonly string[];
  readonly subject: PermissionSubject;
  /** Set when the need is a floor (decision 4): asks even where a rule allows, and is never saved or auto-approved. */
  readonly floor?: string;
}

export interface ToolResult {
  /** Everything the tool found; the registry bounds it. A tool may bound its own before (`bounded: true`). */
  readonly output: string;
  readonly title: string;
  readonly metadata: ToolMetadata;
  /** The tool kept to the bounds by itself, but for the lines that frame its output. */
  readonly bounded?: true;
}

/** The call could not be done: a letter to the model, short, factual, with the next move. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly metadata: ToolMetadata;
  constructor(letter: string, metadata: ToolMetadata = {}) {
    super(letter);
    this.metadata = metadata;
  }
}

/** A tool whose arguments' type nobody but itself needs to know. */
export interface AnyTool extends Pick<Tool<never>, 'id' | 'permissionKey' | 'description' | 'effects'> {
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
  /** Decodes the arguments of one call. */
  prepare(input: unknown): Preparation;
}

export type Preparation =
  | { readonly type: 'valid'; readonly call: PreparedCall }
  | { readonly type: 'invalid'; readonly problems: readonly string[] };

/** A call whose arguments are known to be right. */
export interface PreparedCall {
  readonly title: string;
  touches(): Promise<readonly string[]>;
  permission(context: ToolContext): Promise<readonly PermissionNeed[]>;
  execute(context: ExecutionContext): Promise<ToolResult>;
}

/** Types a tool by its parameters' schema, and closes over that type. */
export function defineTool<A>(tool: Tool<A>): AnyTool {
  const { id, permissionKey, description, effects } = tool;
  const standard = Schema.toStandardSchemaV1(tool.parameters)['~standard'];
  return {
    id,
    permissionKey,
    description,
    effects,
    parameters: parameterSchema(tool.parameters),
    prepare: (input) => {
      const decoded = standard.validate(withoutNulls(input));
      if (decoded instanceof Promise) throw new TypeError(`The parameters of ${id} decode asynchronously.`);
      if (decoded.issues !== undefined)
        return { type: 'invalid', problems: decoded.issues.map(describeIssue) };
      const args = decoded.value;
      return {
        type: 'valid',
        call: {
          title: tool.title(args),
          touches: () => tool.touches(args),
          permission: (context) => tool.permission(args, context),
          execute: (context) => tool.execute(args, context),
        },
      };
    },
  };
}

/** Some models send null for what they leave out. */
function withoutNulls(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

function describeIssue({ message, path = [] }: Issue): string {
  const where = path
    .map((key) => (typeof key === 'object' && key !== null && 'key' in key ? key.key : key))
    .join('.');
  if (where === '') return `the arguments: ${lower(message)}`;
  return message === 'Missing key' ? `${where}: missing` : `${where}: ${lower(message)}`;
}

function lower(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
