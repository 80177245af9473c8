import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMMessage, LLMRequest } from '../../schema.ts';
import { encodeResponses } from './encode.ts';
import { protocolID } from './wire.ts';

const base: LLMRequest = { model: 'gpt', system: [], messages: [], tools: [], generation: {} };
const own = (facts: object) => ({ [protocolID]: facts });
const user = (text: string): LLMMessage => ({ type: 'user', content: [{ type: 'text', text }] });
const call = (id: string): LLMMessage => ({
  type: 'assistant',
  content: [{ type: 'tool-call', id, name: 'read', input: { path: 'a' } }],
});

function encode(request: Partial<LLMRequest>, encoding = {}): Record<string, unknown> {
  return { ...encodeResponses({ ...base, ...request }, encoding) };
}

const inputOf = (...messages: readonly LLMMessage[]): unknown => encode({ messages })['input'];

test('nothing is kept on the server, and what is thought comes back encrypted', () => {
  const body = encode({ system: ['You are.', 'Rules.'], sessionID: 'ses_1' }, { cacheKey: true });
  expect(body).toMatchObject({
    instructions: 'You are.\n\nRules.',
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'ses_1',
    stream: true,
  });
  const imitator = encode({}, { isStateless: false });
  expect(Object.keys(imitator)).toEqual(['model', 'input', 'stream']);
});

test('thoughts without their id, searches of the server and the phase of a text go back as they came (LM-10)', () => {
  const thought = { type: 'reasoning', summary: [], encrypted_content: 'secret' };
  const search = { type: 'web_search_call', id: 'ws', status: 'completed', action: { query: 'q' } };
  const answer: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.', metadata: own({ item: { id: 'rs', ...thought } }) },
      { type: 'reasoning', text: 'Of another model.' },
      { type: 'native', metadata: own({ item: search }) },
      { type: 'text', text: 'First', metadata: own({ phase: 'commentary' }) },
    ],
  };
  expect(inputOf(user('q'), answer)).toEqual([
    { role: 'user', content: [{ type: 'input_text', text: 'q' }] },
    thought,
    search,
    {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'First' }],
      phase: 'commentary',
    },
  ]);
});

test('every call has its result, an instruction in between is the developer’s, and pictures stand in results', () => {
  const image = { type: 'image', source: { type: 'data', mime: 'image/png', data: 'AAAA' } } as const;
  const shown: LLMMessage = {
    type: 'tool-result',
    callID: 'b',
    name: 'read',
    output: 'a picture',
    isError: true,
    attachments: [image],
  };
  expect(inputOf(call('a'), { type: 'system', text: 'Now.' }, call('b'), shown)).toEqual([
    { type: 'function_call', call_id: 'a', name: 'read', arguments: '{"path":"a"}' },
    {
      type: 'function_call_output',
      call_id: 'a',
      output: 'Error: no result was recorded for this call.',
    },
    { role: 'developer', content: [{ type: 'input_text', text: 'Now.' }] },
    { type: 'function_call', call_id: 'b', name: 'read', arguments: '{"path":"a"}' },
    {
      type: 'function_call_output',
      call_id: 'b',
      output: [
        { type: 'input_text', text: 'Error: a picture' },
        { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
      ],
    },
  ]);
});

test('effort and what the options say of reasoning are one field, and options replace nothing of the conversation', () => {
  const options = {
    reasoning: { summary: 'detailed' },
    input: [],
    stream: false,
    include: ['x'],
    top_logprobs: 1,
  };
  const body = encode({
    messages: [user('q')],
    generation: { reasoningEffort: 'high', maxOutputTokens: 9 },
    options,
  });
  expect(body).toMatchObject({
    reasoning: { effort: 'high', summary: 'detailed' },
    include: ['reasoning.encrypted_content', 'x'],
    max_output_tokens: 9,
    stream: true,
    top_logprobs: 1,
  });
  expect(body['input']).toHaveLength(1);
  expect(encode({ generation: { maxOutputTokens: 9 } }, { withoutLimit: true })).not.toHaveProperty(
    'max_output_tokens',
  );
});

const ids = fc.constantFrom('a', 'b', 'c');
const message: fc.Arbitrary<LLMMessage> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).map(user),
  ids.map(
    (callID): LLMMessage => ({ type: 'tool-result', callID, name: 'read', output: 'x', isError: false }),
  ),
  fc.uniqueArray(ids, { maxLength: 3 }).map(
    (some): LLMMessage => ({
      type: 'assistant',
      content: some.map((id) => ({ type: 'tool-call' as const, id, name: 'read', input: id })),
    }),
  ),
);

test('whatever the history, outputs and calls pair up in order, and equal requests are equal bytes', () => {
  void fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
      const body = encode({ messages });
      expect(JSON.stringify(encode({ messages: structuredClone(messages) }))).toBe(JSON.stringify(body));
      const items = body['input'] as readonly { readonly type?: string; readonly call_id?: string }[];
      const open: (string | undefined)[] = [];
      for (const { type, call_id } of items) {
        if (type === 'function_call') open.push(call_id);
        else if (type === 'function_call_output') expect(call_id).toBe(open.shift());
        else expect(open).toEqual([]);
      }
      expect(open).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
