export interface Bounds {
  readonly maxLines: number;
  /** UTF-8 bytes. */
  readonly maxBytes: number;
}

export const defaultBounds: Bounds = { maxLines: 2_000, maxBytes: 51_200 };

const halfAtEnd = /\uFFFD$/;
const halfAtStart = /^\uFFFD+/;

/** What a tool that bounds itself may add in lines that frame its output. */
const frame: Bounds = { maxLines: 16, maxBytes: 2_048 };

/** The beginning and the end of a text that is too long, and what lies between them. */
export interface Excerpt {
  readonly head: string;
  readonly tail: string;
  readonly omitted: { readonly lines: number; readonly bytes: number };
}

/** Undefined when the text is within bounds; `bounded` texts have room for their frame. */
export function excerpt(
  text: string,
  bounds: Bounds,
  { bounded }: { readonly bounded: boolean } = { bounded: false },
): Excerpt | undefined {
  const room = bounded
    ? { maxLines: bounds.maxLines + frame.maxLines, maxBytes: bounds.maxBytes + frame.maxBytes }
    : bounds;
  // A UTF-16 unit is at most three bytes: most texts need no counting.
  const isShort = text.length * 3 <= room.maxBytes || Buffer.byteLength(text) <= room.maxBytes;
  if (isShort && lineCount(text) <= room.maxLines) return undefined;
  return cut(text, bounds);
}

/** Puts the marker where the text was cut. */
export function joinExcerpt({ head, tail, omitted }: Excerpt, where: string): string {
  return `${head}\n… ${omitted.lines} lines (${omitted.bytes} bytes) left out; ${where} …\n${tail}`;
}

function cut(text: string, { maxLines, maxBytes }: Bounds): Excerpt {
  const headLines = Math.ceil(maxLines / 2);
  const headBytes = Math.ceil(maxBytes / 2);
  const head = takeHead(text, { maxLines: headLines, maxBytes: headBytes });
  const rest = text.slice(head.length);
  const tail = takeTail(rest, { maxLines: maxLines - headLines, maxBytes: maxBytes - headBytes });
  const omitted = rest.slice(0, rest.length - tail.length);
  return {
    head: head.endsWith('\n') ? head.slice(0, -1) : head,
    tail,
    omitted: { lines: lineCount(omitted), bytes: Buffer.byteLength(omitted) },
  };
}

/** The beginning of a text: whole lines, as long as there are any. */
export function takeHead(text: string, { maxLines: lines, maxBytes: bytes }: Bounds): string {
  let end = 0;
  for (let line = 0; line < lines; line++) {
    const next = text.indexOf('\n', end);
    if (next === -1) return sliceBytes(text, bytes);
    end = next + 1;
    // No need to look further than the bytes reach.
    if (end > bytes) break;
  }
  return sliceBytes(text.slice(0, end), bytes);
}

/** The end of a text, in the same way. */
export function takeTail(text: string, { maxLines: lines, maxBytes: bytes }: Bounds): string {
  if (lines <= 0) return '';
  let start = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let line = 0; line < lines; line++) {
    if (start <= 0) return sliceLastBytes(text, bytes);
    start = text.lastIndexOf('\n', start - 1);
    if (start === -1) return sliceLastBytes(text, bytes);
    if (text.length - start > bytes) break;
  }
  return sliceLastBytes(text.slice(start + 1), bytes);
}

/** The longest beginning of at most so many bytes: whole lines, unless the first alone is longer. */
function sliceBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  // Half a character at the cut decodes to a replacement, which is not part of the text.
  const cutAt = Buffer.from(text.slice(0, bytes)).subarray(0, bytes).toString().replace(halfAtEnd, '');
  const line = cutAt.lastIndexOf('\n');
  return line > 0 ? cutAt.slice(0, line + 1) : cutAt;
}

/** The longest end of at most so many bytes, in the same way. */
function sliceLastBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  if (bytes <= 0) return '';
  const encoded = Buffer.from(text.slice(-bytes));
  const cutAt = encoded.subarray(-bytes).toString().replace(halfAtStart, '');
  const line = cutAt.indexOf('\n');
  return line >= 0 && line < cutAt.length - 1 ? cutAt.slice(line + 1) : cutAt;
}

/** Lines of a text; a newline at its end begins no further line. */
export function lineCount(text: string): number {
  if (text === '') return 0;
  let count = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
