import { isAmong, type JsonSchema, typeOf, typesOf } from '../json-schema.ts';

const outerBreaks = /^\r?\n|\r?\n$/g;
const literalStart = /^\s*[[{]/;

/**
 * A parameter that a model wrote as bare text, as JSON text of the type that the tool's schema wants. What does not fit
 * stays a string, so that the tool can say what it expected. One line break at each end belongs to the tags.
 */
export function typedValue(written: string, schema: unknown, root: JsonSchema): string {
  const text = written.replaceAll(outerBreaks, '');
  const types = typesOf(schema, root);
  const value = parse(text);
  const type = typeOf(value);
  const literal = type === 'array' || type === 'object' ? literalStart.test(text) : true;
  // Where a string would do as well, a word is a word: only null and what is written as a list or an object is not.
  const plain = types.has('string') && type !== 'null' && type !== 'array' && type !== 'object';
  return isAmong(type, types) && literal && !plain ? JSON.stringify(value) : JSON.stringify(text);
}

/** The value that a text spells, as JSON does or as Python does; itself if it spells none. */
function parse(text: string): unknown {
  const word = text.trim();
  const known = python.get(word);
  if (known !== undefined) return known;
  try {
    return JSON.parse(word);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return word === 'None' ? null : text;
  }
}

const python: ReadonlyMap<string, boolean> = new Map([
  ['True', true],
  ['False', false],
]);
