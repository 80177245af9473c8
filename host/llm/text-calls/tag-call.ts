import { propertyOf } from '../json-schema.ts';
import { parseToolInput } from '../protocol/tool-input.ts';
import type { LLMTool } from '../schema.ts';
import { closeTag, functionClose, parameterClose, parameterTag } from './head.ts';
import type { Piece, Progress, Reader } from './reader.ts';
import { typedValue } from './typed-value.ts';
import { afterBlanks, oneAt, unfinishedAt } from './words.ts';

/**
 * ```
 *             <parameter=KEY>          </parameter>
 *   between ─────────────────▶ value ───────────────▶ behind
 *    │    ▲                      ▲                     │  │
 *    │    │                      └─────────────────────┘  │  neither a parameter nor the end follows:
 *    │    └───────────────────────────────────────────────┘  it stood inside the value
 *    └▶ broken: a tag without its end; up to the closing one of the function
 * ```
 */
type Phase = 'between' | 'value' | 'behind' | 'broken';

/** `on`: goes on from `at`. `wait`: needs more text. Else the call is over there. */
type Step = { readonly at: number; readonly type: 'on' | 'wait' | 'whole' | 'malformed' };

const keyLimit = 200;
const ends = [functionClose, closeTag] as const;
const afterValue = [parameterTag, ...ends] as const;

/** Reads the parameters of `<function=NAME>` from behind that tag. Each becomes a piece of JSON when it is whole. */
export class TagReader implements Reader {
  readonly #tool: LLMTool;
  readonly #written: string[];
  readonly #json: string[] = [];
  #value: string[] = [];
  #gap: string[] = [];
  #key = '';
  #phase: Phase = 'between';

  /** @param opening the tag as it was written */
  constructor(tool: LLMTool, opening: string) {
    this.#tool = tool;
    this.#written = [opening];
  }

  read(text: string, ended: boolean): Progress {
    const known = this.#json.length;
    let step: Step = { type: 'on', at: 0 };
    while (step.type === 'on') step = this.#step(text, step.at, ended);
    const { type, at } = step;
    this.#written.push(text.slice(0, at));
    if (type === 'whole') this.#json.push(this.#json.length === 0 ? '{}' : '}');
    const pieces = this.#json.slice(known).map((piece): Piece => ({ type: 'input', text: piece }));
    if (type === 'wait') return { type: 'more', used: at, pieces };
    const input =
      type === 'whole'
        ? parseToolInput(this.#json.join(''))
        : ({ type: 'malformed', text: this.#written.join('') } as const);
    return { type: 'done', used: at, pieces: [...pieces, { type: 'called', input }] };
  }

  held(): null {
    return null;
  }

  #step(text: string, from: number, ended: boolean): Step {
    if (this.#phase === 'between') return this.#between(text, from, ended);
    if (this.#phase === 'value') return this.#inValue(text, from, ended);
    if (this.#phase === 'behind') return this.#behind(text, from, ended);
    return this.#broken(text, from, ended);
  }

  #between(text: string, from: number, ended: boolean): Step {
    const at = afterBlanks(text, from);
    const found = oneAt(text, at, afterValue);
    // Without any parameter nobody knows whether some were to come.
    if (found === 'wait' && ended) return { type: 'malformed', at: text.length };
    if (found === 'wait') return { type: 'wait', at };
    if (found === parameterTag) return this.#open(text, at, ended);
    return { type: 'whole', at: found === functionClose ? at + functionClose.length : at };
  }

  #open(text: string, at: number, ended: boolean): Step {
    const from = at + parameterTag.length;
    const end = text.slice(from, from + keyLimit).indexOf('>');
    if (end === -1 && !ended && text.length - from < keyLimit) return { type: 'wait', at };
    this.#phase = end === -1 ? 'broken' : 'value';
    this.#key = text.slice(from, from + end).trim();
    this.#value = [];
    return { type: 'on', at: end === -1 ? at : from + end + 1 };
  }

  #inValue(text: string, from: number, ended: boolean): Step {
    const end = text.indexOf(parameterClose, from);
    if (end === -1 && ended) return { type: 'malformed', at: text.length };
    const to = end === -1 ? Math.max(from, unfinishedAt(text, [parameterClose])) : end;
    this.#value.push(text.slice(from, to));
    if (end === -1) return { type: 'wait', at: to };
    this.#phase = 'behind';
    this.#gap = [];
    return { type: 'on', at: end + parameterClose.length };
  }

  #behind(text: string, from: number, ended: boolean): Step {
    const at = afterBlanks(text, from);
    this.#gap.push(text.slice(from, at));
    const found = oneAt(text, at, afterValue);
    if (found === 'wait' && !ended) return { type: 'wait', at };
    if (found === 'no') {
      this.#value.push(parameterClose, ...this.#gap);
      this.#phase = 'value';
      return { type: 'on', at };
    }
    this.#close();
    // Only the closing tag is missing.
    return found === 'wait' ? { type: 'whole', at: text.length } : { type: 'on', at };
  }

  #close(): void {
    const { parameters } = this.#tool;
    const value = typedValue(this.#value.join(''), propertyOf(parameters, this.#key), parameters);
    this.#json.push(`${this.#json.length === 0 ? '{' : ','}${JSON.stringify(this.#key)}:${value}`);
    this.#phase = 'between';
  }

  #broken(text: string, from: number, ended: boolean): Step {
    const found = ends.map((tag) => text.indexOf(tag, from));
    const [close = -1, outer = -1] = found;
    if (close !== -1 && (outer === -1 || close < outer))
      return { type: 'malformed', at: close + functionClose.length };
    if (outer !== -1) return { type: 'malformed', at: outer };
    if (ended) return { type: 'malformed', at: text.length };
    return { type: 'wait', at: Math.max(from, unfinishedAt(text, ends)) };
  }
}
