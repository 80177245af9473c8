import { isObject } from '../json-schema.ts';
import { parseToolInput } from '../protocol/tool-input.ts';
import type { ToolInput } from '../schema.ts';
import { closeTag, functionClose } from './head.ts';
import { JsonSpan, parseArguments, parseObject } from './json-text.ts';
import type { Piece, Progress, Reader, Tools } from './reader.ts';
import { afterBlanks, wordAt } from './words.ts';

type Phase = 'arguments' | 'behind' | 'others' | 'closing';

/** Reads arguments as they come: from their `{` to the end of the object around them, or of the function. */
export class ArgumentsReader implements Reader {
  readonly #around: 'object' | 'function';
  readonly #span: JsonSpan;
  readonly #text: string[] = [];
  #phase: Phase = 'arguments';

  constructor(around: 'object' | 'function') {
    this.#around = around;
    this.#span = new JsonSpan(around === 'object' ? closeTag : functionClose, 1);
  }

  read(text: string, ended: boolean): Progress {
    const pieces: Piece[] = [];
    const from = this.#phase === 'arguments' ? this.#arguments(text, ended, pieces) : 0;
    if (this.#phase === 'arguments') return { type: 'more', used: from, pieces };
    const rest = this.#behind(text, from, ended);
    return { ...rest, type: ended ? 'done' : rest.type, pieces };
  }

  held(): null {
    return null;
  }

  /** How far it came; the phase says whether the arguments are over. */
  #arguments(text: string, ended: boolean, pieces: Piece[]): number {
    const { type, at } = this.#span.follow(text, 0, { floor: 1, ended });
    const fresh = text.slice(0, at);
    if (fresh !== '') pieces.push({ type: 'input', text: fresh });
    this.#text.push(fresh);
    if (type === 'more' && !ended) return at;
    const written = this.#text.join('');
    const input: ToolInput =
      type === 'whole' ? parseArguments(written) : { type: 'malformed', text: written };
    pieces.push({ type: 'called', input });
    this.#phase = type !== 'whole' || this.#around === 'function' ? 'closing' : 'behind';
    return at;
  }

  /** What belongs to the call behind its arguments: the end of its object, or the tag that closes its function. */
  #behind(text: string, from: number, ended: boolean): Omit<Progress, 'pieces'> {
    if (this.#phase === 'closing') return this.#closing(text, from, ended);
    if (this.#phase === 'behind') {
      const at = afterBlanks(text, from);
      if (at === text.length) return { type: 'more', used: at };
      if (text[at] === '}') return { type: 'done', used: at + 1 };
      if (text[at] !== ',') return { type: 'done', used: at };
      this.#phase = 'others';
      return this.#behind(text, at, ended);
    }
    const { type, at } = this.#span.follow(text, from, { floor: 0, ended });
    return { type: type === 'more' ? 'more' : 'done', used: at };
  }

  #closing(text: string, from: number, ended: boolean): Omit<Progress, 'pieces'> {
    if (this.#around === 'object') return { type: 'done', used: from };
    const at = afterBlanks(text, from);
    const found = wordAt(text, at, functionClose);
    if (found === 'wait') return { type: 'more', used: ended ? text.length : at };
    return { type: 'done', used: found === 'yes' ? at + functionClose.length : at };
  }
}

/** Reads an object whose name does not come first: only when it is whole is it known whether it is a call. */
export class ObjectReader implements Reader {
  readonly #opening: string;
  readonly #name: string | null;
  readonly #tools: Tools;
  readonly #span = new JsonSpan(closeTag);
  readonly #text: string[] = [];

  /** @param opening what stands before the object; part of the text that it is if it is no call */
  constructor(opening: string, name: string | null, tools: Tools) {
    this.#opening = opening;
    this.#name = name;
    this.#tools = tools;
  }

  read(text: string, ended: boolean): Progress {
    const { type, at } = this.#span.follow(text, 0, { floor: 0, ended });
    this.#text.push(text.slice(0, at));
    if (type === 'more' && !ended) return { type: 'more', used: at, pieces: [] };
    const written = this.#text.join('');
    const call = callIn(written, this.#tools, 'tag') ?? brokenCall(this.#name, written);
    return { type: 'done', used: at, pieces: call ?? [{ type: 'text', text: this.held() }] };
  }

  held(): string {
    return this.#opening + this.#text.join('');
  }
}

/** A call that says its name and is no JSON all the same. */
export function brokenCall(name: string | null, text: string): readonly Piece[] | undefined {
  if (name === null) return undefined;
  return [
    { type: 'started', name },
    { type: 'input', text },
    { type: 'called', input: { type: 'malformed', text } },
  ];
}

/**
 * The call that a JSON text spells. In a tag it is taken as models vary it; in a fence of plain JSON it is one only if
 * it has exactly the keys of a call.
 */
export function callIn(text: string, tools: Tools, place: 'tag' | 'json'): readonly Piece[] | undefined {
  const object = parseObject(text);
  const name = object?.['name'];
  if (object === undefined || typeof name !== 'string' || !tools.has(name)) return undefined;
  const exact = Object.keys(object).length === 2 && isObject(object['arguments']);
  if (place === 'json' && !exact) return undefined;
  const given = object['arguments'] ?? object['parameters'] ?? {};
  const written = typeof given === 'string' ? given : JSON.stringify(given);
  return [
    { type: 'started', name },
    { type: 'input', text: written },
    { type: 'called', input: parseToolInput(written) },
  ];
}
