import * as Schema from 'effect/Schema';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type ConfigKey, type ConfigValues, configKeys, laterKeys } from './config-schema.ts';
import { parsedValue } from './parsed-value.ts';

/** Something wrong in a configuration file, at a line counted from 1. */
export interface ConfigProblem {
  readonly type: 'syntax' | 'value';
  readonly line: number;
  readonly reason: string;
}

export interface ConfigFile {
  readonly values: ConfigValues;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads one opencode.json or opencode.jsonc. Never throws: a file that does not parse gives no values and one problem;
 * a key that does not decode is left out and told with its line.
 */
export function parseConfigFile(text: string): ConfigFile {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const first = errors[0];
  if (first) return broken(text, first.offset, words(printParseErrorCode(first.error)));
  if (root === undefined) return { values: {}, problems: [] };
  if (root.type !== 'object') return broken(text, root.offset, 'expected an object at the top');
  return decodeKeys(text, root);
}

function decodeKeys(text: string, root: Node): ConfigFile {
  const values: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [key, raw] of Object.entries(parsedValue(root))) {
    const at = (path: readonly PropertyKey[]) =>
      lineOf(text, nodeAt(root, [key, ...path])?.offset ?? root.offset);
    if (!isConfigKey(key)) {
      if (!laterKeys.has(key)) problems.push({ type: 'value', line: at([]), reason: `unknown key "${key}"` });
      continue;
    }
    const decoded = Schema.decodeUnknownResult(configKeys[key] as Schema.Codec<unknown>)(raw);
    if (decoded._tag === 'Success') values[key] = decoded.success;
    else problems.push(valueProblem(key, String(decoded.failure.message), at));
  }
  return { values, problems };
}

/** The schema says what it expected and where; the deepest place that exists in the file gives the line. */
function valueProblem(
  key: string,
  message: string,
  at: (path: readonly PropertyKey[]) => number,
): ConfigProblem {
  const [expected = message] = message.split('\n');
  const path = [...message.matchAll(pathSteps)].map(
    (match) => JSON.parse(match[1] ?? '""') as string | number,
  );
  const name = [key, ...path].join('.');
  return { type: 'value', line: at(path), reason: `${name}: ${expected.trim()}` };
}

const pathSteps = /\[("(?:[^"\\]|\\.)*"|\d+)\]/g;

function nodeAt(root: Node, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length) as (string | number)[]);
    if (node) return node;
  }
  return undefined;
}

function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(configKeys, key);
}

function broken(text: string, offset: number, reason: string): ConfigFile {
  return { values: {}, problems: [{ type: 'syntax', line: lineOf(text, offset), reason }] };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** `CommaExpected` -> `comma expected`. */
function words(code: string): string {
  return code.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : ' ') + letter.toLowerCase());
}
