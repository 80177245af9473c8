import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMMessage, LLMRequest } from '../../schema.ts';
import { nineCharacters, wireCallID } from '../call-id.ts';
import { encodeChat } from './encode.ts';
import type { ChatEncoding } from './wire.ts';

const compatible: ChatEncoding = { limitName: 'older' };

function request(part: Partial<LLMRequest> = {}): LLMRequest {
  return { model: 'm', system: [], messages: [], tools: [], generation: {}, ...part };
}

function wire(part: Partial<LLMRequest>, encoding = compatible): Record<string, unknown> {
  return JSON.parse(JSON.stringify(encodeChat(request(part), encoding)));
}

function messages(...list: readonly LLMMessage[]): unknown {
  return wire({ messages: list })['messages'];
}

const user = (text: string): LLMMessage => ({ type: 'user', content: [{ type: 'text', text }] });
const call = (id: string, input: unknown = {}): LLMMessage => ({
  type: 'assistant',
  content: [{ type: 'tool-call', id, name: 'read', input }],
});
const result = (callID: string, output = 'ok', isError = false): LLMMessage => ({
  type: 'tool-result',
  callID,
  name: 'read',
  output,
  isError,
});

const whole: LLMRequest = {
  model: 'gpt-5',
  system: ['You are Millrace.', 'The workspace is small.'],
  messages: [
    {
      type: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { type: 'data', mime: 'image/png', data: 'AAAA' } },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      ],
    },
    {
      type: 'assistant',
      content: [
        {
          type: 'reasoning',
          text: 'Two files.',
          metadata: { 'openai-chat': { field: 'reasoning_content' } },
        },
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', id: 'call_1', name: 'read', input: { filePath: 'a.ts' } },
        { type: 'tool-call', id: 'call_2', name: 'read', input: { filePath: 'b.ts', limit: 3 } },
      ],
    },
    { type: 'tool-result', callID: 'call_1', name: 'read', output: 'text of a', isError: false },
    { type: 'tool-result', callID: 'call_2', name: 'read', output: 'no such file', isError: true },
    { type: 'system', text: 'The date is now Tuesday.' },
    { type: 'assistant', content: [{ type: 'text', text: 'Done.' }] },
    { type: 'user', content: [{ type: 'text', text: 'Thanks.' }] },
  ],
  tools: [{ name: 'read', description: 'Reads a file.', parameters: { type: 'object', properties: {} } }],
  generation: { maxOutputTokens: 100, temperature: 0.5, topP: 0.9, reasoningEffort: 'low' },
  options: { store: false, metadata: { b: 1, a: 2 } },
  sessionID: 'ses_1',
};

test('a request with everything in it is encoded as pinned', () => {
  const encoding: ChatEncoding = { limitName: 'newer', cacheKey: true };
  expect(JSON.stringify(encodeChat(whole, encoding), null, 1)).toMatchSnapshot();
});

const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const loneSurrogates = fc.string({ unit: fc.constantFrom('a', '\ud83d', '\ude00', ' ', 'ß'), maxLength: 6 });
const words = fc.oneof(anyText, loneSurrogates);
const ids = fc.constantFrom('c1', 'c2', 'c3', `long_${'x'.repeat(60)}`);
const anyMessage: fc.Arbitrary<LLMMessage> = fc.oneof(
  words.map((text): LLMMessage => user(text)),
  words.map((text): LLMMessage => ({ type: 'system', text })),
  fc
    .record({ text: words, calls: fc.uniqueArray(ids, { maxLength: 3 }), input: fc.jsonValue() })
    .map(({ text, calls, input }): LLMMessage => {
      const toolCalls = calls.map((id) => ({ type: 'tool-call' as const, id, name: 'read', input }));
      return { type: 'assistant', content: [{ type: 'text', text }, ...toolCalls] };
    }),
  fc
    .record({ callID: ids, output: words, isError: fc.boolean() })
    .map(({ callID, output, isError }): LLMMessage => result(callID, output, isError)),
);
const history = fc.array(anyMessage, { maxLength: 12 });

test('equal requests are equal bytes, whatever the order of their options (LM-04)', () => {
  void fc.assert(
    fc.property(history, fc.dictionary(anyText, fc.jsonValue()), (list, options) => {
      const again = Object.fromEntries(Object.entries(structuredClone(options)).reverse());
      const first = JSON.stringify(encodeChat(request({ messages: list, options }), compatible));
      const copy = request({ options: again, messages: structuredClone(list) });
      expect(JSON.stringify(encodeChat(copy, compatible))).toBe(first);
    }),
  );
});

test('any history is well-formed text in an order that the format allows', () => {
  void fc.assert(
    fc.property(history, (list) => {
      const body = wire(
        { messages: list, tools: whole.tools },
        { ...compatible, callID: (id) => wireCallID(id, 40) },
      );
      expect(JSON.stringify(body).isWellFormed()).toBe(true);
      expect(JSON.stringify(body)).not.toMatch(/\\ud[89a-f]/i);
      expect(disorder(body['messages'])).toBeNull();
    }),
  );
});

type Wire = { role: string; content: unknown; tool_call_id?: string; tool_calls?: { id: string }[] };

/** What a strict server would complain of. */
function disorder(value: unknown): string | null {
  const list = value as Wire[];
  let open: string[] = [];
  for (const [position, message] of list.entries()) {
    if (message.role === 'user' && list[position - 1]?.role === 'user') return 'two user messages';
    if (message.role === 'tool') {
      if (message.tool_call_id !== open.shift()) return 'a result out of order';
      continue;
    }
    if (open.length > 0) return 'a call without a result';
    open = (message.tool_calls ?? []).map(({ id }) => id);
    if (open.some((id) => id.length > 40)) return 'a long id';
    if (message.content === '') return 'an empty message';
  }
  return open.length > 0 ? 'a call without a result' : null;
}

test('a system message in the middle joins the user message beside it', () => {
  const update: LLMMessage = { type: 'system', text: 'News.' };
  const wrapped = '<system-update>\nNews.\n</system-update>';
  expect(messages(user('Hi'), update)).toEqual([{ role: 'user', content: `Hi\n\n${wrapped}` }]);
  expect(messages(update, user('Hi'))).toEqual([{ role: 'user', content: `${wrapped}\n\nHi` }]);
  expect(messages(call('c1'), result('c1'), update)).toMatchObject([
    { role: 'assistant' },
    { role: 'tool' },
    { role: 'user', content: wrapped },
  ]);
});

test('a result follows its call at once, a missing one is said to be missing, an orphan becomes words', () => {
  expect(messages(call('c1'), user('meanwhile'), result('c1', 'late'))).toMatchObject([
    { role: 'assistant' },
    { role: 'tool', tool_call_id: 'c1', content: 'late' },
    { role: 'user', content: 'meanwhile' },
  ]);
  expect(messages(call('c1'), user('go on'))).toMatchObject([
    { role: 'assistant' },
    { role: 'tool', tool_call_id: 'c1', content: 'Error: no result was recorded for this call.' },
    { role: 'user' },
  ]);
  expect(messages(result('gone', 'text'))).toEqual([
    { role: 'user', content: 'Result of an earlier call of read:\ntext' },
  ]);
});

test('two turns that use one id each keep their own result', () => {
  const sent = messages(call('c1'), result('c1', 'first'), call('c1'), result('c1', 'second'));
  expect(sent).toMatchObject([{}, { content: 'first' }, {}, { content: 'second' }]);
});

test('a failed result says that it failed (LM-10)', () => {
  expect(messages(call('c1'), result('c1', 'not found', true))).toMatchObject([
    {},
    { content: 'Error: not found' },
  ]);
});

test('arguments are always a JSON object', () => {
  const text = (input: unknown): unknown => {
    const [first] = messages(call('c1', input)) as { tool_calls: { function: { arguments: string } }[] }[];
    return first?.tool_calls[0]?.function.arguments;
  };
  expect(text({ a: 1 })).toBe('{"a":1}');
  expect(text('{"broken')).toBe('{"input":"{\\"broken"}');
  expect(text([1])).toBe('{"input":[1]}');
  expect(text(null)).toBe('{}');
});

test('reasoning goes back as reasoning_content beside tool calls only, and only if it came that way', () => {
  const reasoning = (field: string | null, tail: readonly unknown[]): LLMMessage =>
    ({
      type: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', ...(field !== null && { metadata: { 'openai-chat': { field } } }) },
        { type: 'text', text: 'so' },
        ...tail,
      ],
    }) as LLMMessage;
  const tool = [{ type: 'tool-call', id: 'c1', name: 'read', input: {} }];
  expect(messages(reasoning('reasoning_content', tool))).toMatchObject([{ reasoning_content: 'hm' }, {}]);
  expect(JSON.stringify(messages(reasoning('reasoning_content', [])))).not.toContain('hm');
  expect(JSON.stringify(messages(reasoning(null, tool)))).not.toContain('hm');
});

test('reasoning details go back verbatim beside tool calls', () => {
  const details = [{ type: 'reasoning.encrypted', data: 'x', index: 0 }];
  const turn = { ...call('c1'), metadata: { 'openai-chat': { reasoningDetails: details } } } as LLMMessage;
  expect(messages(turn)).toMatchObject([{ reasoning_details: details }, {}]);
});

test('tool choice is sent only with tools, and options cannot replace the conversation', () => {
  expect(wire({})).not.toHaveProperty('tool_choice');
  expect(wire({ tools: whole.tools })).toMatchObject({ tool_choice: 'auto' });
  const options = { messages: [], model: 'other', stream: false, tool_choice: 'none', top_k: 4 };
  const body = wire({ tools: whole.tools, messages: [user('Hi')], options });
  expect(body).toMatchObject({ model: 'm', stream: true, tool_choice: 'none', top_k: 4 });
  expect(body['messages']).toHaveLength(1);
});

test('ids longer than the server takes are shortened alike in call and result', () => {
  const id = 'x'.repeat(64);
  const body = wire(
    { messages: [call(id), result(id)] },
    { ...compatible, callID: (id) => wireCallID(id, 40) },
  );
  const [assistant, tool] = body['messages'] as { tool_calls?: { id: string }[]; tool_call_id?: string }[];
  expect(assistant?.tool_calls?.[0]?.id).toMatch(/^call_[0-9a-f]{16}$/);
  expect(tool?.tool_call_id).toBe(assistant?.tool_calls?.[0]?.id);
});

test('a strict server gets neither the usage option nor ids of another form, and answers find their calls', () => {
  const strict: ChatEncoding = { ...compatible, withoutUsageOption: true, callID: nineCharacters };
  const body = wire(
    { messages: [call('call_0123456789'), result('call_0123456789'), call('abcDEF123')] },
    strict,
  );
  expect(body).not.toHaveProperty('stream_options');
  const [first, answer, second] = body['messages'] as readonly {
    readonly tool_call_id?: string;
    readonly tool_calls?: readonly { readonly id: string }[];
  }[];
  expect(first?.tool_calls?.[0]?.id).toMatch(/^[a-zA-Z0-9]{9}$/);
  expect(answer?.tool_call_id).toBe(first?.tool_calls?.[0]?.id);
  expect(second?.tool_calls?.[0]?.id).toBe('abcDEF123');
});

test('where marks are wanted, the baseline and the latest two requests bear one, and nothing else changes', () => {
  const marking: ChatEncoding = { ...compatible, marksCache: (model) => model.startsWith('anthropic/') };
  const conversation = {
    system: ['Baseline'],
    messages: [user('first'), call('c1'), result('c1'), user('second')],
  };
  const body = wire({ ...conversation, model: 'anthropic/claude' }, marking);
  const marks = (body['messages'] as readonly object[]).map((message) =>
    JSON.stringify(message).includes('cache_control'),
  );
  expect(marks).toEqual([true, false, false, true, true]);
  const plain = JSON.stringify(body['messages']).replaceAll(',"cache_control":{"type":"ephemeral"}', '');
  expect(plain).toContain('[{"type":"text","text":"second"}]');
  expect(JSON.stringify(wire({ ...conversation, model: 'openai/gpt' }, marking))).not.toContain(
    'cache_control',
  );
});

test('how much to think is one object where the server has one for all models', () => {
  const body = wire({ generation: { reasoningEffort: 'high' } }, { ...compatible, reasoningField: 'object' });
  expect(body).toMatchObject({ reasoning: { effort: 'high' } });
  expect(body).not.toHaveProperty('reasoning_effort');
});
