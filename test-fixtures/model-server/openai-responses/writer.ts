import { type Block, type BlockForm, BlockStream, joined } from '../blocks.ts';
import { seal, sealedID } from '../seal.ts';
import { eventOf } from '../text-form.ts';
import type { Conversation, Ending, Refusal, WireWriter } from '../wire.ts';

type Send = (type: string, rest: object) => string;

/** The events of an answer in the order in which OpenAI sends them. */
export function answerWriter(conversation: Conversation): WireWriter {
  let sequence = 0;
  const send: Send = (type, rest) => eventOf({ type, ...rest, sequence_number: sequence++ }, type);
  const stream = new BlockStream(answerForm(send));
  const unfinished = { ...head(conversation), status: 'in_progress', output: [], usage: null };
  return {
    contentType: 'text/event-stream; charset=utf-8',
    begin: () =>
      joined(
        send('response.created', { response: unfinished }),
        send('response.in_progress', { response: unfinished }),
      ),
    piece: (piece) => (piece.type === 'comment' ? `: ${piece.text}\n\n` : stream.piece(piece)),
    end: (ending) => {
      const ended = stream.end();
      const response = wholeAnswer(conversation, stream, ending);
      return joined(ended, send(`response.${response.status}`, { response }));
    },
    error: (refusal) => {
      const error = errorOf(refusal);
      return send('response.failed', { response: { ...unfinished, status: 'failed', error } });
    },
  };
}

export function wholeAnswer(conversation: Conversation, stream: BlockStream, { finish, usage }: Ending) {
  const reason = reasons.get(finish ?? 'stop');
  return {
    ...head(conversation),
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: stream.blocks.flatMap((block, index) =>
      block.type === 'found' ? [] : [wholeItem(block, index)],
    ),
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cacheRead ?? 0 },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
      total_tokens: usage.input + usage.output,
    },
  };
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
]);

function answerForm(send: Send): BlockForm {
  let output_index = -1;
  const place = (block: Block) => ({ item_id: idOf(block, output_index), output_index });
  return {
    begin: (block) => {
      if (block.type === 'found') return '';
      output_index += 1;
      const item = beginning(block, output_index);
      const added = send('response.output_item.added', { output_index, item });
      return joined(added, openPart(send, block, place(block)));
    },
    delta: (block, text) => {
      const name = deltas.get(block.type);
      if (name === undefined) return '';
      return send(`${name}.delta`, { ...place(block), ...partOf(block), delta: text });
    },
    end: (block) => {
      if (block.type === 'found') return '';
      const item = wholeItem(block, output_index);
      const closed = closePart(send, block, place(block));
      return joined(closed, send('response.output_item.done', { output_index, item }));
    },
  };
}

const deltas: ReadonlyMap<Block['type'], string> = new Map([
  ['text', 'response.output_text'],
  ['reasoning', 'response.reasoning_summary_text'],
  ['call', 'response.function_call_arguments'],
]);

function partOf({ type }: Block): object {
  if (type === 'text') return { content_index: 0 };
  return type === 'reasoning' ? { summary_index: 0 } : {};
}

function openPart(send: Send, block: Block, place: object): string {
  const at = { ...place, ...partOf(block) };
  switch (block.type) {
    case 'text':
      return send('response.content_part.added', {
        ...at,
        part: { type: 'output_text', annotations: [], text: '' },
      });
    case 'reasoning':
      return send('response.reasoning_summary_part.added', {
        ...at,
        part: { type: 'summary_text', text: '' },
      });
    case 'search':
      return send('response.web_search_call.in_progress', at);
    default:
      return '';
  }
}

function closePart(send: Send, block: Block, place: object): string {
  const at = { ...place, ...partOf(block) };
  const { text } = block;
  switch (block.type) {
    case 'text': {
      const part = { type: 'output_text', annotations: [], text };
      return `${send('response.output_text.done', { ...at, text })}${send('response.content_part.done', { ...at, part })}`;
    }
    case 'reasoning': {
      const part = { type: 'summary_text', text };
      return `${send('response.reasoning_summary_text.done', { ...at, text })}${send('response.reasoning_summary_part.done', { ...at, part })}`;
    }
    case 'call':
      return send('response.function_call_arguments.done', { ...at, arguments: text });
    case 'search':
      return send('response.web_search_call.completed', at);
    case 'found':
      return '';
  }
}

/** An item as it is announced. */
function beginning(block: Block, index: number): object {
  const whole = { ...wholeItem(block, index), status: 'in_progress' };
  switch (block.type) {
    case 'text':
      return { ...whole, content: [] };
    case 'reasoning':
      return { ...wholeItem(block, index), summary: [] };
    case 'call':
      return { ...whole, arguments: '' };
    default:
      return { id: idOf(block, index), type: 'web_search_call', status: 'in_progress' };
  }
}

function wholeItem(block: Block, index: number): object {
  const { type, text } = block;
  const id = idOf(block, index);
  const status = 'completed';
  switch (type) {
    case 'text': {
      const content = [{ type: 'output_text', annotations: [], text }];
      return { id, type: 'message', status, role: 'assistant', content };
    }
    case 'reasoning': {
      const summary = text === '' ? [] : [{ type: 'summary_text', text }];
      return { id, type: 'reasoning', summary, encrypted_content: seal(text) };
    }
    case 'call':
      return { id, type: 'function_call', status, call_id: block.id, name: block.name, arguments: text };
    default:
      return { id, type: 'web_search_call', status, action: { type: 'search', query: text } };
  }
}

const prefixes = { text: 'msg', reasoning: 'rs', call: 'fc', search: 'ws', found: 'ws' } as const;

/** The id of a search follows from what was asked. */
function idOf(block: Block, index: number): string {
  if (block.type === 'search') return sealedID('ws', block.query);
  return `${prefixes[block.type]}_${index}`;
}

function head({ model, length }: Conversation) {
  return { id: `resp_scripted_${length}`, object: 'response', created_at: 0, model, error: null };
}

function errorOf({ body }: Refusal): unknown {
  return typeof body === 'object' && body !== null && 'error' in body ? body.error : { message: body };
}
