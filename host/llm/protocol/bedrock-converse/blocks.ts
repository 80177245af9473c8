import type { LLMEvent, Metadata } from '../../schema.ts';
import { fieldsOf } from '../error-body.ts';
import { parseToolInput } from '../tool-input.ts';
import { joinBase64, joined } from './pieces.ts';
import { protocolID, type WireBlock } from './wire.ts';

/** One content block while it streams: what its beginning, its pieces and its end say. */
export type OpenBlock = {
  readonly begin: readonly LLMEvent[];
  /** With what a piece holds under the name of its kind. */
  take(kind: string, piece: unknown): readonly LLMEvent[];
  end(): readonly LLMEvent[];
};

/** What the name of a tool on the wire stands for. */
export type ToolNames = ReadonlyMap<string, string>;

/**
 * A block of a kind; `start` is what its beginning holds. Texts and thoughts have none. Whatever is not known here is a
 * block of the server's own: it goes back as it came.
 */
export function openBlock(kind: string, start: unknown, names: ToolNames): OpenBlock {
  switch (kind) {
    case 'text':
    case 'citation':
      return textBlock();
    case 'reasoningContent':
      return reasoningBlock();
    case 'toolUse': {
      const call = fieldsOf(start);
      return call['type'] === serverTool ? nativeBlock(kind, start) : toolBlock(call, names);
    }
    default:
      return nativeBlock(kind, start);
  }
}

/** A block that came whole. */
export function wholeBlock(block: WireBlock, names: ToolNames): readonly LLMEvent[] {
  const [[kind, value] = ['', undefined]] = Object.entries(block);
  if (kind === '') return [];
  if (kind === 'citationsContent') return citedText(fieldsOf(value));
  const open = openBlock(kind, value, names);
  const said = kind === 'text' || kind === 'reasoningContent' ? open.take(kind, wholePiece(value)) : [];
  return [...open.begin, ...said, ...open.end()];
}

const serverTool = 'server_tool_use';

/** In a whole answer thinking stands one level deeper than in a piece. */
function wholePiece(value: unknown): unknown {
  return fieldsOf(value)['reasoningText'] ?? value;
}

function citedText({ content, citations }: WireBlock): readonly LLMEvent[] {
  const block = textBlock();
  const texts = Array.isArray(content) ? content.map((part) => textOf(fieldsOf(part)['text'])) : [];
  const said = block.take('text', texts.join(''));
  if (Array.isArray(citations)) for (const citation of citations) block.take('citation', citation);
  return [...said, ...block.end()];
}

function textBlock(): OpenBlock {
  const citations: unknown[] = [];
  let isEmpty = true;
  return {
    begin: [],
    take: (kind, piece) => {
      if (kind === 'citation') citations.push(piece);
      const text = kind === 'text' ? textOf(piece) : '';
      isEmpty &&= text === '';
      return text === '' ? [] : [{ type: 'text.delta', text }];
    },
    end: () => (isEmpty ? [] : [partEnd(citations.length > 0 ? { citations } : undefined)]),
  };
}

/** A block without words still has a signature that goes back: the thinking itself is kept secret. */
function reasoningBlock(): OpenBlock {
  let signature = '';
  let secret = '';
  let isEmpty = true;
  return {
    begin: [],
    take: (_kind, piece) => {
      const fields = fieldsOf(piece);
      signature += textOf(fields['signature']);
      secret = joinBase64(secret, textOf(fields['redactedContent']));
      const text = textOf(fields['text']);
      isEmpty &&= text === '';
      return text === '' ? [] : [{ type: 'reasoning.delta', text }];
    },
    end: () => {
      const hidden = secret === '' ? [] : [redacted(secret)];
      if (isEmpty && signature === '') return hidden;
      const begun: readonly LLMEvent[] = isEmpty ? [{ type: 'reasoning.delta', text: '' }] : [];
      return [...begun, partEnd(signature === '' ? undefined : { signature }), ...hidden];
    },
  };
}

function redacted(redactedContent: string): LLMEvent {
  const block = { reasoningContent: { redactedContent } };
  return { type: 'native', name: 'redacted_thinking', text: '', metadata: factsOf({ block }) };
}

function toolBlock(start: WireBlock, names: ToolNames): OpenBlock {
  const callID = textOf(start['toolUseId']);
  const wireName = textOf(start['name']);
  const name = names.get(wireName) ?? wireName;
  const { toolUseId: _, name: __, type: ___, input: whole, ...extra } = start;
  let text = '';
  return {
    begin: [{ type: 'tool.input.started', callID, name }],
    take: (_kind, piece) => {
      const words = textOf(fieldsOf(piece)['input']);
      text += words;
      return words === '' ? [] : [{ type: 'tool.input.delta', callID, text: words }];
    },
    end: () => {
      const input = text === '' ? ({ type: 'json', value: whole ?? {} } as const) : parseToolInput(text);
      const facts = Object.keys(extra).length > 0 ? { metadata: factsOf({ extra }) } : {};
      return [{ type: 'tool.call', callID, name, input, ...facts }];
    },
  };
}

function nativeBlock(kind: string, start: unknown): OpenBlock {
  let value = start;
  return {
    begin: [],
    take: (_kind, piece) => {
      // Pieces of a result are the items of its content.
      value = joined(value, Array.isArray(piece) ? { content: piece } : piece);
      return [];
    },
    end: () => {
      const whole = kind === 'toolUse' ? withInput(fieldsOf(value)) : value;
      const { name, type, input } = fieldsOf(whole);
      const facts = factsOf({ block: { [kind]: whole } });
      return [
        { type: 'native', name: textOf(name) || textOf(type) || kind, text: wordsOf(input), metadata: facts },
      ];
    },
  };
}

/** The arguments of a tool that the server runs come as pieces of JSON, and go back as what it says. */
function withInput(call: WireBlock): WireBlock {
  const { input } = call;
  if (typeof input !== 'string') return call;
  const parsed = parseToolInput(input);
  return parsed.type === 'json' ? { ...call, input: parsed.value } : call;
}

/** What a tool of the server was asked for. */
function wordsOf(input: unknown): string {
  return Object.values(fieldsOf(input))
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
