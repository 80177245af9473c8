import { isObject } from '../json-schema.ts';
import type { ToolInput } from '../schema.ts';
import { wordAt } from './words.ts';

/** How a span of JSON came to its end. `tag`: a closing tag stands there although the value is not whole. */
export type SpanEnd = { readonly type: 'whole' | 'tag' | 'more'; readonly at: number };

const inside = /["\\<]/g;
const outside = /["{}[\]<]/g;
/** Spaces behind a closing tag that are looked through for the end of its line. */
const lookahead = 200;

/**
 * Follows a JSON value through a text that comes in pieces, to where its brackets are closed. A closing tag ends it
 * earlier: outside strings always, inside one only at the end of a line, where JSON allows no string to be.
 */
export class JsonSpan {
  readonly #closer: string;
  #depth: number;
  #inString = false;
  #escaped = false;

  /** @param depth how many brackets are open already */
  constructor(closer: string, depth = 0) {
    this.#closer = closer;
    this.#depth = depth;
  }

  /** Goes on from a position until only `floor` brackets are open. `more`: what stands before `at` is done with. */
  follow(text: string, start: number, { floor, ended }: { floor: number; ended: boolean }): SpanEnd {
    let from = start;
    for (;;) {
      const at = this.#nextMark(text, from);
      const mark = text[at];
      if (mark === undefined) return { type: 'more', at: text.length };
      if (mark === '<') {
        const found = this.#closes(text, at, ended);
        if (found !== 'no') return { type: found === 'yes' ? 'tag' : 'more', at };
      } else if (this.#pass(mark) === floor) return { type: 'whole', at: at + 1 };
      from = at + 1;
    }
  }

  /** Where the next character stands that means something; behind the text if there is none. */
  #nextMark(text: string, from: number): number {
    const skipped = this.#escaped && from < text.length ? 1 : 0;
    if (skipped === 1) this.#escaped = false;
    const marks = this.#inString ? inside : outside;
    marks.lastIndex = from + skipped;
    return marks.exec(text)?.index ?? text.length;
  }

  /** How many brackets are open behind a bracket; nothing for other marks. */
  #pass(mark: string): number | undefined {
    if (mark === '"') this.#inString = !this.#inString;
    else if (mark === '\\') this.#escaped = true;
    else {
      this.#depth += mark === '{' || mark === '[' ? 1 : -1;
      return this.#depth;
    }
    return undefined;
  }

  #closes(text: string, at: number, ended: boolean): 'yes' | 'no' | 'wait' {
    const found = wordAt(text, at, this.#closer);
    if (found === 'no' || (found === 'yes' && !this.#inString)) return found;
    if (found === 'wait') return ended ? 'no' : 'wait';
    const rest = text.slice(at + this.#closer.length, at + this.#closer.length + lookahead);
    const behind = rest.trimStart();
    if (behind !== '') return rest.slice(0, rest.length - behind.length).includes('\n') ? 'yes' : 'no';
    return ended || rest.includes('\n') ? 'yes' : rest.length < lookahead ? 'wait' : 'no';
  }
}

/**
 * The arguments of a call from the JSON that a model wrote. What has one meaning only is mended: line breaks and other
 * control characters inside strings, invisible white space between them.
 */
export function parseArguments(text: string): ToolInput {
  const value = parseObject(text);
  return value === undefined ? { type: 'malformed', text } : { type: 'json', value };
}

/** The JSON object in a text, mended where need be; undefined if it is none. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parse(text) ?? parse(mended(text));
  return isObject(value) ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

const stringsAndGaps = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[^"]+/g;
const controls = /[\u0000-\u001f]/g;
const hidden = /[^\S \n\r\t]|[\u200b\u2060]/g;

function mended(text: string): string {
  return text.replaceAll(stringsAndGaps, (part) =>
    part.startsWith('"') ? part.replaceAll(controls, escaped) : part.replaceAll(hidden, ' '),
  );
}

function escaped(control: string): string {
  return JSON.stringify(control).slice(1, -1);
}
