import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMMessage, LLMRequest } from '../../schema.ts';
import { gemini } from '../gemini.ts';
import { encodeGemini } from './encode.ts';
import { protocolID } from './wire.ts';

const base: LLMRequest = { model: 'gemini-2.5-pro', system: [], messages: [], tools: [], generation: {} };
const newer = 'gemini-3-pro-preview';
const user = (text: string): LLMMessage => ({ type: 'user', content: [{ type: 'text', text }] });
const own = (facts: object) => ({ [protocolID]: facts });
const call = (id: string, facts?: object): LLMMessage => ({
  type: 'assistant',
  content: [
    { type: 'tool-call', id, name: 'read', input: { path: 'a' }, ...(facts && { metadata: own(facts) }) },
  ],
});
const result = (callID: string, output = 'done'): LLMMessage => ({
  type: 'tool-result',
  callID,
  name: 'read',
  output,
  isError: false,
});
const readCall = { functionCall: { name: 'read', args: { path: 'a' } } };
const skipped = 'skip_thought_signature_validator';

type Content = { readonly role: string; readonly parts: readonly Record<string, unknown>[] };
type Body = { readonly contents: readonly Content[] } & Record<string, unknown>;

function encode(request: Partial<LLMRequest>, encoding = {}): Body {
  return encodeGemini({ ...base, ...request }, encoding) as Body;
}

const contentsOf = (messages: readonly LLMMessage[], model = base.model) =>
  encode({ messages, model }).contents.map(({ role, parts }) => [role, ...parts]);

test('a request names system, contents, functions and limits in the words of the format', () => {
  const tool = { name: 'read', description: 'Reads.', parameters: { type: 'object' } };
  const generation = { maxOutputTokens: 900, temperature: 0.2, topP: 0.9 };
  const body = encode({
    system: ['You are.', '', 'Rules.'],
    messages: [user('Hi')],
    tools: [tool],
    generation,
  });
  expect(JSON.stringify(body)).toBe(
    JSON.stringify({
      systemInstruction: { parts: [{ text: 'You are.' }, { text: 'Rules.' }] },
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      tools: [
        {
          functionDeclarations: [
            { name: 'read', description: 'Reads.', parametersJsonSchema: { type: 'object' } },
          ],
        },
      ],
      generationConfig: generation,
    }),
  );
});

test.each([
  ['gemini-3-pro', {}, '/models/gemini-3-pro'],
  ['models/gemini-3-pro', {}, '/models/gemini-3-pro'],
  ['tunedModels/mine', {}, '/tunedModels/mine'],
  ['gemini-3-pro', { platform: 'vertex' }, '/publishers/google/models/gemini-3-pro'],
  ['meta/llama-4', { platform: 'vertex' }, '/publishers/meta/models/llama-4'],
  ['endpoints/123', { platform: 'vertex' }, '/endpoints/123'],
] as const)('%s lies with %j at %s', (model, encoding, path) => {
  expect(gemini(encoding).path({ ...base, model })).toBe(`${path}:streamGenerateContent?alt=sse`);
});

test('every call is followed at once by its result, also one that was never recorded', () => {
  expect(contentsOf([user('go'), call('a'), user('more'), result('b')])).toEqual([
    ['user', { text: 'go' }],
    ['model', readCall],
    [
      'user',
      { functionResponse: { name: 'read', response: { error: 'no result was recorded for this call.' } } },
    ],
    ['user', { text: 'more' }, { text: 'Result of an earlier call of read:\ndone' }],
  ]);
});

test('results of calls made side by side come in the order of the calls, in one content', () => {
  const calls: LLMMessage = {
    type: 'assistant',
    content: ['a', 'b'].map((id) => ({ type: 'tool-call', id, name: id, input: {} })),
  };
  expect(contentsOf([user('go'), calls, result('b', 'second'), result('a', 'first')])[2]).toEqual([
    'user',
    { functionResponse: { name: 'a', response: { output: 'first' } } },
    { functionResponse: { name: 'b', response: { output: 'second' } } },
  ]);
});

test('ids go back where the server gave them, and ours stay with us', () => {
  expect(contentsOf([user('go'), call('x7', { id: 'x7' }), result('x7')]).slice(1)).toEqual([
    ['model', { functionCall: { id: 'x7', name: 'read', args: { path: 'a' } } }],
    ['user', { functionResponse: { id: 'x7', name: 'read', response: { output: 'done' } } }],
  ]);
  expect(JSON.stringify(contentsOf([user('go'), call('ours'), result('ours')]))).not.toContain('ours');
});

test('signatures go back with the piece that they came with, native parts as they came (LM-10)', () => {
  const search = { toolCall: { toolType: 'GOOGLE_SEARCH_WEB', id: 's' }, thoughtSignature: 'z' };
  const answer: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.', metadata: own({ signature: 'one' }) },
      { type: 'reasoning', text: 'Of nobody.' },
      { type: 'native', metadata: own({ part: search }) },
      { type: 'native', metadata: own({ grounding: { webSearchQueries: ['q'] } }) },
      { type: 'native', metadata: { 'another-protocol': { part: {} } } },
      { type: 'text', text: 'Found it', metadata: own({ signature: 'two', tail: 0 }) },
      { type: 'text', text: 'Really.', metadata: own({ signature: 'three', tail: 2 }) },
      { type: 'text', text: 'Whole.', metadata: own({ signature: 'four' }) },
    ],
  };
  expect(contentsOf([user('q'), answer, user('and?')])[1]).toEqual([
    'model',
    { text: 'Hm.', thought: true, thoughtSignature: 'one' },
    search,
    { text: 'Found it' },
    { text: '', thoughtSignature: 'two' },
    { text: 'Reall' },
    { text: 'y.', thoughtSignature: 'three' },
    { text: 'Whole.', thoughtSignature: 'four' },
  ]);
});

test('to newer models the first call of each answer is signed, if by nobody then so that it is not refused', () => {
  const both: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'tool-call', id: 'a', name: 'read', input: {}, metadata: own({ signature: 's' }) },
      { type: 'tool-call', id: 'b', name: 'read', input: {} },
    ],
  };
  const messages = [user('go'), call('x'), result('x'), both, result('a'), result('b')];
  const signatures = (model: string) =>
    contentsOf(messages, model)
      .filter(([role]) => role === 'model')
      .map(([, ...parts]) => parts.map((part) => (part as Record<string, unknown>)['thoughtSignature']));
  expect(signatures(newer)).toEqual([[skipped], ['s', undefined]]);
  expect(signatures(base.model)).toEqual([[undefined], ['s', undefined]]);
});

test('an error keeps its structure, and what a tool shows goes into its result or beside it, as the model takes it (LM-10)', () => {
  const inline = { type: 'image', source: { type: 'data', mime: 'image/png', data: 'AAAA' } } as const;
  const remote = { type: 'image', source: { type: 'url', url: 'https://x.test/a.webp' } } as const;
  const shown = { ...result('a', 'no luck'), attachments: [inline, remote], isError: true } as LLMMessage;
  const messages = [user('go'), call('a', { signature: 's' }), shown];
  const failed = { name: 'read', response: { error: 'no luck' } };
  const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  const address = { fileData: { mimeType: 'image/webp', fileUri: 'https://x.test/a.webp' } };
  expect(contentsOf(messages).slice(2)).toEqual([
    ['user', { functionResponse: failed }],
    ['user', { text: 'Shown by read:' }, picture, address],
  ]);
  expect(contentsOf(messages, newer).slice(2)).toEqual([
    ['user', { functionResponse: { ...failed, parts: [picture] } }],
    ['user', { text: 'Shown by read:' }, address],
  ]);
});

test('pictures and documents are sent as their bytes, an instruction in between as an update', () => {
  const file = { type: 'file', mime: 'application/pdf', data: 'JVBE', name: 'paper.pdf' } as const;
  const messages: LLMMessage[] = [
    { type: 'user', content: [file] },
    { type: 'system', text: 'Be brief.' },
  ];
  expect(contentsOf(messages)).toEqual([
    [
      'user',
      { inlineData: { mimeType: 'application/pdf', data: 'JVBE' } },
      { text: '<system-update>\nBe brief.\n</system-update>' },
    ],
  ]);
});

test.each([
  ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
  ['gemini-2.5-pro', 'none', { thinkingBudget: 128 }],
  ['gemini-2.5-flash', 'high', { thinkingBudget: 24_576 }],
  ['gemini-2.5-flash', 'somewhat', { thinkingBudget: -1 }],
  ['gemini-2.5-flash', '12000', { thinkingBudget: 12_000 }],
  ['gemini-3-flash-preview', 'none', { thinkingLevel: 'MINIMAL' }],
  ['gemini-3.8-flash', 'low', { thinkingLevel: 'LOW' }],
  ['gemini-flash-latest', 'max', { thinkingLevel: 'HIGH' }],
])('%s is told %j as %j', (model, reasoningEffort, amount) => {
  expect(encode({ model, generation: { reasoningEffort } })['generationConfig']).toEqual({
    thinkingConfig: { includeThoughts: true, ...amount },
  });
});

test('the series that the caller names wins over the name of the model', () => {
  const request = { model: 'tuned-77', generation: { reasoningEffort: 'low' } };
  expect(encode(request, { series: 2 })).toMatchObject({
    generationConfig: { thinkingConfig: { thinkingBudget: 1024 } },
  });
});

test('options are merged in the order of their names, and never over the conversation or its tools', () => {
  const options = {
    tools: [],
    contents: [],
    systemInstruction: {},
    safetySettings: [],
    labels: { team: 'a' },
    generationConfig: { topK: 3, temperature: 0, thinkingConfig: { thinkingBudget: 7 }, seed: 1 },
    toolConfig: { functionCallingConfig: { mode: 'ANY' } },
  };
  const tool = { name: 'read', description: '', parameters: {} };
  const generation = { temperature: 1, reasoningEffort: 'high' };
  const body = encode({
    options,
    generation,
    tools: [tool],
    messages: [user('Hi')],
    system: ['s'],
    model: newer,
  });
  expect(JSON.stringify(body)).toBe(
    JSON.stringify({
      systemInstruction: { parts: [{ text: 's' }] },
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      tools: [{ functionDeclarations: [{ name: 'read', description: '', parametersJsonSchema: {} }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      generationConfig: { temperature: 0, seed: 1, topK: 3, thinkingConfig: { thinkingBudget: 7 } },
      labels: { team: 'a' },
      safetySettings: [],
    }),
  );
});

test('tools of the server are sent to the server that has them, beside functions with leave to show what they did', () => {
  const nativeTools = [
    { protocol: protocolID, definition: { googleSearch: {} } },
    { protocol: 'another-protocol', definition: { type: 'web_search' } },
  ];
  const tools = [{ name: 'read', description: '', parameters: {} }];
  const leave = { includeServerSideToolInvocations: true };
  expect(encode({ nativeTools })['tools']).toEqual([{ googleSearch: {} }]);
  expect(encode({ nativeTools, tools, model: newer })).toMatchObject({
    tools: [{ functionDeclarations: [{ name: 'read' }] }, { googleSearch: {} }],
    toolConfig: leave,
  });
  expect(encode({ nativeTools, tools })['toolConfig']).toBeUndefined();
  expect(encode({ nativeTools, tools, model: newer }, { platform: 'vertex' })['toolConfig']).toBeUndefined();
});

const words = fc.string({ unit: 'binary', maxLength: 8 });
const ids = fc.constantFrom('a', 'b', 'c', 'call:1/x');
const message: fc.Arbitrary<LLMMessage> = fc.oneof(
  words.map(user),
  words.map((text): LLMMessage => ({ type: 'system', text })),
  ids.map((id) => result(id)),
  fc
    .array(
      fc.oneof(
        words.map((text) => ({ type: 'text' as const, text })),
        words.map((text) => ({ type: 'reasoning' as const, text, metadata: own({ signature: text }) })),
        ids.map((id) => ({ type: 'tool-call' as const, id, name: 'read', input: id })),
      ),
      { maxLength: 4 },
    )
    .map((content): LLMMessage => ({ type: 'assistant', content })),
);

test('whatever the history: the user begins and ends, each call has its result behind it, no text is empty, and equal requests are equal bytes', () => {
  void fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.constantFrom(base.model, newer),
      (messages, model) => {
        const body = encode({ messages, model });
        expect(JSON.stringify(encode({ messages: structuredClone(messages), model }))).toBe(
          JSON.stringify(body),
        );
        const wire = body.contents;
        expect(wire[0]?.role).toBe('user');
        expect(wire.at(-1)?.role).toBe('user');
        for (const [index, { role, parts }] of wire.entries()) {
          expect(parts.length).toBeGreaterThan(0);
          for (const part of parts) if (!('thoughtSignature' in part)) expect(part['text']).not.toBe('');
          if (role !== 'model') continue;
          const calls = parts.filter((part) => 'functionCall' in part);
          const next = wire[index + 1]?.parts ?? [];
          const results = next.filter((part) => 'functionResponse' in part);
          expect(results).toHaveLength(calls.length);
          if (calls.length > 0) expect(next).toHaveLength(calls.length);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a lone half of a character is replaced, and the rest stays', () => {
  expect(contentsOf([user('a\ud83dz')])).toEqual([['user', { text: 'a\ufffdz' }]]);
});
