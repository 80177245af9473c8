import type { Fence } from './head.ts';
import { brokenCall, callIn } from './json-call.ts';
import type { Piece, Progress, Reader, Tools } from './reader.ts';

/** A line longer than that does not close a fence. */
const lineLimit = 100;

/**
 * Reads a fenced block from behind its first line to the line that closes it, which is where it is known whether it is
 * a call. A block that breaks off without that line is judged by what it has.
 */
export class FenceReader implements Reader {
  readonly #fence: Fence;
  readonly #opening: string;
  readonly #tools: Tools;
  readonly #closes: RegExp;
  readonly #text: string[] = [];
  /** The beginning of the line that is being read. */
  #line = '';

  /** @param opening the first line as it was written; part of the text that the block is if it is no call */
  constructor(fence: Fence, opening: string, tools: Tools) {
    this.#fence = fence;
    this.#opening = opening;
    this.#tools = tools;
    this.#closes = new RegExp(`^ {0,3}\`{${fence.ticks},}[ \\t]*\\r?\\n?$`);
  }

  read(text: string, ended: boolean): Progress {
    let at = 0;
    while (at < text.length) {
      const end = text.indexOf('\n', at);
      const to = end === -1 ? text.length : end + 1;
      this.#take(text.slice(at, to));
      at = to;
      if (end !== -1 && this.#closed()) return { type: 'done', used: at, pieces: this.#judge(true) };
      if (end !== -1) this.#line = '';
    }
    if (!ended) return { type: 'more', used: at, pieces: [] };
    return { type: 'done', used: at, pieces: this.#judge(this.#closed()) };
  }

  held(): string {
    return this.#opening + this.#text.join('');
  }

  #take(part: string): void {
    this.#text.push(part);
    if (this.#line.length <= lineLimit) this.#line += part;
  }

  #closed(): boolean {
    return this.#line.length <= lineLimit && this.#closes.test(this.#line);
  }

  #judge(closed: boolean): readonly Piece[] {
    const whole = this.#text.join('');
    const inside = closed ? whole.slice(0, whole.length - this.#line.length) : whole;
    const { label, name } = this.#fence;
    const call =
      label === 'json'
        ? callIn(inside, this.#tools, 'json')
        : (callIn(inside, this.#tools, 'tag') ?? brokenCall(name, inside));
    return call ?? [{ type: 'text', text: this.#opening + whole }];
  }
}
