import { expect, test } from 'vitest';
import type { LLMEvent } from '../../schema.ts';
import { wireToolName } from '../tool-name.ts';
import { converseDecoder } from './decode.ts';
import { protocolID } from './wire.ts';

const tool = (name: string) => ({ name, description: '', parameters: {} });

function decode(...events: readonly object[]): readonly LLMEvent[] {
  const decoder = converseDecoder({ tools: [tool('read'), tool('server.read')] });
  const list: LLMEvent[] = [];
  for (const event of events) {
    list.push(...decoder.push(event));
    if (list.at(-1)?.type === 'error') return list;
  }
  return [...list, ...decoder.end({ complete: false })];
}

const start = (contentBlockIndex: number, fields: object) => ({
  contentBlockStart: { contentBlockIndex, start: fields },
});
const delta = (contentBlockIndex: number, fields: object) => ({
  contentBlockDelta: { contentBlockIndex, delta: fields, p: 'abc' },
});
const stop = (contentBlockIndex: number) => ({ contentBlockStop: { contentBlockIndex } });
const end = (stopReason: string, usage?: object) => [
  { messageStop: { stopReason } },
  ...(usage === undefined ? [] : [{ metadata: { metrics: { latencyMs: 1 }, usage } }]),
];
const own = (facts: object) => ({ [protocolID]: facts });

test('text, its citations, usage and finish come in order', () => {
  const usage = { inputTokens: 7, cacheReadInputTokens: 5, cacheWriteInputTokens: 2, outputTokens: 9 };
  expect(
    decode(
      { messageStart: { role: 'assistant' } },
      delta(0, { text: '' }),
      delta(0, { text: 'Hi' }),
      delta(0, { citation: { title: 't' } }),
      stop(0),
      ...end('end_turn', usage),
    ),
  ).toEqual([
    { type: 'text.delta', text: 'Hi' },
    { type: 'part.end', metadata: own({ citations: [{ title: 't' }] }) },
    { type: 'usage', input: 7, output: 9, reasoning: 0, cacheRead: 5, cacheWrite: 2 },
    { type: 'finish', reason: 'stop', raw: 'end_turn' },
  ]);
});

test('two thoughts in a row stay two, each with its signature; one without words has its signature all the same; secret ones are kept whole (LM-10)', () => {
  const secret = (bytes: string) => ({
    reasoningContent: { redactedContent: Buffer.from(bytes).toString('base64') },
  });
  expect(
    decode(
      delta(0, { reasoningContent: { text: 'Hm.' } }),
      delta(0, { reasoningContent: { signature: 'one' } }),
      stop(0),
      delta(1, { reasoningContent: { signature: 'two' } }),
      stop(1),
      delta(2, secret('se')),
      delta(2, secret('cret')),
      stop(2),
      ...end('end_turn'),
    ).slice(0, -1),
  ).toEqual([
    { type: 'reasoning.delta', text: 'Hm.' },
    { type: 'part.end', metadata: own({ signature: 'one' }) },
    { type: 'reasoning.delta', text: '' },
    { type: 'part.end', metadata: own({ signature: 'two' }) },
    {
      type: 'native',
      name: 'redacted_thinking',
      text: '',
      metadata: own({ block: { reasoningContent: { redactedContent: 'c2VjcmV0' } } }),
    },
  ]);
});

test('calls that stream side by side are put together, one without arguments has none, and names are the ones that were given', () => {
  const events = decode(
    start(0, { toolUse: { toolUseId: 'a', name: 'read' } }),
    start(1, { toolUse: { toolUseId: 'b', name: wireToolName('server.read'), later: 1 } }),
    delta(0, { toolUse: { input: '{"path":' } }),
    delta(0, { toolUse: { input: '"x"}' } }),
    stop(1),
    stop(0),
    ...end('tool_use'),
  );
  expect(events.filter(({ type }) => type === 'tool.call' || type === 'finish')).toEqual([
    {
      type: 'tool.call',
      callID: 'b',
      name: 'server.read',
      input: { type: 'json', value: {} },
      metadata: own({ extra: { later: 1 } }),
    },
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'json', value: { path: 'x' } } },
    { type: 'finish', reason: 'tool-calls', raw: 'tool_use' },
  ]);
});

test('arguments that are no JSON stay the text they are, also in a call that was never ended', () => {
  const events = decode(
    start(0, { toolUse: { toolUseId: 'a', name: 'read' } }),
    delta(0, { toolUse: { input: '{"path":' } }),
    ...end('max_tokens'),
  );
  expect(events.slice(2)).toEqual([
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'malformed', text: '{"path":' } },
    { type: 'finish', reason: 'length', raw: 'max_tokens' },
  ]);
});

test('a tool that the server runs and its result are blocks of their own, in pieces as in one (LM-10)', () => {
  const call = { toolUseId: 's', name: 'nova_code_interpreter', type: 'server_tool_use' };
  const result = { toolUseId: 's', type: 'nova_code_interpreter_result', status: 'success' };
  const blocks = [
    { toolUse: { ...call, input: { snippet: '1 + 1' } } },
    { toolResult: { ...result, content: [{ text: 'It is two.' }, { json: { stdOut: '2' } }] } },
  ];
  const native = [
    { type: 'native', name: call.name, text: '1 + 1', metadata: own({ block: blocks[0] }) },
    { type: 'native', name: result.type, text: '', metadata: own({ block: blocks[1] }) },
    { type: 'finish', reason: 'stop', raw: 'end_turn' },
  ];
  expect(
    decode(
      start(0, { toolUse: call }),
      delta(0, { toolUse: { input: '{"snippet": ' } }),
      delta(0, { toolUse: { input: '"1 + 1"}' } }),
      stop(0),
      start(1, { toolResult: result }),
      delta(1, { toolResult: [{ text: 'It is' }] }),
      delta(1, { toolResult: [{ text: ' two.' }, { json: { stdOut: '2' } }] }),
      stop(1),
      ...end('end_turn'),
    ),
  ).toEqual(native);
  expect(decode({ output: { message: { content: blocks } }, stopReason: 'end_turn' })).toEqual(native);
});

test('a block of a kind that is not known is put together and kept (LM-10)', () => {
  const bytes = (text: string) => Buffer.from(text).toString('base64');
  expect(
    decode(
      start(0, { image: { format: 'png' } }),
      delta(0, { image: { source: { bytes: bytes('a') } } }),
      delta(0, { image: { source: { bytes: bytes('bc') } } }),
      stop(0),
      ...end('end_turn'),
    )[0],
  ).toEqual({
    type: 'native',
    name: 'image',
    text: '',
    metadata: own({ block: { image: { format: 'png', source: { bytes: bytes('abc') } } } }),
  });
});

test('an answer that came whole gives what a stream of it would', () => {
  const content = [
    { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } } },
    { text: 'Hi' },
    { citationsContent: { content: [{ text: 'So it says.' }], citations: [{ title: 't' }] } },
    { toolUse: { toolUseId: 'a', name: 'read', input: { path: 'x' }, type: 'tool_use' } },
    {},
  ];
  const usage = { inputTokens: 1, outputTokens: 3 };
  expect(decode({ output: { message: { content } }, stopReason: 'tool_use', usage })).toEqual([
    { type: 'reasoning.delta', text: 'Hm.' },
    { type: 'part.end', metadata: own({ signature: 'sig' }) },
    { type: 'text.delta', text: 'Hi' },
    { type: 'part.end' },
    { type: 'text.delta', text: 'So it says.' },
    { type: 'part.end', metadata: own({ citations: [{ title: 't' }] }) },
    { type: 'tool.input.started', callID: 'a', name: 'read' },
    { type: 'tool.call', callID: 'a', name: 'read', input: { type: 'json', value: { path: 'x' } } },
    { type: 'usage', input: 1, output: 3, reasoning: 0, cacheRead: 0, cacheWrite: 0 },
    { type: 'finish', reason: 'tool-calls', raw: 'tool_use' },
  ]);
});

test.each([
  ['guardrail_intervened', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['model_context_window_exceeded', 'length'],
  ['stop_sequence', 'stop'],
  ['malformed_tool_use', 'other'],
])('%s is finish reason %s', (raw, reason) => {
  expect(decode(...end(raw))).toEqual([{ type: 'finish', reason, raw }]);
});

test.each([
  ['nothing', [], 'The provider closed the stream without an answer.'],
  ['half a text', [delta(0, { text: 'Hi' })], 'The stream ended before the answer did.'],
  ['a block', [delta(0, { text: 'Hi' }), stop(0)], 'The stream ended before the answer did.'],
])('a stream that ends after %s is cut off, and may be tried again', (_what, events, message) => {
  expect(decode(...events).at(-1)).toEqual({
    type: 'error',
    error: { code: 'stream-cut', message, retryable: true },
  });
});

test.each([
  [null],
  ['text'],
  [{ contentBlockDelta: { contentBlockIndex: 'x', delta: {} } }],
  [{ messageStop: {} }],
  [{ output: {} }],
])('%j is no event, and ends the stream with that', (chunk) => {
  expect(converseDecoder({ tools: [] }).push(chunk)).toMatchObject([
    { type: 'error', error: { code: 'protocol', retryable: false } },
  ]);
});

test('events of a later version are passed over', () => {
  expect(decode({ ofTomorrow: { x: 1 } }, ...end('end_turn'))).toEqual([
    { type: 'finish', reason: 'stop', raw: 'end_turn' },
  ]);
});
