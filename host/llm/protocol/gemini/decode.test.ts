import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMEvent, LLMRequest } from '../../schema.ts';
import { geminiDecoder } from './decode.ts';
import { encodeGemini } from './encode.ts';
import { protocolID } from './wire.ts';

const request: LLMRequest = { model: 'gemini-3', system: [], messages: [], tools: [], generation: {} };

function decode(...chunks: readonly unknown[]): readonly LLMEvent[] {
  const decoder = geminiDecoder(request);
  const list: LLMEvent[] = [];
  for (const chunk of chunks) {
    list.push(...decoder.push(chunk));
    if (list.at(-1)?.type === 'error') return list;
  }
  return [...list, ...decoder.end({ complete: false })];
}

const said = (...parts: readonly object[]) => ({ candidates: [{ content: { parts, role: 'model' } }] });
const stop = (finishReason = 'STOP', more: object = {}) => ({ candidates: [{ finishReason, ...more }] });
const own = (facts: object) => ({ [protocolID]: facts });
const finish = { type: 'finish', reason: 'stop', raw: 'STOP' };

test('thoughts, text, usage and finish come in order', () => {
  expect(
    decode(
      { ...said({ text: 'Hm', thought: true }), usageMetadata: { promptTokenCount: 9 } },
      said({ text: '.', thought: true }),
      said({ text: 'Hi' }),
      said({ text: ' you' }),
      {
        ...stop(),
        usageMetadata: {
          promptTokenCount: 12,
          cachedContentTokenCount: 5,
          toolUsePromptTokenCount: 100,
          candidatesTokenCount: 3,
          thoughtsTokenCount: 4,
        },
      },
    ),
  ).toEqual([
    { type: 'reasoning.delta', text: 'Hm' },
    { type: 'reasoning.delta', text: '.' },
    { type: 'part.end' },
    { type: 'text.delta', text: 'Hi' },
    { type: 'text.delta', text: ' you' },
    { type: 'part.end' },
    { type: 'usage', input: 107, output: 7, reasoning: 4, cacheRead: 5, cacheWrite: 0 },
    finish,
  ]);
});

test('counts that a later chunk leaves out stay what they were', () => {
  const counted = { ...said({ text: 'x' }), usageMetadata: { promptTokenCount: 9, thoughtsTokenCount: 2 } };
  expect(decode(counted, { ...stop(), usageMetadata: { candidatesTokenCount: 1 } })).toContainEqual({
    type: 'usage',
    input: 9,
    output: 3,
    reasoning: 2,
    cacheRead: 0,
    cacheWrite: 0,
  });
  expect(decode({ ...stop(), usageMetadata: { trafficType: 'ON_DEMAND' } })).toEqual([finish]);
});

test('calls without an id get one of ours, each its own and the same each time; given ones are kept', () => {
  const read = { functionCall: { name: 'read', args: { path: 'a' } } };
  const chunk = { responseId: 'r1', ...said(read, read, { functionCall: { name: 'list', id: 'x7' } }) };
  const calls = (events: readonly LLMEvent[]) => events.filter((event) => event.type === 'tool.call');
  const [first, second, third] = calls(decode(chunk, stop()));
  expect(calls(decode(chunk, stop()))).toEqual([first, second, third]);
  expect(first).toMatchObject({ callID: expect.stringMatching(/^call_[0-9a-f]{16}$/), name: 'read' });
  expect(first).not.toHaveProperty('metadata');
  expect(second?.callID).not.toBe(first?.callID);
  expect(calls(decode({ ...chunk, responseId: 'r2' }, stop()))[0]?.callID).not.toBe(first?.callID);
  expect(third).toEqual({
    type: 'tool.call',
    callID: 'x7',
    name: 'list',
    input: { type: 'json', value: {} },
    metadata: own({ id: 'x7' }),
  });
});

test('a call begins, has its arguments and ends, and makes the finish one of calls', () => {
  const functionCall = { name: 'read', args: { path: 'a' }, id: 'x' };
  expect(decode(said({ functionCall, thoughtSignature: 's' }), said({ text: '' }), stop())).toEqual([
    { type: 'tool.input.started', callID: 'x', name: 'read' },
    { type: 'tool.input.delta', callID: 'x', text: '{"path":"a"}' },
    {
      type: 'tool.call',
      callID: 'x',
      name: 'read',
      input: { type: 'json', value: { path: 'a' } },
      metadata: own({ id: 'x', signature: 's' }),
    },
    { type: 'finish', reason: 'tool-calls', raw: 'STOP' },
  ]);
});

const pieces = [
  { name: 'edit', id: 'x', willContinue: true },
  { partialArgs: [{ jsonPath: '$.path', stringValue: 'a/', willContinue: true }], willContinue: true },
  { partialArgs: [{ jsonPath: '$.path', stringValue: 'b' }], willContinue: true },
  { partialArgs: [{ jsonPath: "$.edits[1]['a.b']", numberValue: 2 }], willContinue: true },
  { partialArgs: [{ jsonPath: '$.edits[0].all', boolValue: true }], willContinue: true },
  { partialArgs: [{ jsonPath: '$.__proto__.x', nullValue: 'NULL_VALUE' }], willContinue: true },
].map((functionCall) => said({ functionCall }));
const assembled = JSON.parse('{"path":"a/b","edits":[{"all":true},{"a.b":2}],"__proto__":{"x":null}}');

test('arguments that come in pieces are put together by their paths', () => {
  for (const end of [[said({ functionCall: {} }), stop()], [stop()]]) {
    const call = decode(...pieces, ...end).find(({ type }) => type === 'tool.call');
    expect(JSON.stringify(call)).toContain(JSON.stringify(assembled));
    expect(call).toMatchObject({ callID: 'x', name: 'edit', input: { type: 'json' } });
  }
});

test('a call that a limit cut off is one that nobody can read', () => {
  expect(decode(...pieces.slice(0, 2), stop('MAX_TOKENS')).slice(-2)).toEqual([
    {
      type: 'tool.call',
      callID: 'x',
      name: 'edit',
      input: { type: 'malformed', text: '{"path":"a/"}' },
      metadata: own({ id: 'x' }),
    },
    { type: 'finish', reason: 'length', raw: 'MAX_TOKENS' },
  ]);
});

test('what the server ran is a block of its own, in its place and whole (LM-10)', () => {
  const code = { executableCode: { language: 'PYTHON', code: 'print(1)' }, thoughtSignature: 's' };
  const output = { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } };
  const search = { toolCall: { toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['a', 'b'] }, id: 'i' } };
  const native = (name: string, text: string, part: object) => ({
    type: 'native',
    name,
    text,
    metadata: own({ part }),
  });
  expect(decode(said({ text: 'So:' }, code), said(output, search, { text: 'One.' }), stop())).toEqual([
    { type: 'text.delta', text: 'So:' },
    { type: 'part.end' },
    native('code_execution', 'print(1)', code),
    native('code_execution_result', '1\n', output),
    native('google_search_web', 'a b', search),
    { type: 'text.delta', text: 'One.' },
    { type: 'part.end' },
    finish,
  ]);
});

test('sources stand at the end, however many chunks brought them', () => {
  const founded = { groundingMetadata: { webSearchQueries: ['rain', 'sun'] }, citationMetadata: {} };
  const later = { groundingMetadata: { groundingChunks: [1] } };
  expect(decode(stop('STOP', founded), { candidates: [later] }).at(0)).toEqual({
    type: 'native',
    name: 'grounding',
    text: 'rain sun',
    metadata: own({ grounding: { webSearchQueries: ['rain', 'sun'], groundingChunks: [1] } }),
  });
});

test('a signature without words is kept: at the text or thought before it, else as a block', () => {
  const signed = (thoughtSignature: string, more: object = {}) => ({ text: '', thoughtSignature, ...more });
  const call = { functionCall: { name: 'list', id: 'x' } };
  const events = decode(
    said({ text: 'Hm.', thought: true }, signed('a', { thought: true }), signed('b', { thought: true })),
    said({ text: 'Hi' }, { text: '!', thoughtSignature: 'c' }, signed('d'), call, signed('e')),
    stop(),
  );
  expect(events.filter(({ type }) => !type.startsWith('tool'))).toEqual([
    { type: 'reasoning.delta', text: 'Hm.' },
    { type: 'part.end', metadata: own({ signature: 'a', tail: 0 }) },
    { type: 'reasoning.delta', text: '' },
    { type: 'part.end', metadata: own({ signature: 'b' }) },
    { type: 'text.delta', text: 'Hi' },
    { type: 'text.delta', text: '!' },
    { type: 'part.end', metadata: own({ signature: 'c', tail: 1 }) },
    { type: 'native', name: 'thought', text: '', metadata: own({ part: signed('d') }) },
    { type: 'native', name: 'thought', text: '', metadata: own({ part: signed('e') }) },
    { type: 'finish', reason: 'tool-calls', raw: 'STOP' },
  ]);
});

test('an answer that came whole, or as an array of its chunks, gives what a stream of it would', () => {
  const chunks = [said({ text: 'Hi' }), said({ text: ' you' }), stop()];
  expect(decode(chunks)).toEqual(decode(...chunks));
  expect(decode({ candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] })).toEqual([
    { type: 'text.delta', text: 'Hi' },
    { type: 'part.end' },
    finish,
  ]);
});

test.each([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'other'],
  ['UNEXPECTED_TOOL_CALL', 'other'],
  ['OF_TOMORROW', 'other'],
])('%s without a call ends as %s', (raw, reason) => {
  expect(decode(said({ text: 'x' }), stop(raw)).at(-1)).toEqual({ type: 'finish', reason, raw });
});

test('a call of a tool that does not exist is a call', () => {
  const call = said({ functionCall: { name: 'nobody', args: {} } });
  expect(decode(call, stop('UNEXPECTED_TOOL_CALL')).at(-1)).toMatchObject({ reason: 'tool-calls' });
});

test('a prompt that is refused ends with the reason for it', () => {
  expect(decode({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })).toEqual([
    { type: 'finish', reason: 'content-filter', raw: 'PROHIBITED_CONTENT' },
  ]);
});

test.each([
  ['nothing', [], 'The provider closed the stream without an answer.'],
  ['half a text', [said({ text: 'Hi' })], 'The stream ended before the answer did.'],
])('a stream that ends after %s is cut off, and may be tried again', (_what, chunks, message) => {
  expect(decode(...chunks).at(-1)).toEqual({
    type: 'error',
    error: { code: 'stream-cut', message, retryable: true },
  });
});

test('an error among the chunks ends the stream, with what was counted before it', () => {
  const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' };
  const counted = { ...said({ text: 'Hi' }), usageMetadata: { promptTokenCount: 4 } };
  expect(decode([counted, { error }, said({ text: 'never' })]).slice(1)).toEqual([
    { type: 'usage', input: 4, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 },
    { type: 'error', error: { code: 'server', message: error.message, status: 503, retryable: true } },
  ]);
});

test.each([[null], ['text'], [{ candidates: 'x' }], [said({ functionCall: 'x' })]])(
  '%j is no chunk, and ends the stream with that',
  (chunk) => {
    expect(decode(chunk)).toMatchObject([{ type: 'error', error: { code: 'protocol', retryable: false } }]);
  },
);

test('other candidates and fields of a later version are passed over', () => {
  const other = { index: 1, content: { parts: [{ text: 'another' }] } };
  expect(decode({ candidates: [other, { ofTomorrow: 1 }], modelVersion: 'v' }, {}, stop())).toEqual([finish]);
});

const part = fc.oneof(
  fc
    .record({ text: fc.string({ maxLength: 4 }), sign: fc.boolean(), thought: fc.boolean() })
    .map(({ text, sign, thought }) => ({
      text,
      ...(thought && { thought }),
      ...(sign && { thoughtSignature: `s${text}` }),
    })),
  fc.record({ functionCall: fc.record({ id: fc.constant('i'), name: fc.constant('f'), args: fc.object() }) }),
  fc.record({ executableCode: fc.record({ code: fc.string() }) }),
);

test('parts with a signature, calls and blocks of the server go back as they came, wherever they stood (LM-10)', () => {
  void fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      const body = encodeGemini(
        { ...request, messages: [{ type: 'user', content: [] }, answerOf(decode(said(...parts), stop()))] },
        { series: 2 },
      ) as { readonly contents: readonly { readonly role: string; readonly parts: readonly object[] }[] };
      const back = body.contents.flatMap((content) => (content.role === 'model' ? content.parts : []));
      const isExact = (each: object): boolean => !('text' in each) || 'thoughtSignature' in each;
      const plain = (list: readonly object[]) => JSON.parse(JSON.stringify(list.filter(isExact)));
      expect(plain(back)).toEqual(plain(parts));
    }),
  );
});

type Answer = Extract<LLMRequest['messages'][number], { readonly type: 'assistant' }>;

/** What a caller keeps of an answer, as the schema tells it to. */
function answerOf(events: readonly LLMEvent[]): Answer {
  const content: Answer['content'][number][] = [];
  let isOpen = false;
  const extend = (type: 'text' | 'reasoning', text: string): void => {
    const last = content.at(-1);
    if (isOpen && last?.type === type) content[content.length - 1] = { ...last, text: last.text + text };
    else content.push({ type, text });
    isOpen = true;
  };
  for (const event of events) {
    const last = content.at(-1);
    if (event.type === 'text.delta') extend('text', event.text);
    else if (event.type === 'reasoning.delta') extend('reasoning', event.text);
    else if (event.type === 'part.end') {
      isOpen = false;
      if (event.metadata && last && last.type !== 'native')
        content[content.length - 1] = { ...last, metadata: event.metadata };
    } else if (event.type === 'native') content.push({ type: 'native', metadata: event.metadata });
    else if (event.type === 'tool.call') {
      const { callID: id, name, input, metadata } = event;
      const value = input.type === 'json' ? input.value : input.text;
      content.push({ type: 'tool-call', id, name, input: value, ...(metadata && { metadata }) });
    }
  }
  return { type: 'assistant', content };
}
