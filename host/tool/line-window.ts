export interface WindowOptions {
  /** Number of the first line, from 1. */
  readonly offset: number;
  readonly limit: number;
  /** UTF-8 bytes of all lines together, with `lineOverhead` for each. */
  readonly maxBytes: number;
  /** What a line costs beside its text: its end, its number. */
  readonly lineOverhead: number;
  /** Characters after which a line is cut. */
  readonly maxLineLength: number;
}

export interface LineWindow {
  /** Lines from `offset` on, long ones cut, without their ends. */
  readonly lines: readonly string[];
  /** Lines seen so far, those before and behind the window included. */
  readonly seen: number;
  /** Why the window ends where it does: the end of the text, its own limits, or because nobody looked further. */
  readonly stoppedBy: 'end' | 'limit' | 'bytes' | 'search';
}

export interface LineCollector {
  /** Takes the next piece of UTF-8 text; false when the window is full and nothing more is needed for it. */
  push(bytes: Uint8Array): boolean;
  /** The first line of the window has been reached. */
  hasBegun(): boolean;
  /** The text has ended: what came last without a newline is a line too. */
  finish(): LineWindow;
}

const newline = 10;
/** UTF-8 bytes that one character can have. */
const bytesPerCharacter = 4;

/** Collects a window of lines from a text that comes in pieces, in memory bounded by the window. */
export function collectLines(options: WindowOptions): LineCollector {
  const lines: string[] = [];
  let line: Buffer[] = [];
  let lineBytes = 0;
  let used = 0;
  let seen = 0;
  let isOpen = false;
  let stoppedBy: 'end' | 'limit' | 'bytes' = 'end';

  const isFull = () => stoppedBy !== 'end';
  const isWanted = () => seen + 1 >= options.offset && !isFull();

  const add = (piece: Buffer) => {
    isOpen = true;
    if (isWanted() && lines.length === options.limit) stoppedBy = 'limit';
    const room = (options.maxLineLength + 1) * bytesPerCharacter - lineBytes;
    if (!isWanted() || room <= 0) return;
    // The chunk that it is a part of is used again.
    line.push(Buffer.from(piece.subarray(0, room)));
    lineBytes += piece.length;
  };

  const end = () => {
    if (isWanted()) keep(lineText(Buffer.concat(line), options.maxLineLength));
    line = [];
    lineBytes = 0;
    seen++;
    isOpen = false;
  };

  const keep = (text: string) => {
    const bytes = Buffer.byteLength(text) + options.lineOverhead;
    if (lines.length === options.limit) stoppedBy = 'limit';
    else if (used + bytes > options.maxBytes && lines.length > 0) stoppedBy = 'bytes';
    else lines.push(text);
    used += bytes;
  };

  return {
    push: (bytes) => {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      let start = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
        add(chunk.subarray(start, at));
        end();
        start = at + 1;
      }
      if (start < chunk.length) add(chunk.subarray(start));
      return !isFull();
    },
    hasBegun: () => seen + 1 >= options.offset,
    finish: () => {
      if (isOpen) end();
      return { lines, seen, stoppedBy };
    },
  };
}

function lineText(bytes: Buffer, maxLength: number): string {
  const text = bytes.toString();
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  if (line.length <= maxLength) return line;
  const cut = line.slice(0, maxLength);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}… (line cut at ${maxLength} characters)`;
}
