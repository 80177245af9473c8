/** A line's beginning says what it is; more of it is not kept. */
const lineLimit = 200;

const marks = /`+|\n/g;
const quoted = /^\s*>/;
const indentedCode = /^(?: {4}| {0,3}\t)\s*$/;
const lineStart = /^\s*$/;
const fenceStart = /^ {0,3}$/;
const prefix = '[\\s>]*(?:(?:[-*+]|\\d{1,9}[.)])[ \\t]+)*';
const opensFence = new RegExp(`^(${prefix})(?:(\`{3,})[^\`]*|(~{3,}).*)$`);

type OpenFence = {
  readonly closes: RegExp;
  /** A block in a quotation ends with it. */
  leftBy(line: string): boolean;
};

/**
 * Where in a Markdown text its end stands: in a code block, in code inside a line, in a quotation. A code span is taken
 * to end with its line, because models do not wrap lines.
 */
export class MarkdownPlace {
  /** The line so far. */
  #line = '';
  #fence: OpenFence | null = null;
  /** Backticks that opened the code span; 0 outside of one. */
  #span = 0;
  /** Backticks at the end of the text, of which more may come. */
  #ticks = 0;

  /** Whether a tag here would be more than something quoted. */
  get allowsTag(): boolean {
    if (this.#inFence) return false;
    this.#endTicks();
    return this.#span === 0 && !quoted.test(this.#line) && !indentedCode.test(this.#line);
  }

  get atLineStart(): boolean {
    return lineStart.test(this.#line);
  }

  /** Whether backticks here would open a block that stands by itself. */
  get allowsFence(): boolean {
    return !this.#inFence && this.#ticks === 0 && fenceStart.test(this.#line);
  }

  /** Goes on over a text. */
  pass(text: string): void {
    let from = 0;
    for (const { 0: mark, index } of text.matchAll(marks)) {
      this.#words(text.slice(from, index));
      from = index + mark.length;
      if (mark === '\n') this.#endLine();
      else this.#backticks(mark);
    }
    this.#words(text.slice(from));
  }

  /** What comes next stands at the beginning of a line. */
  startLine(): void {
    this.#line = '';
    this.#span = 0;
    this.#ticks = 0;
  }

  #words(text: string): void {
    if (text === '') return;
    this.#endTicks();
    this.#keep(text);
  }

  #backticks(run: string): void {
    this.#ticks += run.length;
    this.#keep(run);
  }

  #keep(text: string): void {
    if (this.#line.length < lineLimit) this.#line += text.slice(0, lineLimit - this.#line.length);
  }

  #endTicks(): void {
    if (this.#ticks === 0) return;
    if (this.#span === 0) this.#span = this.#ticks;
    else if (this.#span === this.#ticks) this.#span = 0;
    this.#ticks = 0;
  }

  #endLine(): void {
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.startLine();
    if (this.#fence === null || this.#fence.leftBy(line)) this.#fence = fenceOf(line);
    else if (this.#fence.closes.test(line)) this.#fence = null;
  }

  get #inFence(): boolean {
    return this.#fence !== null && !this.#fence.leftBy(this.#line);
  }
}

function fenceOf(line: string): OpenFence | null {
  const [, before = '', backticks, tildes] = opensFence.exec(line) ?? [];
  const run = backticks ?? tildes;
  if (run === undefined) return null;
  const closes = new RegExp(`^[\\s>]*${run.slice(0, 1)}{${run.length},}[ \\t]*$`);
  const inQuotation = before.includes('>');
  return { closes, leftBy: (line) => inQuotation && !quoted.test(line) };
}
