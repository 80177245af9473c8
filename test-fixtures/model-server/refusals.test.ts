import { expect, test } from 'vitest';
import type { Step } from './script.ts';
import { seal } from './seal.ts';
import { type LoggedRequest, type ModelServer, startModelServer } from './server.ts';
import { says, talk } from './talk.ts';
import { type Way, ways } from './ways.ts';

type Failure = Extract<Step, { readonly error: unknown }>['error'];

const failures: readonly (readonly [string, Failure, object])[] = [
  ['a wrong key', { status: 401, code: 'invalid_api_key' }, { code: 'auth', retryable: false }],
  ['no permission', { status: 403, message: 'You may not.' }, { code: 'auth', retryable: false }],
  [
    'an unknown model',
    { status: 404, code: 'model_not_found', message: 'The model gone does not exist.' },
    { code: 'model-not-found', retryable: false },
  ],
  [
    'a long prompt',
    { status: 400, code: 'context_length_exceeded', tokens: { sent: 9, limit: 8 } },
    { code: 'overflow', retryable: false },
  ],
  [
    'haste',
    { status: 429, message: 'Slower.', headers: { 'retry-after': '7' } },
    { code: 'rate-limit', retryAfterMs: 7000, retryable: true },
  ],
  [
    'an empty purse',
    { status: 429, code: 'insufficient_quota', message: 'You exceeded your current quota.' },
    { code: 'quota', retryable: false },
  ],
  ['a server at fault', { status: 500, message: 'Oops.' }, { code: 'server', message: 'Oops.' }],
  ['a server that is busy', { status: 503, message: 'Overloaded' }, { code: 'server', retryable: true }],
  ['a page', { status: 502, body: '<html>Bad gateway</html>' }, { code: 'server', retryable: true }],
];

const failed = ways.flatMap((way) =>
  failures.map(([what, error, expected]) => ({ what, way, error, expected, protocol: way.protocol })),
);

test.each(failed)(
  'an error before the stream, $what, on $protocol (LM-02, LM-11)',
  async ({ way, error, expected }) => {
    await using server = await scripted({ error });
    const events = await talk(way, server.origin).ask(says('hello'));
    expect(events).toMatchObject([{ type: 'error', error: expected }]);
  },
);

test.each(ways)(
  'what was thought is refused on $protocol if it comes back changed or not at all',
  async (way) => {
    await using server = await scripted({ reasoning: 'Hm.', keep: true }, { tool: 'read', input: { a: 1 } });
    const conversation = talk(way, server.origin);
    await conversation.ask(says('think'));
    await conversation.report({ output: 'done' });
    const [, request] = server.requests;
    if (request === undefined) throw new Error('The second request did not come.');
    expect((await again(server, request, request.text)).status).toBe(200);
    for (const text of tampered(way, request.text)) {
      expect(text).not.toBe(request.text);
      expect((await again(server, request, text)).status).toBe(400);
    }
  },
);

/** The same request with another signature, and without the thought; chat completions sign nothing. */
function tampered({ protocol }: Way, text: string): readonly string[] {
  switch (protocol) {
    case 'openai-chat':
      return [text.replace('"reasoning_content":"Hm.",', '')];
    case 'gemini': {
      const signature = seal('read', '{"a":1}');
      return [
        text.replace(signature, seal('other')),
        text.replace(signature, 'skip_thought_signature_validator'),
        text.replace(`"thoughtSignature":"${signature}",`, ''),
      ];
    }
    default:
      return [
        text.replace(seal('Hm.'), seal('Oh.')),
        text.replace('"Hm."', '"Oh."'),
        JSON.stringify(withoutThoughts(JSON.parse(text))),
      ];
  }
}

/** JSON without the items of lists that are thoughts. */
function withoutThoughts(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isThought(item)).map(withoutThoughts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutThoughts(each)]));
}

function isThought(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  return (
    'reasoningContent' in item || ('type' in item && ['thinking', 'reasoning'].includes(String(item.type)))
  );
}

function scripted(...reply: readonly Step[]): Promise<ModelServer> {
  return startModelServer({
    scripts: { model: '*', turns: [{ when: { step: 0 }, reply }, { reply: [{ text: 'Done.' }] }] },
  });
}

function again(server: ModelServer, { path, headers }: LoggedRequest, body: string): Promise<Response> {
  const kept = { 'content-type': 'application/json', authorization: headers.authorization ?? '' };
  return fetch(`${server.origin}${path}`, { method: 'POST', headers: kept, body });
}

const responses = (...input: readonly object[]) => ['/v1/responses', { model: 'm', input }] as const;
const messages = (...list: readonly object[]) =>
  ['/v1/messages', { model: 'm', max_tokens: 9, messages: list }] as const;
const contents = (...list: readonly object[]) =>
  ['/v1beta/models/m:generateContent', { contents: list }] as const;
const converse = (...list: readonly object[]) =>
  ['/model/m/converse', { messages: list, toolConfig: { tools: [spec] } }] as const;
const spec = { toolSpec: { name: 'read', inputSchema: { json: {} } } };

const asks = { role: 'user', content: 'x' };
const asksBlocks = { role: 'user', content: [{ text: 'x' }] };
const asksParts = { role: 'user', parts: [{ text: 'x' }] };
const functionCall = { type: 'function_call', call_id: 'a', name: 'read', arguments: '{}' };
const functionOutput = { type: 'function_call_output', call_id: 'a', output: 'ok' };
const toolUse = { type: 'tool_use', id: 'a', name: 'read', input: {} };
const uses = { role: 'assistant', content: [toolUse] };
const toolResult = { type: 'tool_result', tool_use_id: 'a', content: 'ok' };
const geminiCall = { functionCall: { name: 'read', args: {} }, thoughtSignature: seal('read', '{}') };
const calls = { role: 'model', parts: [geminiCall] };
const answersCall = { role: 'user', parts: [{ functionResponse: { name: 'read', response: {} } }] };
const awsUse = { toolUse: { toolUseId: 'a', name: 'read', input: {} } };
const awsUses = { role: 'assistant', content: [awsUse] };
const awsResult = { toolResult: { toolUseId: 'a', content: [{ text: 'ok' }] } };

type Refused = readonly [string, readonly [string, object], RegExp];

test.each<Refused>([
  ['Responses without input', responses(), /must be provided/],
  [
    'Responses with a call without output',
    responses(asks, functionCall),
    /No tool output found for function call a/,
  ],
  ['Responses with an output without call', responses(asks, functionOutput), /No tool call found/],
  ['Responses with an unknown field', ['/v1/responses', { model: 'm', input: 'x', max_tokens: 1 }], /excess/],
  ['Responses with a long call id', responses({ ...functionCall, call_id: 'a'.repeat(65) }), /64/],
  [
    'Responses with a thought whose next item has no id',
    responses(
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: seal('') },
      functionCall,
      functionOutput,
    ),
    /required following item/,
  ],
  ['Messages without any', messages(), /at least one message/],
  ['Messages that the model begins', messages(uses), /first message must use the "user" role/],
  ['Messages that the model ends', messages(asks, { role: 'assistant', content: 'y' }), /prefill/],
  ['Messages with two of the user in a row', messages(asks, asks), /alternate/],
  [
    'Messages with a call without result',
    messages(asks, uses, asks),
    /without `tool_result` blocks immediately after: a/,
  ],
  [
    'Messages with a result without call',
    messages({ role: 'user', content: [toolResult] }),
    /unexpected `tool_use_id`/,
  ],
  [
    'Messages with words before a result',
    messages(asks, uses, { role: 'user', content: [{ type: 'text', text: 'x' }, toolResult] }),
    /must come first/,
  ],
  [
    'Messages with a silent error',
    messages(asks, uses, { role: 'user', content: [{ ...toolResult, content: '', is_error: true }] }),
    /content cannot be empty/,
  ],
  [
    'Messages with an id given twice',
    messages(asks, uses, { role: 'user', content: [toolResult] }, uses, {
      role: 'user',
      content: [toolResult],
    }),
    /ids must be unique/,
  ],
  [
    'Messages with a blank text',
    messages({ role: 'user', content: [{ type: 'text', text: ' ' }] }),
    /non-whitespace/,
  ],
  [
    'Messages with an answer that ends in thought',
    messages(
      asks,
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: seal('x') }] },
      asks,
    ),
    /final block/,
  ],
  [
    'Messages with a call id of other characters',
    messages(asks, { role: 'assistant', content: [{ ...toolUse, id: 'a:1' }] }),
    /RegExp/,
  ],
  [
    'Messages with an unknown field',
    ['/v1/messages', { model: 'm', max_tokens: 9, messages: [asks], n: 1 }],
    /excess/,
  ],
  [
    'Messages with five marks for the cache',
    messages({
      role: 'user',
      content: Array(5).fill({ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }),
    }),
    /maximum of 4/,
  ],
  ['Gemini without contents', contents(), /contents is not specified/],
  ['Gemini with an empty turn', contents({ role: 'user', parts: [] }), /must not be empty/],
  [
    'Gemini with an empty text',
    contents({ role: 'user', parts: [{ text: '' }] }),
    /must have a text parameter/,
  ],
  [
    'Gemini with a call that nobody answers',
    contents(asksParts, calls, asksParts),
    /number of function response parts/,
  ],
  [
    'Gemini with an answer to no call',
    contents(asksParts, answersCall),
    /immediately after a function call turn/,
  ],
  [
    'Gemini with an unsigned call',
    contents(
      asksParts,
      { role: 'model', parts: [{ functionCall: { name: 'read', args: {} } }] },
      answersCall,
    ),
    /missing a thought_signature/,
  ],
  [
    'Gemini with an unknown field',
    contents({ role: 'user', parts: [{ text: 'x', mood: 'good' }] }),
    /excess/,
  ],
  [
    'Gemini that the model ends',
    contents(asksParts, { role: 'model', parts: [{ text: 'x' }] }),
    /ends with a user role/,
  ],
  ['Converse that the model begins', converse(awsUses), /must start with a user message/],
  ['Converse with two of the user in a row', converse(asksBlocks, asksBlocks), /must alternate/],
  [
    'Converse with a call without result',
    converse(asksBlocks, awsUses, asksBlocks),
    /Expected toolResult blocks at messages.2.content for the following Ids: a/,
  ],
  [
    'Converse with a result without call',
    converse({ role: 'user', content: [awsResult] }),
    /exceeds the number of toolUse blocks/,
  ],
  ['Converse with an empty turn', converse({ role: 'user', content: [] }), /is empty/],
  ['Converse with a blank text', converse({ role: 'user', content: [{ text: ' ' }] }), /blank/],
  [
    'Converse with calls and no tools',
    ['/model/m/converse', { messages: [asksBlocks, awsUses, { role: 'user', content: [awsResult] }] }],
    /toolConfig field must be defined/,
  ],
  [
    'Converse with a long call id',
    converse(asksBlocks, {
      role: 'assistant',
      content: [{ toolUse: { ...awsUse.toolUse, toolUseId: 'a'.repeat(65) } }],
    }),
    /64/,
  ],
])('%s is refused with 400 as the real server does', async (_name, [path, body], words) => {
  await using server = await startModelServer({ scripts: { model: '*', turns: [] } });
  const response = await fetch(`${server.origin}${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(400);
  const document = await response.json();
  expect(document.error?.message ?? document.message).toMatch(words);
});

test.each([
  ['Bearer', { authorization: 'Bearer sk-right' }],
  ["Anthropic's", { 'x-api-key': 'sk-right' }],
  ["Google's", { 'x-goog-api-key': 'sk-right' }],
  ["Azure's", { 'api-key': 'sk-right' }],
  ["AWS'", { authorization: 'AWS4-HMAC-SHA256 Credential=sk-right/20260101/eu-west-1/bedrock/aws4_request' }],
])('%s way to say who asks is known, and a wrong key is refused', async (_name, headers) => {
  const scripts = { model: '*', turns: [{ when: { tools: false }, reply: [{ text: 'Come in.' }] }] };
  await using server = await startModelServer({ scripts, apiKey: 'sk-right' });
  const ask = async (given: Record<string, string>): Promise<number> => {
    const body = JSON.stringify({ model: 'm', max_tokens: 9, messages: [asks] });
    const response = await fetch(`${server.url}/messages`, { method: 'POST', headers: given, body });
    await response.text();
    return response.status;
  };
  expect(await ask(headers)).toBe(200);
  expect(await ask({ ...headers, ...wrong(headers) })).toBe(401);
});

function wrong(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace('right', 'wrong')]),
  );
}

test.each([
  ['/v1/chat/completions', { messages: [asks] }, ['choices', 0, 'message', 'content']],
  ['/v1/responses', { input: [asks] }, ['output', 1, 'content', 0, 'text']],
  ['/v1/messages', { max_tokens: 9, messages: [asks] }, ['content', 1, 'text']],
  [
    '/v1beta/models/m:generateContent',
    { contents: [asksParts] },
    ['candidates', 0, 'content', 'parts', 1, 'text'],
  ],
  ['/model/m/converse', { messages: [asksBlocks] }, ['output', 'message', 'content', 1, 'text']],
])('%s answers with one document where no stream is asked for', async (path, body, place) => {
  const reply = [{ reasoning: 'Hm.' }, { text: 'Good day.', chunks: 2 }];
  const turns = [{ when: { tools: false }, reply }];
  await using server = await startModelServer({ scripts: { model: '*', turns } });
  const model = path.startsWith('/v1/') ? { model: 'm' } : {};
  const response = await fetch(`${server.origin}${path}`, {
    method: 'POST',
    body: JSON.stringify({ ...model, ...body }),
  });
  const found = place.reduce<unknown>((value, name) => Object(value)[name], await response.json());
  expect(found).toBe('Good day.');
});
