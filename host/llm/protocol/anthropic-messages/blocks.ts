import type { LLMEvent, Metadata } from '../../schema.ts';
import { parseToolInput } from '../tool-input.ts';
import { protocolID, type WireBlock, type WireDelta } from './wire.ts';

/** One content block while it streams: what its beginning, its pieces and its end say. */
export type OpenBlock = {
  readonly begin: readonly LLMEvent[];
  take(delta: WireDelta): readonly LLMEvent[];
  end(): readonly LLMEvent[];
};

/** Whatever is not known here is a block of the server's own: it goes back as it came. */
export function openBlock(block: WireBlock): OpenBlock {
  switch (block['type']) {
    case 'text':
      return textBlock(block);
    case 'thinking':
      return thinkingBlock(block);
    case 'tool_use':
      return toolBlock(block);
    default:
      return nativeBlock(block);
  }
}

function textBlock(block: WireBlock): OpenBlock {
  const citations: unknown[] = Array.isArray(block['citations']) ? [...block['citations']] : [];
  let isEmpty = true;
  const words = (text: string): readonly LLMEvent[] => {
    isEmpty &&= text === '';
    return text === '' ? [] : [{ type: 'text.delta', text }];
  };
  return {
    begin: words(textOf(block['text'])),
    take: ({ text, citation }) => {
      if (citation !== undefined) citations.push(citation);
      return words(text ?? '');
    },
    end: () => (isEmpty ? [] : [partEnd(citations.length > 0 ? { citations } : undefined)]),
  };
}

/** A block without words still has a signature that goes back: the thinking itself is kept secret. */
function thinkingBlock(block: WireBlock): OpenBlock {
  let signature = textOf(block['signature']);
  const words = (text: string): readonly LLMEvent[] =>
    text === '' ? [] : [{ type: 'reasoning.delta', text }];
  let isEmpty = true;
  const seen = (events: readonly LLMEvent[]): readonly LLMEvent[] => {
    isEmpty &&= events.length === 0;
    return events;
  };
  return {
    begin: seen(words(textOf(block['thinking']))),
    take: (delta) => {
      signature += delta.signature ?? '';
      return seen(words(delta.thinking ?? ''));
    },
    end: () => {
      const begun: readonly LLMEvent[] = isEmpty ? [{ type: 'reasoning.delta', text: '' }] : [];
      return [...begun, partEnd(signature === '' ? undefined : { signature })];
    },
  };
}

function toolBlock(block: WireBlock): OpenBlock {
  const callID = textOf(block['id']);
  const name = textOf(block['name']);
  const { type: _, id: __, name: ___, input: whole, ...extra } = block;
  let text = '';
  return {
    begin: [{ type: 'tool.input.started', callID, name }],
    take: ({ partial_json: piece }) => {
      if (!piece) return [];
      text += piece;
      return [{ type: 'tool.input.delta', callID, text: piece }];
    },
    end: () => {
      const input = text === '' ? ({ type: 'json', value: whole ?? {} } as const) : parseToolInput(text);
      const facts = Object.keys(extra).length > 0 ? { metadata: factsOf({ extra }) } : {};
      return [{ type: 'tool.call', callID, name, input, ...facts }];
    },
  };
}

function nativeBlock(block: WireBlock): OpenBlock {
  let text = '';
  return {
    begin: [],
    take: ({ partial_json: piece }) => {
      text += piece ?? '';
      return [];
    },
    end: () => {
      const input = text === '' ? undefined : parseToolInput(text);
      const whole = input?.type === 'json' ? { ...block, input: input.value } : block;
      const name = textOf(block['name']) || textOf(block['type']);
      return [{ type: 'native', name, text: wordsOf(whole), metadata: factsOf({ block: whole }) }];
    },
  };
}

/** What a search or a fetch was asked for. */
function wordsOf(block: WireBlock): string {
  const input = block['input'];
  if (typeof input !== 'object' || input === null) return '';
  return Object.values(input)
    .filter((value) => typeof value === 'string')
    .join(' ');
}

function partEnd(facts: object | undefined): LLMEvent {
  return facts === undefined ? { type: 'part.end' } : { type: 'part.end', metadata: factsOf(facts) };
}

function factsOf(facts: object): Metadata {
  return { [protocolID]: facts };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
