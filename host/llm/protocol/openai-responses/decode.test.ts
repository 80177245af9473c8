import { expect, test } from 'vitest';
import type { LLMEvent } from '../../schema.ts';
import { responsesDecoder } from './decode.ts';
import { protocolID } from './wire.ts';

function decode(...events: readonly object[]): readonly LLMEvent[] {
  const decoder = responsesDecoder();
  const list: LLMEvent[] = [];
  for (const event of events) {
    list.push(...decoder.push(event));
    if (list.at(-1)?.type === 'error') return list;
  }
  return [...list, ...decoder.end({ complete: false })];
}

const added = (output_index: number, item: object) => ({
  type: 'response.output_item.added',
  output_index,
  item,
});
const done = (output_index: number, item: object) => ({
  type: 'response.output_item.done',
  output_index,
  item,
});
const piece = (kind: string, output_index: number, delta: string) => ({
  type: `response.${kind}.delta`,
  output_index,
  delta,
});
const summary = (summary_index: number, delta: string) => ({
  ...piece('reasoning_summary_text', 0, delta),
  summary_index,
});
const completed = (more: object = {}) => ({
  type: 'response.completed',
  response: { status: 'completed', ...more },
});
const own = (facts: object) => ({ [protocolID]: facts });

test('the summaries of a thought are paragraphs of one part, which carries what goes back', () => {
  const item = { type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'secret' };
  expect(
    decode(
      added(0, { type: 'reasoning', id: 'rs', summary: [] }),
      summary(0, 'One'),
      summary(0, ' and'),
      summary(1, 'two'),
      done(0, { ...item, status: 'completed' }),
      completed(),
    ),
  ).toEqual([
    { type: 'reasoning.delta', text: 'One' },
    { type: 'reasoning.delta', text: ' and' },
    { type: 'reasoning.delta', text: '\n\ntwo' },
    { type: 'part.end', metadata: own({ item }) },
    { type: 'finish', reason: 'stop', raw: 'completed' },
  ]);
});

test('a thought that is all secret goes back, one that says nothing at all is none', () => {
  const secret = { type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'secret' };
  expect(decode(added(0, secret), done(0, secret), completed()).slice(0, 2)).toEqual([
    { type: 'reasoning.delta', text: '' },
    { type: 'part.end', metadata: own({ item: secret }) },
  ]);
  const nothing = { type: 'reasoning', id: 'rs', summary: [] };
  expect(decode(added(0, nothing), done(0, nothing), completed())).toHaveLength(1);
});

test('calls side by side are told apart by their place, and usage counts the cache apart', () => {
  const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'read', arguments: '' });
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 6,
    output_tokens_details: { reasoning_tokens: 2 },
  };
  expect(
    decode(
      added(0, call('a')),
      added(1, call('b')),
      piece('function_call_arguments', 1, '{"n":'),
      piece('function_call_arguments', 0, '{}'),
      piece('function_call_arguments', 1, '1}'),
      done(1, { ...call('b'), arguments: '{"n":1}' }),
      done(0, { ...call('a'), arguments: '{}' }),
      completed({ usage }),
    ).filter(({ type }) => ['tool.call', 'usage', 'finish'].includes(type)),
  ).toEqual([
    { type: 'tool.call', callID: 'b', name: 'read', input: { type: 'json', value: { n: 1 } } },
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'json', value: {} } },
    { type: 'usage', input: 6, output: 6, reasoning: 2, cacheRead: 4, cacheWrite: 0 },
    { type: 'finish', reason: 'tool-calls', raw: 'completed' },
  ]);
});

test('items that come whole, without a beginning or pieces, give what their streams would', () => {
  const content = [{ type: 'output_text', text: 'Hi' }];
  const item = { type: 'message', role: 'assistant', content, phase: 'final_answer' };
  const said = [
    { type: 'text.delta', text: 'Hi' },
    { type: 'part.end', metadata: own({ phase: 'final_answer' }) },
    { type: 'finish', reason: 'stop', raw: 'completed' },
  ];
  expect(decode(done(0, item), completed())).toEqual(said);
  expect(decode({ object: 'response', status: 'completed', output: [item] })).toEqual(said);
});

test.each([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
  ['of_tomorrow', 'other'],
])('an answer cut short by %s ends as %s', (reason, expected) => {
  const response = { status: 'incomplete', incomplete_details: { reason } };
  expect(decode({ type: 'response.incomplete', response })).toEqual([
    { type: 'finish', reason: expected, raw: reason },
  ]);
});

test.each([
  [{ type: 'error', code: 'context_length_exceeded', message: 'Too long.' }, 'overflow'],
  [
    {
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down.' } },
    },
    'rate-limit',
  ],
])('an error in the stream is judged by its words', (event, code) => {
  expect(decode(event)).toMatchObject([{ type: 'error', error: { code } }]);
});

test('a call whose end the server left out is a call all the same, and a search is none', () => {
  const call = { type: 'function_call', call_id: 'a', name: 'read' };
  const events = decode(
    added(0, { type: 'web_search_call', status: 'in_progress' }),
    added(1, call),
    piece('function_call_arguments', 1, '{"path":"x"}'),
    { type: 'response.completed', response: { status: 'completed' } },
  );
  expect(events.slice(2)).toEqual([
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'json', value: { path: 'x' } } },
    { type: 'finish', reason: 'tool-calls', raw: 'completed' },
  ]);
});

test('a part that is none is passed over', () => {
  expect(decode(done(0, { type: 'reasoning', summary: [null, { text: 'Hm.' }] }))[0]).toEqual({
    type: 'reasoning.delta',
    text: '\n\nHm.',
  });
});

test('a stream that ends without its last event is cut off, and what is no event is refused', () => {
  expect(decode(added(0, { type: 'message' }), piece('output_text', 0, 'Hi')).at(-1)).toMatchObject({
    type: 'error',
    error: { code: 'stream-cut', retryable: true },
  });
  expect(decode({ type: 'response.output_text.delta', output_index: 0 })).toMatchObject([
    { type: 'error', error: { code: 'protocol', retryable: false } },
  ]);
  expect(decode({ type: 'ping' }, { type: 'response.of_tomorrow' }, completed())).toHaveLength(1);
});
