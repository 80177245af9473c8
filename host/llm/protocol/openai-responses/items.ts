import type { LLMEvent, Metadata } from '../../schema.ts';
import { fieldsOf } from '../error-body.ts';
import { parseToolInput } from '../tool-input.ts';
import { protocolID, type WireItem } from './wire.ts';

/** One piece of an item's text, by the field that it is of. */
export type ItemDelta = {
  readonly kind: 'text' | 'reasoning' | 'arguments';
  readonly delta: string;
  /** Which summary of a thought it is of. */
  readonly summary: number;
};

/** One output item while it streams: what its beginning, its pieces and its end say. */
export type OpenItem = {
  readonly begin: readonly LLMEvent[];
  take(delta: ItemDelta): readonly LLMEvent[];
  /** With the item as it is in the end. */
  end(item: WireItem): readonly LLMEvent[];
};

/** Whatever is not known here is an item of the server's own: it goes back as it came. */
export function openItem(item: WireItem): OpenItem {
  switch (item['type']) {
    case 'message':
      return messageItem();
    case 'reasoning':
      return reasoningItem();
    case 'function_call':
      return callItem(item);
    default:
      return { begin: [], take: () => [], end: (done) => ('type' in done ? [nativeItem(done)] : []) };
  }
}

function messageItem(): OpenItem {
  let isEmpty = true;
  const words = (text: string): readonly LLMEvent[] => {
    isEmpty &&= text === '';
    return text === '' ? [] : [{ type: 'text.delta', text }];
  };
  return {
    begin: [],
    take: ({ delta }) => words(delta),
    end: (item) => {
      // Some servers send the whole and no pieces.
      const whole = isEmpty ? words(textsOf(item['content'])) : [];
      const { phase } = item;
      const facts = phase === undefined || phase === null ? {} : { metadata: factsOf({ phase }) };
      return isEmpty ? [] : [...whole, { type: 'part.end', ...facts }];
    },
  };
}

/** Summaries of one thought are paragraphs of one part: they belong to the one item that goes back. */
function reasoningItem(): OpenItem {
  let isEmpty = true;
  let current = 0;
  const words = (text: string): readonly LLMEvent[] => {
    isEmpty &&= text === '';
    return text === '' ? [] : [{ type: 'reasoning.delta', text }];
  };
  return {
    begin: [],
    take: ({ delta, summary }) => {
      const isNext = summary !== current && !isEmpty;
      current = summary;
      return words(isNext ? `\n\n${delta}` : delta);
    },
    end: (item) => {
      const whole = isEmpty ? words(textsOf(item['summary'], '\n\n') || textsOf(item['content'])) : [];
      const isKept = typeof item['encrypted_content'] === 'string';
      if (isEmpty && !isKept) return [];
      // Nothing but its secret form: it goes back all the same.
      const begun: readonly LLMEvent[] = isEmpty ? [{ type: 'reasoning.delta', text: '' }] : whole;
      const { status: _, ...kept } = item;
      return [...begun, { type: 'part.end', ...(isKept && { metadata: factsOf({ item: kept }) }) }];
    },
  };
}

function callItem(item: WireItem): OpenItem {
  const callID = textOf(item['call_id']) || textOf(item['id']);
  const name = textOf(item['name']);
  let text = '';
  const piece = (words: string): readonly LLMEvent[] => {
    text += words;
    return words === '' ? [] : [{ type: 'tool.input.delta', callID, text: words }];
  };
  return {
    begin: [{ type: 'tool.input.started', callID, name }],
    take: ({ delta }) => piece(delta),
    end: (done) => {
      const whole = text === '' ? piece(textOf(done['arguments'])) : [];
      const { namespace } = done;
      const facts = namespace === undefined ? {} : { metadata: factsOf({ namespace }) };
      return [...whole, { type: 'tool.call', callID, name, input: parseToolInput(text), ...facts }];
    },
  };
}

function nativeItem(item: WireItem): LLMEvent {
  const name = textOf(item['type']).replace(callWord, '');
  return { type: 'native', name, text: wordsOf(item), metadata: factsOf({ item }) };
}

const callWord = /_call$/;

/** What a search was asked for. */
function wordsOf(item: WireItem): string {
  const { queries, action } = item;
  if (Array.isArray(queries)) return queries.filter((query) => typeof query === 'string').join(' ');
  const asked = typeof action === 'object' && action !== null ? { ...action } : {};
  const { query = '', url = '' }: { query?: unknown; url?: unknown } = asked;
  return textOf(query) || textOf(url);
}

function textsOf(parts: unknown, between = ''): string {
  if (!Array.isArray(parts)) return '';
  return parts
    .map(fieldsOf)
    .map(({ text, refusal }) => textOf(text) || textOf(refusal))
    .join(between);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function factsOf(facts: object): Metadata {
  return { [protocolID]: facts };
}
