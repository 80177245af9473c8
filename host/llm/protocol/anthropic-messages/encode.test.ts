import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMMessage, LLMRequest } from '../../schema.ts';
import { encodeMessages } from './encode.ts';
import { protocolID } from './wire.ts';

const base: LLMRequest = { model: 'claude', system: [], messages: [], tools: [], generation: {} };
const user = (text: string): LLMMessage => ({ type: 'user', content: [{ type: 'text', text }] });
const call = (id: string): LLMMessage => ({
  type: 'assistant',
  content: [{ type: 'tool-call', id, name: 'read', input: { path: 'a' } }],
});
const result = (callID: string, output = 'done'): LLMMessage => ({
  type: 'tool-result',
  callID,
  name: 'read',
  output,
  isError: false,
});
const own = (facts: object) => ({ [protocolID]: facts });

type Body = {
  readonly messages: readonly {
    readonly role: string;
    readonly content: readonly Record<string, unknown>[];
  }[];
} & Record<string, unknown>;

function encode(request: Partial<LLMRequest>, encoding = {}): Body {
  return encodeMessages({ ...base, ...request }, encoding) as Body;
}

const uncached = { cache: false };
const blocksOf = (messages: readonly LLMMessage[]) =>
  encode({ messages }, uncached).messages.map(({ role, content }) => [role, ...content]);

test('tools, baseline and the latest two turns of the user are marked for the cache, and no more than four places', () => {
  const tool = { name: 'read', description: 'Reads.', parameters: { type: 'object' } };
  const messages = [user('one'), call('a'), result('a'), call('b'), result('b')];
  const body = encode({ system: ['You are.', 'Rules.'], tools: [tool, { ...tool, name: 'edit' }], messages });
  const marked = JSON.stringify(body).split('"cache_control":{"type":"ephemeral"}').length - 1;
  expect(marked).toBe(4);
  expect(body['system']).toEqual([
    { type: 'text', text: 'You are.' },
    { type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral' } },
  ]);
  expect(JSON.stringify(body['tools'])).toMatch(/"name":"edit".*cache_control/);
  expect(body.messages.map(({ content }) => 'cache_control' in (content.at(-1) ?? {}))).toEqual([
    false,
    false,
    true,
    false,
    true,
  ]);
  expect(JSON.stringify(encode({ messages }, uncached))).not.toContain('cache_control');
});

test('every call is followed at once by its result, also one that was never recorded', () => {
  expect(blocksOf([user('go'), call('a'), user('more'), result('b')])).toEqual([
    ['user', { type: 'text', text: 'go' }],
    ['assistant', { type: 'tool_use', id: 'a', name: 'read', input: { path: 'a' } }],
    [
      'user',
      {
        type: 'tool_result',
        tool_use_id: 'a',
        content: 'no result was recorded for this call.',
        is_error: true,
      },
      { type: 'text', text: 'more' },
      { type: 'text', text: 'Result of an earlier call of read:\ndone' },
    ],
  ]);
});

test('thinking goes back with its signature and stays away without one; blocks of the server go back as they came', () => {
  const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } };
  const found = { type: 'web_search_tool_result', tool_use_id: 's', content: [] };
  const answer: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.', metadata: own({ signature: 'sig' }) },
      { type: 'reasoning', text: 'Of another model.' },
      { type: 'native', metadata: own({ block: search }) },
      { type: 'native', metadata: own({ block: found }) },
      { type: 'native', metadata: { 'another-protocol': { block: {} } } },
      { type: 'text', text: 'Found.', metadata: own({ citations: [{ url: 'u' }] }) },
    ],
  };
  expect(blocksOf([user('q'), answer, user('and?')])[1]).toEqual([
    'assistant',
    { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
    search,
    found,
    { type: 'text', text: 'Found.', citations: [{ url: 'u' }] },
  ]);
});

test('of an answer that was cut off, a thought at its end and a search without its result stay away', () => {
  const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } };
  const thought = { type: 'reasoning', text: 'Hm.', metadata: own({ signature: 'sig' }) } as const;
  const native = { type: 'native', metadata: own({ block: search }) } as const;
  const cut = (...content: readonly (typeof thought | typeof native)[]): LLMMessage => ({
    type: 'assistant',
    content,
  });
  const both = [['user', { type: 'text', text: 'q' }, { type: 'text', text: 'and?' }]];
  expect(blocksOf([user('q'), cut(native, thought), user('and?')])).toEqual(both);
  expect(blocksOf([user('q'), cut(thought), user('and?')])).toEqual(both);
});

test('code of the server goes back before its result, while it calls tools of ours', () => {
  const code = { type: 'server_tool_use', id: 's', name: 'code_execution', input: {} };
  const caller = { type: 'code_execution_20250825', tool_id: 's' };
  const answer: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'native', metadata: own({ block: code }) },
      { type: 'tool-call', id: 'a', name: 'read', input: {}, metadata: own({ extra: { caller } }) },
    ],
  };
  const rest = { type: 'code_execution_tool_result', tool_use_id: 's', content: {} };
  const then: LLMMessage = {
    type: 'assistant',
    content: [{ type: 'native', metadata: own({ block: rest }) }],
  };
  const blocks = blocksOf([user('q'), answer, result('a'), then, user('and?')]);
  expect(blocks[1]).toMatchObject(['assistant', code, { type: 'tool_use', id: 'a', caller }]);
  expect(blocks[3]).toEqual(['assistant', rest]);
});

test('ids that a model gives again are told apart, each with its own result', () => {
  const blocks = blocksOf([call('a'), result('a', 'one'), call('a'), result('a', 'two')]);
  expect(blocks.slice(1)).toMatchObject([
    ['assistant', { id: 'a' }],
    ['user', { tool_use_id: 'a', content: 'one' }],
    ['assistant', { id: 'a_1' }],
    ['user', { tool_use_id: 'a_1', content: 'two' }],
  ]);
});

test('an error without words gets some, and a name that no tool may have is changed', () => {
  const silent = { ...result('a', ' '), isError: true } as LLMMessage;
  const answer: LLMMessage = {
    type: 'assistant',
    content: [{ type: 'tool-call', id: 'a', name: 'functions.read', input: {} }],
  };
  expect(blocksOf([user('q'), answer, silent]).slice(1)).toMatchObject([
    ['assistant', { name: expect.stringMatching(/^functions_read_[0-9a-f]{16}$/) }],
    ['user', { content: 'The tool failed without words.', is_error: true }],
  ]);
});

test('an error keeps its flag, and what a tool shows goes into its result', () => {
  const image = { type: 'image', source: { type: 'data', mime: 'image/png', data: 'AAAA' } } as const;
  const shown = { ...result('a', 'a picture'), attachments: [image], isError: true } as LLMMessage;
  expect(blocksOf([call('a'), shown])[2]).toEqual([
    'user',
    {
      type: 'tool_result',
      tool_use_id: 'a',
      content: [
        { type: 'text', text: 'a picture' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      ],
      is_error: true,
    },
  ]);
});

test('a document is sent as one, with its name', () => {
  const message: LLMMessage = {
    type: 'user',
    content: [{ type: 'file', mime: 'application/pdf', data: 'JVBE', name: 'paper.pdf' }],
  };
  expect(blocksOf([message])).toEqual([
    [
      'user',
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
        title: 'paper.pdf',
      },
    ],
  ]);
});

test('a model that thinks is not told how to choose its words, and a limit is always sent', () => {
  const generation = { temperature: 0.2, topP: 0.9, reasoningEffort: 'high' };
  expect(encode({ generation })).toMatchObject({
    max_tokens: 8192,
    thinking: { type: 'adaptive' },
    output_config: { effort: 'high' },
  });
  expect(Object.keys(encode({ generation }))).not.toContain('temperature');
  const options = { thinking: { type: 'enabled', budget_tokens: 2000 } };
  const budget = encode({ generation: { temperature: 0.2, maxOutputTokens: 9000 }, options });
  expect(budget).toMatchObject({ max_tokens: 9000, ...options });
  expect(Object.keys(budget)).not.toContain('temperature');
  expect(encode({ generation: { temperature: 0.2 } })).toMatchObject({ temperature: 0.2 });
});

test('options never replace the conversation, and Vertex has its version in place of the model', () => {
  const body = encode({ options: { messages: [], stream: false, top_k: 3 } }, { version: 'vertex-1' });
  expect(body).toMatchObject({ anthropic_version: 'vertex-1', stream: true, top_k: 3 });
  expect(body['model']).toBeUndefined();
  expect(body.messages).toHaveLength(1);
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

test('whatever the history: roles alternate, the user begins and ends, each call has its result behind it, no text is blank, and equal requests are equal bytes', () => {
  void fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
      const body = encode({ messages });
      expect(JSON.stringify(encode({ messages: structuredClone(messages) }))).toBe(JSON.stringify(body));
      const wire = body.messages;
      expect(wire.map(({ role }) => role)).toEqual(
        wire.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')),
      );
      expect(wire.at(-1)?.role).toBe('user');
      for (const [index, { role, content }] of wire.entries()) {
        expect(content.length).toBeGreaterThan(0);
        for (const block of content)
          if (block['type'] === 'text') expect(String(block['text']).trim()).not.toBe('');
        const calls = content.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
        if (role !== 'assistant') continue;
        const next = wire[index + 1]?.content ?? [];
        const results = next.slice(0, calls.length).map((block) => block['tool_use_id']);
        expect(results).toEqual(calls);
      }
    }),
    { numRuns: 300 },
  );
});
