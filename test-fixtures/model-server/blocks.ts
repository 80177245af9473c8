import type { Bytes, Ending, Piece, WireWriter } from './wire.ts';

/** A block of an answer, as far as it has come; most formats have such. */
export type Block =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'reasoning'; text: string }
  | { readonly type: 'call'; text: string; readonly id: string; readonly name: string }
  /** What the server's own search was asked, and behind it what it found. */
  | { readonly type: 'search'; text: string; readonly query: string }
  | { readonly type: 'found'; text: string; readonly query: string };

/** How a format writes one block while it streams. */
export type BlockForm = {
  begin(block: Block): Bytes;
  delta(block: Block, text: string): Bytes;
  /** With all of its text. */
  end(block: Block): Bytes;
};

const silent: BlockForm = { begin: () => '', delta: () => '', end: () => '' };

/** Joins pieces into blocks: what is of another kind than the piece before it begins a block of its own. */
export class BlockStream {
  readonly #form: BlockForm;
  readonly #blocks: Block[] = [];
  #open: Block | undefined;

  constructor(form: BlockForm = silent) {
    this.#form = form;
  }

  /** All blocks so far, oldest first. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  get hasCalls(): boolean {
    return this.#blocks.some(({ type }) => type === 'call');
  }

  /** Keep-alives are no part of a block. */
  piece(piece: Exclude<Piece, { readonly type: 'comment' }>): Bytes {
    switch (piece.type) {
      case 'text':
      case 'reasoning':
        return joined(this.#continue(piece.type), this.#add(piece.text));
      case 'tool-start':
        return this.#begin({ type: 'call', text: '', id: piece.id, name: piece.name });
      case 'tool-input':
        return this.#add(piece.text);
      case 'search':
        return joined(
          this.#begin({ type: 'search', text: '', query: piece.query }),
          this.#add(piece.query),
          this.#begin({ type: 'found', text: '', query: piece.query }),
          this.#add(piece.found),
        );
    }
  }

  /** Ends the block that is open. */
  end(): Bytes {
    const block = this.#open;
    this.#open = undefined;
    return block === undefined ? '' : this.#form.end(block);
  }

  #continue(type: 'text' | 'reasoning'): Bytes {
    return this.#open?.type === type ? '' : this.#begin({ type, text: '' });
  }

  #begin(block: Block): Bytes {
    const ended = this.end();
    this.#open = block;
    this.#blocks.push(block);
    return joined(ended, this.#form.begin(block));
  }

  #add(text: string): Bytes {
    const block = this.#open;
    if (block === undefined) return '';
    block.text += text;
    return this.#form.delta(block, text);
  }
}

export function joined(...parts: readonly Bytes[]): Bytes {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

/** The writer of an answer that is not streamed: one document at the end. */
export function documentWriter(document: (stream: BlockStream, ending: Ending) => unknown): WireWriter {
  const stream = new BlockStream();
  return {
    contentType: 'application/json',
    begin: () => '',
    piece: (piece) => (piece.type === 'comment' ? '' : stream.piece(piece)),
    end: (ending) => JSON.stringify(document(stream, ending)),
    error: ({ body }) => JSON.stringify(body),
  };
}
