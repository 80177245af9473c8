import { type Block, type BlockForm, BlockStream, joined } from '../blocks.ts';
import { seal, sealedID } from '../seal.ts';
import { eventOf } from '../text-form.ts';
import type { Conversation, Ending, WireWriter } from '../wire.ts';

/** The events of an answer in the order in which Anthropic sends them. */
export function messageWriter(conversation: Conversation): WireWriter {
  const stream = new BlockStream(messageForm());
  const event = (type: string, rest: object = {}): string => eventOf({ type, ...rest }, type);
  return {
    contentType: 'text/event-stream; charset=utf-8',
    begin: () => joined(event('message_start', { message: emptyMessage(conversation) }), event('ping')),
    piece: (piece) => (piece.type === 'comment' ? event('ping') : stream.piece(piece)),
    end: (ending) => {
      const delta = { stop_reason: stopReason(stream, ending), stop_sequence: null };
      const closing = event('message_delta', { delta, usage: wireUsage(ending) });
      return joined(stream.end(), closing, event('message_stop'));
    },
    error: ({ body }) => eventOf(body, 'error'),
  };
}

export function messageDocument(conversation: Conversation, stream: BlockStream, ending: Ending): object {
  return {
    ...emptyMessage(conversation),
    content: stream.blocks.map(wholeBlock),
    stop_reason: stopReason(stream, ending),
    usage: wireUsage(ending),
  };
}

function messageForm(): BlockForm {
  let index = -1;
  const event = (type: string, rest: object): string => eventOf({ type, index, ...rest }, type);
  const delta = (type: string, rest: object): string =>
    event('content_block_delta', { delta: { type, ...rest } });
  return {
    begin: (block) => {
      index += 1;
      // What was found comes whole.
      return block.type === 'found' ? '' : event('content_block_start', { content_block: emptyBlock(block) });
    },
    delta: (block, text) => {
      switch (block.type) {
        case 'text':
          return delta('text_delta', { text });
        case 'reasoning':
          return delta('thinking_delta', { thinking: text });
        case 'call':
          return delta('input_json_delta', { partial_json: text });
        case 'search':
          return delta('input_json_delta', { partial_json: JSON.stringify({ query: text }) });
        case 'found':
          return '';
      }
    },
    end: (block) => {
      const whole = { content_block: wholeBlock(block) };
      const last =
        block.type === 'reasoning'
          ? delta('signature_delta', { signature: seal(block.text) })
          : block.type === 'found'
            ? event('content_block_start', whole)
            : '';
      return joined(last, event('content_block_stop', {}));
    },
  };
}

function emptyBlock(block: Block): object {
  const whole = wholeBlock(block);
  switch (block.type) {
    case 'text':
      return { ...whole, text: '' };
    case 'reasoning':
      return { ...whole, thinking: '', signature: '' };
    case 'call':
    case 'search':
      return { ...whole, input: {} };
    case 'found':
      return whole;
  }
}

function wholeBlock(block: Block): object {
  const { type, text } = block;
  switch (type) {
    case 'text':
      return { type: 'text', text };
    case 'reasoning':
      return { type: 'thinking', thinking: text, signature: seal(text) };
    case 'call':
      return { type: 'tool_use', id: block.id, name: block.name, input: parsed(text) };
    case 'search': {
      const { query } = block;
      return {
        type: 'server_tool_use',
        id: sealedID('srvtoolu', query),
        name: 'web_search',
        input: { query },
      };
    }
    case 'found': {
      const page = { type: 'web_search_result', url: 'https://example.test/', title: text };
      const content = [{ ...page, encrypted_content: seal(text), page_age: null }];
      return { type: 'web_search_tool_result', tool_use_id: sealedID('srvtoolu', block.query), content };
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {};
  }
}

function emptyMessage({ model, length }: Conversation): object {
  return {
    id: `msg_scripted_${length}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 1 },
  };
}

function stopReason({ hasCalls }: BlockStream, { finish }: Ending): string {
  if (finish === null) return hasCalls ? 'tool_use' : 'end_turn';
  return stops.get(finish) ?? finish;
}

const stops: ReadonlyMap<string, string> = new Map([
  ['length', 'max_tokens'],
  ['content_filter', 'refusal'],
  ['stop', 'end_turn'],
]);

/** The cache's share stands apart. */
function wireUsage({ usage }: Ending): object {
  const { input, output, cacheRead = 0, reasoning = 0 } = usage;
  return {
    input_tokens: input - cacheRead,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
    output_tokens_details: { thinking_tokens: reasoning },
  };
}
