import { FenceReader } from './fence-call.ts';
import { type CallHead, closeTag, type Head, headAt, openTag, type Place } from './head.ts';
import { ArgumentsReader, ObjectReader } from './json-call.ts';
import { MarkdownPlace } from './markdown.ts';
import type { Piece, Reader, Tools } from './reader.ts';
import { TagReader } from './tag-call.ts';
import { isBlank, wordAt } from './words.ts';

/** How far one step came: `used` characters are done with; with `wait` the rest is shown again with more behind it. */
type Step = { readonly used: number; readonly wait: boolean };

const marks = /[<`]/g;
/** Braces too many before a closing tag: the commonest slip there is. */
const strayBraces = /[\s\u200b\u2060}]*/y;
const gapLimit = 1000;

/**
 * Tells the calls in a model's text from the text. Holds back only what may become a call; of a call that is known as
 * one, at most a closing tag. White space before the first word and around calls is left out with them.
 */
export class TextScanner {
  readonly #tools: Tools;
  readonly #place = new MarkdownPlace();
  #rest = '';
  #reader: Reader | null = null;
  /** Inside `<tool_call>`, behind a call. */
  #wrapped = false;
  #inTag = false;
  /** White space since the start or the last call; null once there are words. */
  #blank: string[] | null = [];
  #called = false;
  #pieces: Piece[] = [];

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** What is known once this text has come, too. */
  push(text: string): readonly Piece[] {
    return this.#run(text, false);
  }

  /** Nothing more will come: what is open is brought to an end. */
  end(): readonly Piece[] {
    const pieces = this.#run('', true);
    const blank = (this.#blank ?? []).join('');
    return this.#called || blank === '' ? pieces : [...pieces, { type: 'text', text: blank }];
  }

  /** The text that was held back, for an answer that broke off. */
  held(): string {
    const blank = this.#called ? [] : (this.#blank ?? []);
    if (this.#wrapped) return '';
    if (this.#reader === null) return [...blank, this.#rest].join('');
    const held = this.#reader.held();
    return held === null ? '' : [...blank, held, this.#rest].join('');
  }

  #run(text: string, ended: boolean): readonly Piece[] {
    this.#pieces = [];
    let rest = this.#rest + text;
    for (;;) {
      const { used, wait } = this.#step(rest, ended);
      rest = rest.slice(used);
      if (wait || (rest === '' && this.#reader === null)) break;
    }
    this.#rest = rest;
    return this.#pieces;
  }

  #step(text: string, ended: boolean): Step {
    if (this.#reader !== null) return this.#read(this.#reader, text, ended);
    if (this.#wrapped) return this.#behindCall(text, ended);
    return this.#prose(text, ended);
  }

  #read(reader: Reader, text: string, ended: boolean): Step {
    const { type, used, pieces } = reader.read(text, ended);
    for (const piece of pieces) this.#add(piece);
    if (type === 'more') return { used, wait: true };
    this.#reader = null;
    this.#wrapped = this.#inTag && pieces.at(-1)?.type !== 'text';
    return { used, wait: false };
  }

  /** Inside `<tool_call>` another call may follow, then its closing tag; anything else is text again. */
  #behindCall(text: string, ended: boolean): Step {
    strayBraces.lastIndex = 0;
    strayBraces.exec(text);
    const at = strayBraces.lastIndex;
    const closing = at < gapLimit ? wordAt(text, at, closeTag) : 'no';
    const head = headAt(text, 0, { tools: this.#tools, place: 'in-tag', ended });
    if (head.type === 'wait' || (closing === 'wait' && !ended)) return { used: 0, wait: true };
    this.#wrapped = false;
    if (closing !== 'no') return { used: Math.min(at + closeTag.length, text.length), wait: false };
    if (head.type === 'none') return { used: 0, wait: false };
    this.#open(head, text.slice(0, head.at));
    return { used: head.at, wait: false };
  }

  #prose(text: string, ended: boolean): Step {
    let from = 0;
    for (;;) {
      marks.lastIndex = from;
      const at = marks.exec(text)?.index ?? text.length;
      this.#say(text.slice(from, at));
      if (at === text.length) return { used: at, wait: true };
      const head = this.#head(text, at, ended);
      if (head.type === 'wait') return { used: at, wait: true };
      if (head.type !== 'none') {
        this.#inTag = text.startsWith(openTag, at);
        this.#open(head, text.slice(at, head.at));
        return { used: head.at, wait: false };
      }
      this.#say(text.slice(at, at + 1));
      from = at + 1;
    }
  }

  #head(text: string, at: number, ended: boolean): Head {
    const place = this.#placeOf(text[at] ?? '');
    return place === undefined ? { type: 'none' } : headAt(text, at, { tools: this.#tools, place, ended });
  }

  /** What a mark may begin where it stands. */
  #placeOf(mark: string): Place | undefined {
    if (mark === '`') return this.#place.allowsFence ? 'fence' : undefined;
    if (!this.#place.allowsTag) return undefined;
    return this.#place.atLineStart ? 'tag-at-line-start' : 'tag';
  }

  /** Begins to read a call, whose beginning was `opening`. */
  #open(head: CallHead, opening: string): void {
    this.#reader = this.#readerOf(head, opening);
    if (head.type === 'arguments' || head.type === 'function')
      this.#add({ type: 'started', name: head.name });
  }

  #readerOf(head: CallHead, opening: string): Reader {
    if (head.type === 'fence') return new FenceReader(head, opening, this.#tools);
    if (head.type === 'arguments') return new ArgumentsReader('object');
    if (head.type === 'object') return new ObjectReader(opening, head.name, this.#tools);
    const tool = this.#tools.get(head.name);
    if (tool === undefined || head.form === 'json') return new ArgumentsReader('function');
    return new TagReader(tool, opening);
  }

  #add(piece: Piece): void {
    if (piece.type === 'text') {
      this.#say(piece.text);
      return;
    }
    this.#pieces.push(piece);
    this.#called = true;
    this.#blank = [];
    this.#place.startLine();
  }

  #say(text: string): void {
    if (text === '') return;
    this.#place.pass(text);
    if (this.#blank !== null && isBlank(text)) {
      this.#blank.push(text);
      return;
    }
    this.#pieces.push({ type: 'text', text: (this.#blank ?? []).join('') + text });
    this.#blank = null;
  }
}
