export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** How a text stands in a file. */
export interface TextForm {
  readonly encoding: Encoding;
  readonly bom: boolean;
}

export interface TextFile extends TextForm {
  /** Without the byte order mark. */
  readonly text: string;
}

export type DecodedFile =
  | { readonly type: 'text'; readonly file: TextFile }
  | { readonly type: 'binary' }
  /** Text in an encoding that is not known for sure: writing it back could change bytes that nobody touched. */
  | { readonly type: 'unknown-encoding' };

export const plainForm: TextForm = { encoding: 'utf-8', bom: false };

export const sniffBytes = 8_192;
const marks: Readonly<Record<Encoding, readonly number[]>> = {
  'utf-8': [0xef, 0xbb, 0xbf],
  'utf-16le': [0xff, 0xfe],
  'utf-16be': [0xfe, 0xff],
};

/** What the first bytes of a file say of the rest; undefined when it is binary. */
export function sniffForm(start: Uint8Array): TextForm | undefined {
  for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const) {
    if (marks[encoding].every((byte, index) => start[index] === byte)) return { encoding, bom: true };
  }
  return start.subarray(0, sniffBytes).includes(0) ? undefined : plainForm;
}

/** Decodes a whole file so that encoding it again gives the same bytes, or says why that is not possible. */
export function decodeFile(bytes: Uint8Array): DecodedFile {
  const form = sniffForm(bytes);
  if (form === undefined) return { type: 'binary' };
  const text = decodeExactly(bytes.subarray(markLength(form)), form.encoding);
  return text === undefined ? { type: 'unknown-encoding' } : { type: 'text', file: { ...form, text } };
}

function decodeExactly(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The bytes of a text in this form; the text must be well formed. */
export function encodeFile(text: string, { encoding, bom }: TextForm): Uint8Array {
  const mark = bom ? marks[encoding] : [];
  return Buffer.concat([Buffer.from(mark), encodeText(text, encoding)]);
}

function encodeText(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

/** Bytes of the byte order mark. */
export function markLength({ encoding, bom }: TextForm): number {
  return bom ? marks[encoding].length : 0;
}

export type LineEnd = '\n' | '\r\n';

/** The line end that most lines of a text have; undefined when it has a single line. */
export function lineEndOf(text: string): LineEnd | undefined {
  let lines = 0;
  let withReturn = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lines++;
    if (text[at - 1] === '\r') withReturn++;
  }
  if (lines === 0) return undefined;
  return withReturn * 2 > lines ? '\r\n' : '\n';
}

/** The text with one kind of line end. */
export function withLineEnds(text: string, lineEnd: LineEnd): string {
  const plain = text.replaceAll('\r\n', '\n');
  return lineEnd === '\n' ? plain : plain.replaceAll('\n', '\r\n');
}
