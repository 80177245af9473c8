import { type Block, type BlockForm, BlockStream, joined } from '../blocks.ts';
import { seal, sealedID } from '../seal.ts';
import type { Conversation, Ending, WireWriter } from '../wire.ts';

/** The chunks of an answer as Google sends them: words in pieces, calls whole, the reason and the count at last. */
export function contentWriter(conversation: Conversation): WireWriter {
  const chunk = (body: object): string => `data: ${JSON.stringify(body)}\r\n\r\n`;
  const parts = (...some: readonly object[]): string => chunk({ ...answered(some), ...head(conversation) });
  const stream = new BlockStream(contentForm(parts));
  return {
    contentType: 'text/event-stream',
    begin: () => '',
    piece: (piece) => (piece.type === 'comment' ? `: ${piece.text}\r\n\r\n` : stream.piece(piece)),
    end: (ending) => {
      const ended = stream.end();
      return joined(ended, chunk(lastChunk(conversation, [{ text: '' }], asGoogle(stream, ending))));
    },
    error: ({ body }) => chunk(typeof body === 'object' && body !== null ? body : { error: body }),
  };
}

export function wholeContent(conversation: Conversation, stream: BlockStream, ending: Ending): object {
  const signer = new CallSigner();
  const parts = stream.blocks.filter(isSound).map((block) => wholePart(block, signer));
  return lastChunk(conversation, parts, asGoogle(stream, ending));
}

/** A call whose arguments are no JSON is not sent at all. */
function asGoogle({ blocks }: BlockStream, { finish, usage }: Ending): Ending {
  const word = blocks.every(isSound) ? (finish ?? 'stop') : 'MALFORMED_FUNCTION_CALL';
  return { finish: reasons.get(word) ?? word, usage };
}

function isSound(block: Block): boolean {
  return block.type !== 'call' || parsed(block.text) !== undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function contentForm(parts: (...some: readonly object[]) => string): BlockForm {
  const signer = new CallSigner();
  let thought = false;
  return {
    begin: (block) => {
      thought ||= block.type === 'reasoning';
      return '';
    },
    delta: ({ type }, text) => {
      if (type === 'text') return parts({ text });
      return type === 'reasoning' ? parts({ text, thought: true }) : '';
    },
    end: (block) => {
      switch (block.type) {
        case 'text':
          // A text with a thought behind it is signed at its end, by a part without words.
          return thought ? parts({ text: '', thoughtSignature: seal('') }) : '';
        case 'reasoning':
          return '';
        default:
          return isSound(block) ? parts(wholePart(block, signer)) : '';
      }
    },
  };
}

/** Of the calls in an answer the first one is signed. */
class CallSigner {
  #isFirst = true;

  sign(name: string, args: unknown): object {
    const signature = { thoughtSignature: seal(name, JSON.stringify(args)) };
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return isFirst ? signature : {};
  }
}

function wholePart(block: Block, signer: CallSigner): object {
  const { type, text } = block;
  const toolType = 'GOOGLE_SEARCH_WEB';
  switch (type) {
    case 'text':
      return { text };
    case 'reasoning':
      return { text, thought: true };
    case 'call': {
      const args = parsed(text);
      return { functionCall: { id: block.id, name: block.name, args }, ...signer.sign(block.name, args) };
    }
    case 'search': {
      const toolCall = { toolType, args: { queries: [text] }, id: sealedID('search', text) };
      return { toolCall, thoughtSignature: seal('search', text) };
    }
    case 'found': {
      const toolResponse = { toolType, response: { found: text }, id: sealedID('search', block.query) };
      return { toolResponse, thoughtSignature: seal('found', text) };
    }
  }
}

function lastChunk(conversation: Conversation, parts: readonly object[], { finish, usage }: Ending): object {
  const { input, output, cacheRead = 0, reasoning = 0 } = usage;
  const usageMetadata = {
    promptTokenCount: input,
    candidatesTokenCount: output - reasoning,
    totalTokenCount: input + output,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
  };
  return { ...answered(parts, { finishReason: finish }), usageMetadata, ...head(conversation) };
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['stop', 'STOP'],
  ['length', 'MAX_TOKENS'],
  ['content_filter', 'SAFETY'],
]);

function answered(parts: readonly object[], rest: object = {}): object {
  return { candidates: [{ content: { parts, role: 'model' }, ...rest, index: 0 }] };
}

function head({ model, length }: Conversation): object {
  return { modelVersion: model, responseId: `scripted-${length}` };
}
