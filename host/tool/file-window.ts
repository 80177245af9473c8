import { createHash } from 'node:crypto';
import type { OpenFile } from '../ports/files.ts';
import { collectLines, type LineWindow, type WindowOptions } from './line-window.ts';
import type { ContentHash } from './read-ledger.ts';
import { markLength, sniffBytes, sniffForm, type TextForm } from './text-file.ts';

export type FileWindow =
  | {
      readonly type: 'window';
      readonly window: LineWindow;
      /** The file was read to its end: its number of lines is known, and its content. */
      readonly whole?: { readonly hash: ContentHash };
    }
  | { readonly type: 'binary' }
  /** The window begins farther in than is looked for. */
  | { readonly type: 'too-far'; readonly searched: number };

/** Up to here a file is read to its end, for its line count and content hash; it can be edited. */
export const maxWholeBytes = 64 * 1024 * 1024;
/** How far is looked for the first line of a window, and behind it for the end of its last. */
const maxSearchBytes = 512 * 1024 * 1024;
const maxBehindBytes = 32 * 1024 * 1024;
const chunkBytes = 256 * 1024;

export type ReadWindowOptions = WindowOptions & { readonly signal: AbortSignal };

/** Reads a window of a text file in memory that does not grow with the file. */
export async function readWindow(file: OpenFile, options: ReadWindowOptions): Promise<FileWindow> {
  const form = sniffForm(await file.read(0, sniffBytes));
  if (form === undefined) return { type: 'binary' };
  const pieces = utf8Pieces(file, { form, signal: options.signal });
  return file.facts.size <= maxWholeBytes ? readWhole(pieces, options) : readPart(pieces, options);
}

async function readWhole(pieces: AsyncIterable<Uint8Array>, options: WindowOptions): Promise<FileWindow> {
  const lines = collectLines(options);
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    hash.update(piece);
    lines.push(piece);
  }
  return { type: 'window', window: lines.finish(), whole: { hash: hash.digest('base64url') } };
}

async function readPart(pieces: AsyncIterable<Uint8Array>, options: WindowOptions): Promise<FileWindow> {
  const lines = collectLines(options);
  let searched = 0;
  let behind = 0;
  for await (const piece of pieces) {
    searched += piece.length;
    if (lines.hasBegun()) behind += piece.length;
    const isFull = !lines.push(piece);
    if (isFull) return { type: 'window', window: lines.finish() };
    if (behind > maxBehindBytes)
      return { type: 'window', window: { ...lines.finish(), stoppedBy: 'search' } };
    if (searched > maxSearchBytes && !lines.hasBegun()) return { type: 'too-far', searched };
  }
  return { type: 'window', window: lines.finish() };
}

interface PieceOptions {
  readonly form: TextForm;
  readonly signal: AbortSignal;
}

/** The file's text as UTF-8 without its byte order mark, piece by piece. */
async function* utf8Pieces(file: OpenFile, { form, signal }: PieceOptions): AsyncGenerator<Uint8Array> {
  const decoder = form.encoding === 'utf-8' ? undefined : new TextDecoder(form.encoding, { ignoreBOM: true });
  for (let position = markLength(form); ; ) {
    signal.throwIfAborted();
    const chunk = await file.read(position, chunkBytes);
    if (chunk.length === 0) return;
    position += chunk.length;
    yield decoder === undefined ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }));
  }
}
