import { joinExcerpt, takeHead, takeTail } from '../bounds.ts';
import type { KeptOutput, OutputWriter } from '../managed-output.ts';

export interface OutputWindow {
  /** Takes the next bytes; resolves when they are on the disk, if they must be. */
  push(bytes: Uint8Array): Promise<void>;
  /** The last bytes so far, as text. */
  tail(maxBytes: number): string;
  /** Ends the output; to be called once, on every way out. */
  finish(): Promise<FinishedOutput>;
}

export interface FinishedOutput {
  /** Beginning and end, for the model. */
  readonly text: string;
  /** Where the whole output went; absent when `text` is the whole. */
  readonly kept?: KeptOutput;
}

const headBounds = { maxLines: 700, maxBytes: 12 * 1024 };
const tailBounds = { maxLines: 1_200, maxBytes: 18 * 1024 };
const maxWhole = headBounds.maxBytes + tailBounds.maxBytes;
/** More than this of one output is not kept. */
const maxKept = 512 * 1024 * 1024;
const newline = 10;

/**
 * Keeps the beginning and the end of an output in bounded memory; the whole goes to a Managed Tool Output File as soon
 * as it is too long for history.
 */
export function createOutputWindow(begin: () => OutputWriter): OutputWindow {
  let head = Buffer.alloc(0);
  let recent: Buffer[] = [];
  let recentBytes = 0;
  let total = 0;
  let lines = 0;
  let writer: OutputWriter | undefined;

  const keep = (bytes: Buffer) => {
    total += bytes.length;
    lines += newlines(bytes);
    if (head.length < maxWhole) head = Buffer.concat([head, bytes.subarray(0, maxWhole - head.length)]);
    recent.push(bytes);
    recentBytes += bytes.length;
    if (recentBytes < 4 * maxWhole) return;
    recent = [Buffer.concat(recent).subarray(-maxWhole)];
    recentBytes = maxWhole;
  };

  const spill = async (bytes: Buffer) => {
    if (total <= maxWhole || total > maxKept) return;
    if (writer === undefined) {
      writer = begin();
      // All that came before is still whole.
      await writer.write(head.subarray(0, total - bytes.length));
    }
    await writer.write(bytes);
  };

  return {
    push: async (chunk) => {
      const bytes = Buffer.from(chunk);
      keep(bytes);
      await spill(bytes);
    },
    tail: (maxBytes) => plainText(Buffer.concat(recent.slice(-64)).subarray(-maxBytes)),
    finish: async () => {
      if (writer === undefined) return { text: plainText(head) };
      const kept = await writer.finish();
      const start = takeHead(plainText(head.subarray(0, headBounds.maxBytes)), headBounds);
      const end = takeTail(plainText(Buffer.concat(recent).subarray(-tailBounds.maxBytes)), tailBounds);
      const omitted = {
        lines: Math.max(0, lines - countLines(start) - countLines(end)),
        bytes: Math.max(0, total - Buffer.byteLength(start) - Buffer.byteLength(end)),
      };
      return { text: joinExcerpt({ head: start, tail: end, omitted }, whereabouts(kept, total)), kept };
    },
  };
}

function whereabouts(kept: KeptOutput, total: number): string {
  if (kept.type === 'lost') return 'the whole output could not be kept';
  const extent = total > maxKept ? `its first ${maxKept} bytes are` : 'the whole output is';
  return `${extent} in ${kept.path}: use grep or read with offset on it`;
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

const escapeSequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
const otherControls = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/** Text as a model reads it: no colours, no cursor movements; bytes that are no UTF-8 are replaced. */
function plainText(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(withoutHalves(bytes))
    .replace(escapeSequence, '')
    .replace(otherControls, '');
}

/** Without the rest of a character whose beginning was cut off. */
function withoutHalves(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start);
}
