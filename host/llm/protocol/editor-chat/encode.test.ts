import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMMessage, LLMRequest } from '../../schema.ts';
import { encodeEditorChat } from './encode.ts';
import type { EditorMessage } from './wire.ts';

function wire(part: Partial<LLMRequest> = {}) {
  const base = { model: 'copilot/gpt-4o', system: [], messages: [], tools: [], generation: {} };
  return encodeEditorChat({ ...base, ...part });
}

const messages = (...list: readonly LLMMessage[]) => wire({ messages: list }).messages;
const said = (role: EditorMessage['role'], ...values: readonly string[]) => ({
  role,
  content: values.map((value) => ({ type: 'text', value })),
});
const user = (text: string): LLMMessage => ({ type: 'user', content: [{ type: 'text', text }] });
const assistant = (text: string): LLMMessage => ({ type: 'assistant', content: [{ type: 'text', text }] });
const calls = (...ids: readonly string[]): LLMMessage => ({
  type: 'assistant',
  content: ids.map((id) => ({ type: 'tool-call', id, name: 'read', input: { filePath: id } })),
});
const result = (callID: string, more: object = {}): LLMMessage => ({
  type: 'tool-result',
  callID,
  name: 'read',
  output: `of ${callID}`,
  isError: false,
  ...more,
});
const called = (callID: string, name = 'read') => ({
  type: 'tool-call',
  callID,
  name,
  input: { filePath: callID },
});
const answered = (callID: string, value: string, ...more: readonly object[]) => ({
  type: 'tool-result',
  callID,
  content: [{ type: 'text', value }, ...more],
});

test('a model is named by its vendor and what stands behind the first slash (LM-03)', () => {
  expect(wire()).toMatchObject({ vendor: 'copilot', id: 'gpt-4o' });
  expect(wire({ model: 'lab/maker/model:1' })).toMatchObject({ vendor: 'lab', id: 'maker/model:1' });
});

test('what the system says is the first message of the user, and an update stands in its place (LM-03)', () => {
  const list = [
    user('Hi'),
    assistant('Hello'),
    { type: 'system', text: 'Now it rains.' },
    user('And?'),
  ] as const;
  expect(wire({ system: ['You are Millrace.', '', 'Be brief.'], messages: list }).messages).toEqual([
    said('user', 'You are Millrace.\n\nBe brief.'),
    said('user', 'Hi'),
    said('assistant', 'Hello'),
    said('user', '<system-update>\nNow it rains.\n</system-update>', 'And?'),
  ]);
});

test('calls are followed at once by their results, alone in one message of the user (LM-03)', () => {
  expect(
    messages(user('Look'), calls('a', 'b'), result('b'), user('Wait'), result('a', { isError: true })),
  ).toEqual([
    said('user', 'Look'),
    { role: 'assistant', content: [called('a'), called('b')] },
    { role: 'user', content: [answered('a', 'Error: of a'), answered('b', 'of b')] },
    said('user', 'Wait'),
  ]);
});

test('a call without a result has one that says so, and a result without its call is told (LM-03)', () => {
  expect(messages(calls('a'), result('gone'))).toEqual([
    { role: 'assistant', content: [called('a')] },
    { role: 'user', content: [answered('a', 'Error: no result was recorded for this call.')] },
    said('user', 'Result of an earlier call of read:\nof gone'),
  ]);
});

test('an id that a model used before is another one, with its result', () => {
  const [first, , second, next] = messages(calls('a'), result('a'), calls('a'), result('a'));
  expect([first, second].map((each) => each?.content[0])).toEqual([
    called('a'),
    { ...called('a'), callID: 'a_1' },
  ]);
  expect(next?.content).toEqual([answered('a_1', 'of a')]);
});

test('pictures and documents go as data, in results too; an address goes as words', () => {
  const image = { type: 'image', source: { type: 'data', mime: 'image/png', data: 'AAAA' } } as const;
  const linked = { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } } as const;
  const file = { type: 'file', mime: 'application/pdf', data: 'BBBB', name: 'a.pdf' } as const;
  const png = { type: 'data', mime: 'image/png', data: 'AAAA' };
  const shown: LLMMessage = { type: 'user', content: [image, linked, file] };
  expect(messages(shown, calls('a'), result('a', { attachments: [image] }))).toEqual([
    {
      role: 'user',
      content: [
        png,
        { type: 'text', value: '[An image at https://x.test/a.png]' },
        { type: 'data', mime: 'application/pdf', data: 'BBBB' },
      ],
    },
    { role: 'assistant', content: [called('a')] },
    { role: 'user', content: [answered('a', 'of a', png)] },
  ]);
});

test('the user has the last word, thoughts and empty texts stay away', () => {
  const thought: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: '' },
      { type: 'native', metadata: { other: {} } },
      { type: 'text', text: 'Done' },
    ],
  };
  expect(messages()).toEqual([said('user', 'Continue.')]);
  expect(messages(user('Go'), user(''), thought)).toEqual([
    said('user', 'Go'),
    said('assistant', 'Done'),
    said('user', 'Continue.'),
  ]);
});

test('tools go with their schema, under names that every vendor takes (LM-03)', () => {
  const parameters = { type: 'object', properties: { filePath: { type: 'string' } } };
  const tools = ['read', 'server.read'].map((name) => ({ name, description: 'Reads.', parameters }));
  const [read, other] = wire({ tools }).tools;
  expect(read).toEqual({ name: 'read', description: 'Reads.', inputSchema: parameters });
  expect(other?.name).toMatch(/^[\w-]+$/);
});

test('options are the vendor’s own, sorted, and over what is set for the turn; no length is asked for', () => {
  const generation = { maxOutputTokens: 100, temperature: 0.2, topP: 0.9, reasoningEffort: 'high' };
  expect(wire({ generation }).modelOptions).toEqual({ temperature: 0.2, top_p: 0.9 });
  const options = { stop: ['x'], max_tokens: 7, temperature: 1 };
  expect(JSON.stringify(wire({ generation, options }).modelOptions)).toBe(
    '{"temperature":1,"top_p":0.9,"max_tokens":7,"stop":["x"]}',
  );
});

test('whatever a history holds, it goes as JSON, and every call has its result right behind it', () => {
  const id = fc.constantFrom('a', 'b', 'c');
  const message = fc.oneof(
    fc.string({ unit: 'binary' }).map(user),
    fc.string().map(assistant),
    fc.array(id, { maxLength: 3 }).map((ids) => calls(...new Set(ids))),
    id.map((each) => result(each)),
    fc.string().map((text): LLMMessage => ({ type: 'system', text })),
  );
  void fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (list) => {
      const encoded = messages(...list);
      expect(JSON.parse(JSON.stringify(encoded))).toEqual(encoded);
      expect(encoded.at(-1)?.role).toBe('user');
      encoded.forEach(({ role, content }, index) => {
        expect(content).not.toHaveLength(0);
        const ids =
          role === 'assistant'
            ? content.flatMap((each) => (each.type === 'tool-call' ? [each.callID] : []))
            : [];
        if (ids.length === 0) return;
        const next = encoded[index + 1]?.content ?? [];
        expect(next.map((each) => (each.type === 'tool-result' ? each.callID : 'words'))).toEqual(ids);
      });
    }),
  );
});
