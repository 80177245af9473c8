import { expect, test } from 'vitest';
import type { LLMEvent } from '../../schema.ts';
import { messagesDecoder } from './decode.ts';
import { protocolID } from './wire.ts';

function decode(...events: readonly object[]): readonly LLMEvent[] {
  const decoder = messagesDecoder();
  const list: LLMEvent[] = [];
  for (const event of events) {
    list.push(...decoder.push(event));
    if (list.at(-1)?.type === 'error') return list;
  }
  return [...list, ...decoder.end({ complete: false })];
}

const start = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
});
const delta = (index: number, fields: object) => ({ type: 'content_block_delta', index, delta: fields });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const end = (stop_reason: string, usage: object = {}) => [
  { type: 'message_delta', delta: { stop_reason }, usage },
  { type: 'message_stop' },
];
const own = (facts: object) => ({ [protocolID]: facts });

test('text, its citations, usage and finish come in order', () => {
  const usage = {
    input_tokens: 7,
    cache_read_input_tokens: 5,
    cache_creation_input_tokens: 2,
    output_tokens: 1,
  };
  expect(
    decode(
      { type: 'message_start', message: { usage } },
      { type: 'ping' },
      start(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: 'Hi' }),
      delta(0, { type: 'citations_delta', citation: { url: 'u' } }),
      stop(0),
      ...end('end_turn', { output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } }),
    ),
  ).toEqual([
    { type: 'text.delta', text: 'Hi' },
    { type: 'part.end', metadata: own({ citations: [{ url: 'u' }] }) },
    { type: 'usage', input: 7, output: 9, reasoning: 4, cacheRead: 5, cacheWrite: 2 },
    { type: 'finish', reason: 'stop', raw: 'end_turn' },
  ]);
});

test('two thoughts in a row stay two, each with its signature; one without words has its signature all the same', () => {
  expect(
    decode(
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      delta(0, { type: 'signature_delta', signature: 'one' }),
      stop(0),
      start(1, { type: 'thinking', thinking: '', signature: '' }),
      delta(1, { type: 'signature_delta', signature: 'two' }),
      stop(1),
      start(2, { type: 'redacted_thinking', data: 'secret' }),
      stop(2),
      ...end('end_turn'),
    ).slice(0, 5),
  ).toEqual([
    { type: 'reasoning.delta', text: 'Hm.' },
    { type: 'part.end', metadata: own({ signature: 'one' }) },
    { type: 'reasoning.delta', text: '' },
    { type: 'part.end', metadata: own({ signature: 'two' }) },
    {
      type: 'native',
      name: 'redacted_thinking',
      text: '',
      metadata: own({ block: { type: 'redacted_thinking', data: 'secret' } }),
    },
  ]);
});

test('calls that stream side by side are put together, and one without arguments has none', () => {
  const events = decode(
    start(0, { type: 'tool_use', id: 'a', name: 'read', input: {} }),
    start(1, { type: 'tool_use', id: 'b', name: 'list', input: {}, caller: { type: 'direct' } }),
    delta(0, { type: 'input_json_delta', partial_json: '{"path":' }),
    delta(0, { type: 'input_json_delta', partial_json: '"x"}' }),
    stop(1),
    stop(0),
    ...end('tool_use'),
  );
  expect(events.filter(({ type }) => type === 'tool.call' || type === 'finish')).toEqual([
    {
      type: 'tool.call',
      callID: 'b',
      name: 'list',
      input: { type: 'json', value: {} },
      metadata: own({ extra: { caller: { type: 'direct' } } }),
    },
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'json', value: { path: 'x' } } },
    { type: 'finish', reason: 'tool-calls', raw: 'tool_use' },
  ]);
});

test('arguments that are no JSON stay the text they are', () => {
  const events = decode(
    start(0, { type: 'tool_use', id: 'a', name: 'read', input: {} }),
    delta(0, { type: 'input_json_delta', partial_json: '{"path":' }),
    stop(0),
    ...end('max_tokens'),
  );
  expect(events.slice(2)).toEqual([
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'malformed', text: '{"path":' } },
    { type: 'finish', reason: 'length', raw: 'max_tokens' },
  ]);
});

test('a search of the server is a block of its own, with what it was asked (LM-10)', () => {
  const block = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'rain today' } };
  expect(
    decode(
      start(0, { ...block, input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query": "rain today"}' }),
      stop(0),
      ...end('end_turn'),
    )[0],
  ).toEqual({ type: 'native', name: 'web_search', text: 'rain today', metadata: own({ block }) });
});

test('an answer that came whole gives what a stream of it would', () => {
  const content = [
    { type: 'text', text: 'Hi' },
    { type: 'tool_use', id: 'a', name: 'read', input: { path: 'x' } },
  ];
  expect(decode({ type: 'message', content, stop_reason: 'tool_use', usage: { output_tokens: 3 } })).toEqual([
    { type: 'text.delta', text: 'Hi' },
    { type: 'part.end' },
    { type: 'tool.input.started', callID: 'a', name: 'read' },
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'json', value: { path: 'x' } } },
    { type: 'usage', input: 0, output: 3, reasoning: 0, cacheRead: 0, cacheWrite: 0 },
    { type: 'finish', reason: 'tool-calls', raw: 'tool_use' },
  ]);
});

test.each([
  ['nothing', [], 'The provider closed the stream without an answer.'],
  ['half a text', [start(0, { type: 'text', text: 'Hi' })], 'The stream ended before the answer did.'],
])('a stream that ends after %s is cut off, and may be tried again', (_what, events, message) => {
  expect(decode(...events).at(-1)).toEqual({
    type: 'error',
    error: { code: 'stream-cut', message, retryable: true },
  });
});

test.each([
  [null],
  ['text'],
  [{ type: 7 }],
  [{ type: 'content_block_start', index: 'x', content_block: {} }],
])('%j is no event, and ends the stream with that', (chunk) => {
  const decoder = messagesDecoder();
  expect(decoder.push(chunk)).toMatchObject([
    { type: 'error', error: { code: 'protocol', retryable: false } },
  ]);
});

test('events of a later version are passed over', () => {
  expect(decode({ type: 'of-tomorrow' }, ...end('end_turn'))).toEqual([
    { type: 'finish', reason: 'stop', raw: 'end_turn' },
  ]);
});
