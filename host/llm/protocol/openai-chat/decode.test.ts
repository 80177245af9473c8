import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMEvent, LLMRequest } from '../../schema.ts';
import { chatDecoder } from './decode.ts';

const request: LLMRequest = { model: 'm', system: [], messages: [], tools: [], generation: {} };

function decode(chunks: readonly unknown[], complete = true): readonly LLMEvent[] {
  const decoder = chatDecoder(request);
  const events: LLMEvent[] = [];
  for (const chunk of chunks) {
    events.push(...decoder.push(chunk));
    if (events.some(({ type }) => type === 'error')) return events;
  }
  return [...events, ...decoder.end({ complete })];
}

const delta = (fields: object, finish_reason: string | null = null): object => ({
  choices: [{ index: 0, delta: fields, finish_reason }],
});
const piece = (fields: object): object => delta({ tool_calls: [fields] });
const fn = (name?: string, args?: unknown): object => ({
  function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
});
const done = (reason = 'stop'): object => delta({}, reason);

function calls(...chunks: readonly unknown[]): unknown {
  return decode([...chunks, done('tool_calls')]).flatMap((event) =>
    event.type === 'tool.call' ? [[event.callID, event.name, event.input]] : [],
  );
}
const json = (value: unknown): object => ({ type: 'json', value });

test('text, usage and finish come in order, one terminal event last', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } };
  expect(
    decode([
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Hi' }),
      done(),
      { choices: [], usage },
    ]),
  ).toEqual([
    { type: 'text.delta', text: 'Hi' },
    { type: 'usage', input: 7, output: 4, reasoning: 0, cacheRead: 3, cacheWrite: 0 },
    { type: 'finish', reason: 'stop', raw: 'stop' },
  ]);
});

test('calls are put together by index, whatever the order of their pieces', () => {
  const pieces = [
    piece({ index: 0, id: 'a', ...fn('read', '') }),
    piece({ index: 1, id: 'b', ...fn('glob', '{"p":') }),
    piece({ index: 0, ...fn(undefined, '{"f":1}') }),
    piece({ index: 1, ...fn(undefined, '2}') }),
  ];
  expect(calls(...pieces)).toEqual([
    ['a', 'read', json({ f: 1 })],
    ['b', 'glob', json({ p: 2 })],
  ]);
});

test('started, deltas and call of one tool carry one id and the whole text', () => {
  const events = decode([
    piece({ index: 0, id: 'a', ...fn('read', '{"f"') }),
    piece({ index: 0, ...fn(undefined, ':1}') }),
    done(),
  ]);
  expect(events).toEqual([
    { type: 'tool.input.started', callID: 'a', name: 'read' },
    { type: 'tool.input.delta', callID: 'a', text: '{"f"' },
    { type: 'tool.input.delta', callID: 'a', text: ':1}' },
    { type: 'tool.call', callID: 'a', name: 'read', input: json({ f: 1 }) },
    { type: 'finish', reason: 'tool-calls', raw: 'stop' },
  ]);
});

test.each<[string, readonly object[], unknown]>([
  [
    'no index',
    [piece({ id: 'a', ...fn('read', '{"f"') }), piece(fn(undefined, ':1}'))],
    [['a', 'read', json({ f: 1 })]],
  ],
  [
    'no index, two calls',
    [piece({ id: 'a', ...fn('read', '{}') }), piece({ id: 'b', ...fn('glob', '{}') })],
    [
      ['a', 'read', json({})],
      ['b', 'glob', json({})],
    ],
  ],
  ['index null', [piece({ index: null, id: 'a', ...fn('read', '{}') })], [['a', 'read', json({})]]],
  [
    'index 0 for every call',
    [
      piece({ index: 0, id: 'a', ...fn('read', '{}') }),
      piece({ index: 0, id: 'b', ...fn('read', '{"x":1}') }),
    ],
    [
      ['a', 'read', json({})],
      ['b', 'read', json({ x: 1 })],
    ],
  ],
  [
    'whole calls without ids at index 0',
    [piece({ index: 0, ...fn('read', '{"a":1}') }), piece({ index: 0, ...fn('read', '{"b":2}') })],
    [
      ['call_0_0', 'read', json({ a: 1 })],
      ['call_0_1', 'read', json({ b: 2 })],
    ],
  ],
  [
    'id and name repeated in each piece',
    [piece({ index: 0, id: 'a', ...fn('read', '{"f"') }), piece({ index: 0, id: 'a', ...fn('read', ':1}') })],
    [['a', 'read', json({ f: 1 })]],
  ],
  [
    'another id without a name',
    [
      piece({ index: 0, id: 'a', ...fn('read', '{"f"') }),
      piece({ index: 0, id: 'z', ...fn(undefined, ':1}') }),
    ],
    [['a', 'read', json({ f: 1 })]],
  ],
  [
    'empty id after the first piece',
    [piece({ index: 0, id: 'a', ...fn('read', '{"f"') }), piece({ index: 0, id: '', ...fn('', ':1}') })],
    [['a', 'read', json({ f: 1 })]],
  ],
  [
    'one id for two calls',
    [piece({ index: 0, id: 'a', ...fn('read', '{}') }), piece({ index: 1, id: 'a', ...fn('glob', '{}') })],
    [
      ['a', 'read', json({})],
      ['a_1', 'glob', json({})],
    ],
  ],
  [
    'whole call in one chunk',
    [piece({ index: 0, id: 'a', ...fn('read', '{"f":1}') })],
    [['a', 'read', json({ f: 1 })]],
  ],
  [
    'arguments as an object',
    [piece({ index: 0, id: 'a', ...fn('read', { f: 1 }) })],
    [['a', 'read', json({ f: 1 })]],
  ],
  ['no arguments', [piece({ index: 0, id: 'a', ...fn('read') })], [['a', 'read', json({})]]],
  ['null arguments', [piece({ index: 0, id: 'a', ...fn('read', 'null') })], [['a', 'read', json({})]]],
  [
    'broken arguments',
    [piece({ index: 0, id: 'a', ...fn('read', '{"f"') })],
    [['a', 'read', { type: 'malformed', text: '{"f"' }]],
  ],
  [
    'name after the arguments began',
    [piece({ index: 0, id: 'a', ...fn(undefined, '{"f"') }), piece({ index: 0, ...fn('read', ':1}') })],
    [['a', 'read', json({ f: 1 })]],
  ],
])('a call with %s is understood', (_name, pieces, expected) => {
  expect(calls(...pieces)).toEqual(expected);
});

test('ids made for calls without one are equal for equal streams and take the name of the answer', () => {
  const stream = [{ id: 'gen-7', choices: [] }, piece({ index: 0, ...fn('read', '{}') })];
  expect(calls(...stream)).toEqual([['call_gen-7_0', 'read', json({})]]);
  expect(calls(...stream)).toEqual(calls(...stream));
});

test.each<[string, object, readonly LLMEvent[]]>([
  [
    'reasoning_content',
    { reasoning_content: 'hm' },
    [{ type: 'reasoning.delta', text: 'hm', metadata: { 'openai-chat': { field: 'reasoning_content' } } }],
  ],
  ['reasoning', { reasoning: 'hm', content: '' }, [{ type: 'reasoning.delta', text: 'hm' }]],
  [
    'both at once',
    { reasoning: 'hm', reasoning_content: 'hm' },
    [{ type: 'reasoning.delta', text: 'hm', metadata: { 'openai-chat': { field: 'reasoning_content' } } }],
  ],
  [
    'thinking parts',
    {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'so' },
      ],
    },
    [
      { type: 'reasoning.delta', text: 'hm' },
      { type: 'text.delta', text: 'so' },
    ],
  ],
  ['a refusal', { refusal: 'No.' }, [{ type: 'text.delta', text: 'No.' }]],
])('%s is read', (_name, fields, expected) => {
  expect(decode([delta(fields), done()]).slice(0, -1)).toEqual(expected);
});

test('reasoning details are joined to blocks, shown once, and leave with the finish', () => {
  const text = (words: string): object => ({
    type: 'reasoning.text',
    index: 0,
    text: words,
    signature: null,
  });
  const events = decode([
    delta({ reasoning_details: [text('I ')] }),
    delta({ reasoning: 'think', reasoning_details: [text('think')] }),
    delta({
      reasoning_details: [
        { type: 'reasoning.text', index: 0, signature: 'sig' },
        { type: 'reasoning.encrypted', index: 1, data: 'x' },
      ],
    }),
    done(),
  ]);
  expect(events.slice(0, -1).map((event) => 'text' in event && event.text)).toEqual(['I ', 'think']);
  expect(events.at(-1)).toEqual({
    type: 'finish',
    reason: 'stop',
    raw: 'stop',
    metadata: {
      'openai-chat': {
        reasoningDetails: [
          { type: 'reasoning.text', index: 0, text: 'I think', signature: 'sig' },
          { type: 'reasoning.encrypted', index: 1, data: 'x' },
        ],
      },
    },
  });
});

test.each<[string, string]>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
  ['function_call', 'tool-calls'],
  ['something new', 'other'],
])('finish reason %s becomes %s', (raw, reason) => {
  expect(decode([delta({ content: 'x' }), done(raw)]).at(-1)).toEqual({ type: 'finish', reason, raw });
});

test.each<[string, object, object]>([
  [
    'DeepSeek',
    { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 4 },
    { input: 6, cacheRead: 4 },
  ],
  ['Moonshot', { prompt_tokens: 10, completion_tokens: 1, cached_tokens: 4 }, { input: 6, cacheRead: 4 }],
  [
    'cache writes',
    {
      prompt_tokens: 10,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 5 },
    },
    { input: 3, cacheRead: 2, cacheWrite: 5 },
  ],
  [
    'reasoning inside',
    {
      prompt_tokens: 10,
      completion_tokens: 9,
      total_tokens: 19,
      completion_tokens_details: { reasoning_tokens: 5 },
    },
    { output: 9, reasoning: 5 },
  ],
  [
    'reasoning apart',
    {
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 19,
      completion_tokens_details: { reasoning_tokens: 5 },
    },
    { output: 9, reasoning: 5 },
  ],
  ['more cached than asked', { prompt_tokens: 1, completion_tokens: 1, cached_tokens: 4 }, { input: 0 }],
  ['null details', { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: null }, { input: 1 }],
])('usage of %s is counted', (_name, usage, expected) => {
  const events = decode([done(), { choices: [], usage }]);
  expect(events.find(({ type }) => type === 'usage')).toMatchObject(expected);
});

test('zeros after a count are passed over', () => {
  const zeros = { prompt_tokens: 0, completion_tokens: 0 };
  const events = decode([
    { ...done(), usage: { prompt_tokens: 5, completion_tokens: 2 } },
    { ...done(), usage: zeros },
  ]);
  expect(events.filter(({ type }) => type === 'usage')).toMatchObject([{ input: 5, output: 2 }]);
});

test('a stream without a finish reason was cut, unless its end mark came', () => {
  expect(decode([delta({ content: 'x' })], false).at(-1)).toMatchObject({
    error: { code: 'stream-cut', retryable: true },
  });
  expect(decode([delta({ content: 'x' })], true).at(-1)).toEqual({
    type: 'finish',
    reason: 'stop',
    raw: null,
  });
  expect(decode([], true)).toMatchObject([{ error: { code: 'stream-cut' } }]);
});

test('a cut stream hands out no half call', () => {
  const events = decode([piece({ index: 0, id: 'a', ...fn('read', '{"f":1}') })], false);
  expect(events.map(({ type }) => type)).toEqual(['tool.input.started', 'tool.input.delta', 'error']);
});

test('a chunk of another format ends the stream as a protocol error', () => {
  expect(decode([delta({ content: 123 })]).at(-1)).toMatchObject({
    error: { code: 'protocol', retryable: false },
  });
  expect(decode(['text'])).toMatchObject([{ error: { code: 'protocol' } }]);
});

test('finish reason error without words is a server failure', () => {
  expect(decode([delta({ content: 'x' }), done('error')]).at(-1)).toMatchObject({
    error: { code: 'server' },
  });
});

test('a whole message instead of deltas is read as one', () => {
  const message = {
    role: 'assistant',
    content: 'Hi',
    tool_calls: [{ id: 'a', type: 'function', ...fn('read', '{}') }],
  };
  expect(
    decode([{ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }]).map(({ type }) => type),
  ).toEqual(['text.delta', 'tool.input.started', 'tool.input.delta', 'tool.call', 'finish']);
});

const plausible = fc.record(
  {
    index: fc.constantFrom(0, 1, null, -1),
    id: fc.constantFrom('a', 'b', '', null),
    function: fc.record(
      { name: fc.constantFrom('read', '', null), arguments: fc.constantFrom('{', '{}', '', '}', null) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const anyChunk = fc.oneof(
  fc.jsonValue(),
  fc.array(plausible, { maxLength: 3 }).map((tool_calls) => delta({ tool_calls })),
  fc.constantFrom(
    done('stop'),
    done('tool_calls'),
    delta({ content: 'x' }),
    { choices: [] },
    { choices: null },
  ),
);

test('whatever comes, the decoder does not throw, ends once, and closes every call it opened', () => {
  void fc.assert(
    fc.property(fc.array(anyChunk, { maxLength: 12 }), fc.boolean(), (chunks, complete) => {
      const events = decode(chunks, complete);
      const terminal = events.filter(({ type }) => type === 'finish' || type === 'error');
      expect(terminal).toEqual([events.at(-1)]);
      if (events.at(-1)?.type === 'error') return;
      const ids = (type: LLMEvent['type']): readonly string[] =>
        events.flatMap((event) => (event.type === type && 'callID' in event ? [event.callID] : []));
      expect(ids('tool.call').toSorted()).toEqual(ids('tool.input.started').toSorted());
      expect(new Set(ids('tool.call')).size).toBe(ids('tool.call').length);
    }),
    { numRuns: 500 },
  );
});
