import { openaiChat } from '../protocol/openai-chat.ts';
import type { LLMEvent, LLMRequest, LLMTool } from '../schema.ts';
import { withTextCalls } from '../text-calls.ts';

/** Answers of a model that calls in its text, as the tests of that write and read them. */
export const protocol = withTextCalls(openaiChat({ limitName: 'older' }));

export const read: LLMTool = {
  name: 'read',
  description: 'Reads a file.',
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      limit: { type: 'integer' },
      all: { type: 'boolean' },
      lines: { type: 'array', items: { type: 'integer' } },
    },
    required: ['path'],
  },
};
export const list: LLMTool = {
  name: 'list',
  description: 'Lists.',
  parameters: { type: 'object', properties: {} },
};
export const request: LLMRequest = {
  model: 'm',
  system: [],
  messages: [],
  tools: [read, list],
  generation: {},
};

export const chunk = (content: string): object => ({ choices: [{ index: 0, delta: { content } }] });
export const end = (finish_reason: string): object => ({ choices: [{ index: 0, delta: {}, finish_reason }] });

/** The events of an answer that comes in these pieces, neighbouring deltas joined. */
export function decode(pieces: readonly string[], finish: string | null = 'stop'): readonly LLMEvent[] {
  const decoder = protocol.decoder(request);
  const chunks = [...pieces.map(chunk), ...(finish === null ? [] : [end(finish)])];
  const events = chunks.flatMap((each) => decoder.push(each));
  return joined([...events, ...decoder.end({ complete: finish !== null })]);
}

export function joined(events: readonly LLMEvent[]): readonly LLMEvent[] {
  const all: LLMEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (isDelta(event) && isDelta(last) && event.type === last.type)
      all[all.length - 1] = { ...last, text: last.text + event.text };
    else all.push(event);
  }
  return all;
}

function isDelta(event: LLMEvent | undefined): event is Extract<LLMEvent, { type: `${string}.delta` }> {
  return event?.type.endsWith('.delta') === true;
}

/** An answer in short: its texts as they are, its calls as name and input, the end. */
export function outline(text: string, finish: string | null = 'stop'): readonly unknown[] {
  return decode([text], finish).flatMap((event): readonly unknown[] => {
    if (event.type === 'text.delta') return [event.text];
    if (event.type === 'tool.call')
      return [
        [event.name, event.input.type === 'json' ? event.input.value : { malformed: event.input.text }],
      ];
    if (event.type === 'finish') return [event.reason];
    return event.type === 'error' ? [event.error.code] : [];
  });
}

export const json = (name: string, input: object): string => JSON.stringify({ name, arguments: input });
export const tagged = (name: string, input: object): string =>
  `<tool_call>\n${json(name, input)}\n</tool_call>`;
export const xml = (name: string, ...parameters: readonly (readonly [string, string])[]): string =>
  `<function=${name}>\n${parameters.map(([key, value]) => `<parameter=${key}>\n${value}\n</parameter>\n`).join('')}</function>`;
export const path = { path: 'a.ts' };
