import * as Schema from 'effect/Schema';
import { isObject, type JsonSchema, problemsOf } from '../json-schema.ts';
import type { LLMTool } from '../schema.ts';

/** A tool that `runTools` can run: what the model is shown of it, and how a call of it is prepared. */
export type Tool = {
  readonly definition: LLMTool;
  /** Runs while no other call of the same answer does. */
  readonly alone: boolean;
  prepare(input: unknown): Prepared;
};

export type Prepared =
  | { readonly type: 'valid'; run(options: ToolOptions): Promise<unknown> }
  /** What is wrong with the input, in words for the model. */
  | { readonly type: 'invalid'; readonly problems: readonly string[] };

export type ToolOptions = { readonly signal: AbortSignal };

type Facts<A> = {
  readonly name: string;
  readonly description: string;
  /** Set for a tool that must not run beside others of the same answer. Default false. */
  readonly alone?: boolean;
  /** What it returns goes to the model: a string as it is, else as JSON. What it throws goes there as an error. */
  execute(input: A, options: ToolOptions): unknown;
};

export type SchemaTool<A> = Facts<A> & { readonly parameters: Schema.Codec<A, unknown> };
export type PlainTool = Facts<Readonly<Record<string, unknown>>> & { readonly parameters: JsonSchema };

/**
 * A tool with the schema of its input. With an Effect Schema the input is decoded by it; with plain JSON Schema it is an
 * object with all that is required, its properties of the types that the schema names.
 */
export function defineTool<A>(tool: SchemaTool<A>): Tool;
export function defineTool(tool: PlainTool): Tool;
export function defineTool<A>(tool: SchemaTool<A> | PlainTool): Tool {
  return isPlain(tool) ? plainTool(tool) : schemaTool(tool);
}

function isPlain<A>(tool: SchemaTool<A> | PlainTool): tool is PlainTool {
  return !Schema.isSchema(tool.parameters);
}

function plainTool(tool: PlainTool): Tool {
  const { name, description, parameters, alone = false } = tool;
  return {
    definition: { name, description, parameters },
    alone,
    prepare: (input) => {
      if (!isObject(input)) return { type: 'invalid', problems: ['the arguments are no JSON object'] };
      const problems = problemsOf(input, parameters);
      if (problems.length > 0) return { type: 'invalid', problems };
      return { type: 'valid', run: async (options) => tool.execute(input, options) };
    },
  };
}

function schemaTool<A>(tool: SchemaTool<A>): Tool {
  const { name, description, parameters, alone = false } = tool;
  const standard = Schema.toStandardSchemaV1(parameters)['~standard'];
  return {
    definition: { name, description, parameters: jsonSchema(parameters) },
    alone,
    prepare: (input) => {
      const decoded = standard.validate(input);
      if (decoded instanceof Promise) throw new TypeError(`The parameters of ${name} decode asynchronously.`);
      if (decoded.issues !== undefined) return { type: 'invalid', problems: decoded.issues.map(problem) };
      const { value } = decoded;
      return { type: 'valid', run: async (options) => tool.execute(value, options) };
    },
  };
}

function jsonSchema(parameters: Schema.Codec<unknown, unknown>): JsonSchema {
  const { schema, definitions } = Schema.toJsonSchemaDocument(parameters);
  return Object.keys(definitions).length === 0 ? schema : { ...schema, $defs: definitions };
}

type Issue = { readonly message: string; readonly path?: readonly unknown[] | undefined };

function problem({ message, path = [] }: Issue): string {
  const keys = path.map((key) => (isObject(key) && 'key' in key ? key['key'] : key));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
