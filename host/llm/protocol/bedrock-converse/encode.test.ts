import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMMessage, LLMRequest } from '../../schema.ts';
import { encodeConverse } from './encode.ts';
import { type ConverseEncoding, protocolID } from './wire.ts';

const claude = 'us.anthropic.claude-sonnet-4-6';
const nova = 'us.amazon.nova-pro-v1:0';
const mistral = 'mistral.mistral-large-3-675b-instruct';
const base: LLMRequest = { model: claude, system: [], messages: [], tools: [], generation: {} };
const user = (text: string): LLMMessage => ({ type: 'user', content: [{ type: 'text', text }] });
const call = (id: string, name = 'read'): LLMMessage => ({
  type: 'assistant',
  content: [{ type: 'tool-call', id, name, input: { path: 'a' } }],
});
const result = (callID: string, output = 'done') => ({
  type: 'tool-result' as const,
  callID,
  name: 'read',
  output,
  isError: false,
});
const tool = { name: 'read', description: 'Reads.', parameters: { type: 'object', properties: {} } };
const picture = { type: 'image', source: { type: 'data', mime: 'image/png', data: 'AAAA' } } as const;
const paper = { type: 'file', mime: 'application/pdf', data: 'JVBE', name: 'paper.pdf' } as const;
const own = (facts: object) => ({ [protocolID]: facts });
const point = { cachePoint: { type: 'default' } };

type Block = Readonly<Record<string, unknown>>;
type Message = { readonly role: string; readonly content: readonly Block[] };
type Body = {
  readonly messages: readonly Message[];
  readonly system?: readonly Block[];
  readonly toolConfig?: { readonly tools: readonly Block[] };
} & Record<string, unknown>;

function encode(request: Partial<LLMRequest>, encoding: ConverseEncoding = {}): Body {
  return encodeConverse({ ...base, ...request }, encoding) as Body;
}

const blocksOf = (messages: readonly LLMMessage[], model = claude) =>
  encode({ messages, model }, { cache: [] }).messages.map(({ role, content }) => [role, ...content]);

test('tools, baseline and the latest two turns of the user are marked for the cache of Claude, four places at most', () => {
  const messages = [user('one'), call('a'), result('a'), call('b'), result('b')];
  const body = encode({ system: ['You are.', ' ', 'Rules.'], tools: [tool], messages });
  expect(body.system).toEqual([{ text: 'You are.' }, { text: 'Rules.' }, point]);
  expect(body.toolConfig?.tools.at(-1)).toEqual(point);
  expect(body.messages.map(({ content }) => 'cachePoint' in (content.at(-1) ?? {}))).toEqual([
    false,
    false,
    true,
    false,
    true,
  ]);
  expect(JSON.stringify(body).split('cachePoint').length - 1).toBe(4);
});

test('Nova is given no mark behind its tools or behind results, which it refuses', () => {
  const messages = [user('one'), call('a'), result('a'), call('b'), result('b')];
  const body = encode({ model: nova, system: ['You are.'], tools: [tool], messages });
  expect(body.system?.at(-1)).toEqual(point);
  expect(body.toolConfig?.tools).toHaveLength(1);
  expect(body.messages.map(({ content }) => 'cachePoint' in (content.at(-1) ?? {}))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test.each([
  [mistral, {}, 0],
  ['anthropic.claude-3-5-sonnet-20240620-v1:0', {}, 0],
  ['arn:aws:bedrock:us-east-1:1:application-inference-profile/x', {}, 0],
  ['arn:aws:bedrock:us-east-1:1:application-inference-profile/x', { model: claude }, 2],
  [mistral, { cache: ['system'] }, 1],
  [claude, { cache: [] }, 0],
] as const)('%s with %j gets %i marks', (model, encoding, count) => {
  const body = encode({ model, system: ['You are.'], messages: [user('one')] }, encoding);
  expect(JSON.stringify(body).split('cachePoint').length - 1).toBe(count);
});

test('a mark stands before a document, and not where nothing does or where a result holds one', () => {
  const asked: LLMMessage = { type: 'user', content: [{ type: 'text', text: 'Read.' }, paper] };
  const handed: LLMMessage = { type: 'user', content: [paper] };
  const shown = { ...result('a'), attachments: [paper] };
  const kinds = (...messages: readonly LLMMessage[]) =>
    encode({ messages })
      .messages.at(-1)
      ?.content.map((block) => Object.keys(block)[0]);
  expect(kinds(asked)).toEqual(['text', 'cachePoint', 'document']);
  expect(kinds(handed)).toEqual(['document', 'text']);
  expect(kinds(call('a'), result('a'), handed)).toEqual(['toolResult', 'cachePoint', 'document', 'text']);
  expect(kinds(call('a'), shown, user('And?'))).toEqual(['toolResult', 'text']);
});

test('every call is followed at once by its result, also one that was never recorded', () => {
  expect(blocksOf([user('go'), call('a'), user('more'), result('b')])).toEqual([
    ['user', { text: 'go' }],
    ['assistant', { toolUse: { toolUseId: 'a', name: 'read', input: { path: 'a' } } }],
    [
      'user',
      {
        toolResult: {
          toolUseId: 'a',
          content: [{ text: 'no result was recorded for this call.' }],
          status: 'error',
        },
      },
      { text: 'more' },
      { text: 'Result of an earlier call of read:\ndone' },
    ],
  ]);
});

test('an instruction in the middle is said by the user, and a conversation that begins or ends with the model is opened and closed', () => {
  const said: LLMMessage = { type: 'assistant', content: [{ type: 'text', text: 'Hi' }] };
  expect(blocksOf([said, { type: 'system', text: 'Be brief.' }, said])).toEqual([
    ['user', { text: 'Continue.' }],
    ['assistant', { text: 'Hi' }],
    ['user', { text: '<system-update>\nBe brief.\n</system-update>' }],
    ['assistant', { text: 'Hi' }],
    ['user', { text: 'Continue.' }],
  ]);
});

test('Mistral and Llama get results in a turn of their own', () => {
  const turns = blocksOf([user('go'), call('a12345678'), result('a12345678'), user('more')], mistral);
  expect(turns.slice(2)).toEqual([
    ['user', { toolResult: { toolUseId: 'a12345678', content: [{ text: 'done' }] } }],
    ['assistant', { text: 'Understood.' }],
    ['user', { text: 'more' }],
  ]);
});

test('thinking goes back with its signature and stays away without one; blocks of the server go back as they came (LM-10)', () => {
  const secret = { reasoningContent: { redactedContent: 'c2VjcmV0' } };
  const answer: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.', metadata: own({ signature: 'sig' }) },
      { type: 'reasoning', text: 'Of another model.' },
      { type: 'native', metadata: own({ block: secret }) },
      { type: 'native', metadata: { 'another-protocol': { block: {} } } },
      { type: 'text', text: 'Found.', metadata: own({ citations: [{ title: 't' }] }) },
    ],
  };
  expect(blocksOf([user('q'), answer, user('and?')])[1]).toEqual([
    'assistant',
    { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } } },
    secret,
    { citationsContent: { content: [{ text: 'Found.' }], citations: [{ title: 't' }] } },
  ]);
});

test('an error keeps its status, and what a tool shows goes into its result (LM-10)', () => {
  const shown = { ...result('a', 'a picture'), attachments: [picture, paper], isError: true };
  expect(blocksOf([call('a'), shown])[2]).toEqual([
    'user',
    {
      toolResult: {
        toolUseId: 'a',
        content: [
          { text: 'a picture' },
          { image: { format: 'png', source: { bytes: 'AAAA' } } },
          { document: { format: 'pdf', name: 'paper', source: { bytes: 'JVBE' } } },
        ],
        status: 'error',
      },
    },
  ]);
});

test('a model that takes no documents in results is shown them behind, and a status that is refused is said in words', () => {
  const shown = { ...result('a', ''), attachments: [paper] };
  expect(blocksOf([call('a'), shown], nova)[2]).toEqual([
    'user',
    { toolResult: { toolUseId: 'a', content: [{ text: 'The tool returned nothing.' }] } },
    { text: 'Shown by read:' },
    { document: { format: 'pdf', name: 'paper', source: { bytes: 'JVBE' } } },
  ]);
  const failed = { ...result('a', 'no such file'), isError: true };
  expect(blocksOf([call('a'), failed], 'us.writer.palmyra-x5-v1:0')[2]).toEqual([
    'user',
    { toolResult: { toolUseId: 'a', content: [{ text: 'Error: no such file' }] } },
  ]);
});

test('documents have names of the characters that are allowed, each its own, and words beside them', () => {
  const named = (name?: string, mime = 'application/pdf') => ({
    type: 'file' as const,
    mime,
    data: 'JVBE',
    ...(name !== undefined && { name }),
  });
  const files = [
    named('a_b  (1).pdf'),
    named('a.b (1).pdf'),
    named(),
    named('Übersicht.md', 'application/octet-stream'),
    named('main.ts', 'text/x-typescript'),
  ];
  const [[, ...blocks] = []] = blocksOf([{ type: 'user', content: files }]);
  expect(
    blocks.map((block) => {
      const { document } = block as { document?: { name: string; format: string } };
      return document === undefined ? block : [document.name, document.format];
    }),
  ).toEqual([
    ['a b (1)', 'pdf'],
    ['a b (1) (2)', 'pdf'],
    ['document', 'pdf'],
    ['bersicht', 'md'],
    ['main', 'txt'],
    { text: 'See the document.' },
  ]);
});

test('what cannot be shown is said', () => {
  const content = [
    { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } },
    { type: 'image', source: { type: 'url', url: 's3://bucket/a.png' } },
    { type: 'image', source: { type: 'data', mime: 'image/svg+xml', data: 'AAAA' } },
    { type: 'file', mime: 'application/zip', data: 'AAAA', name: 'a.zip' },
  ] as const;
  expect(blocksOf([{ type: 'user', content }])[0]?.slice(1)).toEqual([
    { text: '[A picture at https://x.test/a.png belongs here. This model cannot be shown it.]' },
    { image: { format: 'png', source: { s3Location: { uri: 's3://bucket/a.png' } } } },
    { text: '[A picture of type image/svg+xml belongs here. This model cannot be shown it.]' },
    { text: '[A file of type application/zip belongs here. This model cannot be shown it.]' },
  ]);
});

test('ids and names that the server refuses are made into ones that it takes, the same in call and result', () => {
  const id = 'call_65OReGAIB0M4612fiyF6YMbI|fc_0feebbbc39e113d4016969ff3539208191914ede46e71d5d06';
  const name = 'server.tool/with a name that is much longer than what is allowed for one';
  const [, answered, turn] = blocksOf([call(id, name), result(id)]);
  const { toolUse } = (answered?.[1] ?? {}) as { toolUse: { toolUseId: string; name: string } };
  expect(toolUse.toolUseId).toMatch(/^[\w-]{1,64}$/);
  expect(toolUse.name).toMatch(/^server_tool_with_a_name[\w-]{1,41}$/);
  expect(turn?.[1]).toMatchObject({ toolResult: { toolUseId: toolUse.toolUseId } });
  const tools = encode({ tools: [{ ...tool, name, description: ' ' }] }, { cache: [] }).toolConfig?.tools;
  expect(tools).toEqual([{ toolSpec: { name: toolUse.name, inputSchema: { json: tool.parameters } } }]);
  const [, short] = blocksOf([call('a'), result('a')], mistral);
  expect(JSON.stringify(short)).toMatch(/"toolUseId":"[a-z0-9]{9}"/);
});

test('tools of the history are named where the request has none, and said to be gone', () => {
  const messages = [user('go'), call('a'), result('a'), call('b', 'edit'), call('c')];
  const { toolConfig } = encode({ messages, model: nova });
  expect(toolConfig?.tools).toMatchObject([
    { toolSpec: { name: 'read', description: expect.stringContaining('do not call it') } },
    { toolSpec: { name: 'edit', inputSchema: { json: { type: 'object' } } } },
  ]);
  expect(encode({ messages: [user('go')] }).toolConfig).toBeUndefined();
});

test('tools that the server runs are sent as they are given', () => {
  const definition = { systemTool: { name: 'nova_code_interpreter' } };
  const nativeTools = [
    { protocol: protocolID, definition },
    { protocol: 'another-protocol', definition: {} },
  ];
  expect(encode({ model: nova, nativeTools }).toolConfig?.tools).toEqual([definition]);
});

const thinks = { reasoningEffort: 'high', temperature: 0.2, topP: 0.9, maxOutputTokens: 20_000 };

const asked = { maxTokens: 20_000 };
const untouched = { maxTokens: 20_000, temperature: 0.2, topP: 0.9 };

test.each<[model: string, generation: LLMRequest['generation'], told: object]>([
  [
    claude,
    thinks,
    {
      inferenceConfig: asked,
      additionalModelRequestFields: { output_config: { effort: 'high' }, thinking: { type: 'adaptive' } },
    },
  ],
  [
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    thinks,
    {
      inferenceConfig: asked,
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 16_384 } },
    },
  ],
  [
    'anthropic.claude-opus-4-20250514-v1:0',
    { ...thinks, maxOutputTokens: 4096 },
    {
      inferenceConfig: { maxTokens: 4096 },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 4095 } },
    },
  ],
  [
    'anthropic.claude-3-7-sonnet-20250219-v1:0',
    { ...thinks, maxOutputTokens: 512 },
    { inferenceConfig: { ...untouched, maxTokens: 512 } },
  ],
  [
    'us.amazon.nova-2-lite-v1:0',
    thinks,
    { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } } },
  ],
  [
    'us.amazon.nova-2-lite-v1:0',
    { ...thinks, reasoningEffort: 'minimal' },
    {
      inferenceConfig: asked,
      additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
    },
  ],
  [
    'openai.gpt-oss-120b-1:0',
    thinks,
    { inferenceConfig: untouched, additionalModelRequestFields: { reasoning_effort: 'high' } },
  ],
  [nova, thinks, { inferenceConfig: untouched }],
  [claude, { ...thinks, reasoningEffort: 'none' }, { inferenceConfig: untouched }],
])('%s with %j is told an effort in its own way', (model, generation, told) => {
  const { messages: _, ...rest } = encode({ model, generation });
  expect(rest).toEqual(told);
});

test('options never replace the conversation; those of the format stand beside it, those of a model in their place', () => {
  const options = {
    top_k: 3,
    messages: [],
    modelId: 'other',
    toolConfig: {},
    system: [],
    serviceTier: { type: 'flex' },
    additionalModelRequestFields: { anthropic_beta: ['x'] },
    inferenceConfig: { stopSequences: ['END'] },
    thinking: { type: 'enabled', budget_tokens: 2000 },
  };
  const body = encode({ options, generation: { temperature: 0.2 } });
  expect(body).toEqual({
    messages: [{ role: 'user', content: [{ text: 'Continue.' }, point] }],
    inferenceConfig: { stopSequences: ['END'] },
    additionalModelRequestFields: {
      anthropic_beta: ['x'],
      thinking: { type: 'enabled', budget_tokens: 2000 },
      top_k: 3,
    },
    serviceTier: { type: 'flex' },
  });
});

const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom(' ', '\n\t'));
const ids = fc.constantFrom('a', 'b', 'c', 'call:1/x');
const message: fc.Arbitrary<LLMMessage> = fc.oneof(
  words.map(user),
  words.map((text): LLMMessage => ({ type: 'system', text })),
  ids.map((id) => result(id)),
  ids.map((id) => ({ ...result(id, ''), attachments: [paper, picture] })),
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
const models = fc.constantFrom(claude, nova, mistral, 'us.meta.llama4-scout-17b-instruct-v1:0', 'zai.glm-5');

test('whatever the history and the model: roles alternate, the user begins and ends, each call has its result behind it, no text is blank, calls want tools, at most four marks, and equal requests are equal bytes (LM-04)', () => {
  void fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), models, (messages, model) => {
      const request = { messages, model, system: ['You are.'] };
      const body = encode(request);
      expect(JSON.stringify(encode(structuredClone(request)))).toBe(JSON.stringify(body));
      const wire = body.messages;
      expect(wire.map(({ role }) => role)).toEqual(
        wire.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')),
      );
      expect(wire.at(-1)?.role).toBe('user');
      expect(JSON.stringify(body).split('"cachePoint"').length - 1).toBeLessThanOrEqual(4);
      for (const [index, { role, content }] of wire.entries()) {
        expect(content.length).toBeGreaterThan(0);
        for (const block of content) if ('text' in block) expect(String(block['text']).trim()).not.toBe('');
        if (role !== 'assistant') continue;
        const calls = content.filter((block) => 'toolUse' in block).map(({ toolUse }) => toolUse as Block);
        if (calls.length > 0) expect(body.toolConfig).toBeDefined();
        const next = (wire[index + 1]?.content ?? []).slice(0, calls.length);
        expect(next.map(({ toolResult }) => (toolResult as Block)['toolUseId'])).toEqual(
          calls.map(({ toolUseId }) => toolUseId),
        );
      }
    }),
    { numRuns: 300 },
  );
});
