import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openaiCompletions } from '#host/llm/providers/openai.ts';
import { openaiCompatible } from '#host/llm/providers/openai-compatible.ts';
import { createLLM } from '#host/llm/route.ts';
import type { LLMEvent, LLMMessage, LLMRequest } from '#host/llm/schema.ts';
import { requests, spokenParts } from './histories.ts';
import { loadScripts } from './script.ts';
import { type ModelServer, startModelServer } from './server.ts';
import { ways } from './ways.ts';

/** The model core and the scripted provider over real HTTP: each keeps the other honest. */

const Edit = Schema.Struct({ filePath: Schema.String, oldString: Schema.String, newString: Schema.String });

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ scripts: join(import.meta.dirname, 'scripts') });
});
afterAll(() => server[Symbol.asyncDispose]());

const tools = [
  {
    name: 'read',
    description: 'Reads a file.',
    parameters: { type: 'object', properties: { filePath: { type: 'string' } } },
  },
];
const says = (text: string): LLMMessage => ({ type: 'user', content: [{ type: 'text', text }] });

function request(...messages: readonly LLMMessage[]): LLMRequest {
  return { model: 'scripted', system: ['You are a test.'], messages, tools, generation: {} };
}

async function ask(...messages: readonly LLMMessage[]): Promise<readonly LLMEvent[]> {
  const events: LLMEvent[] = [];
  const llm = createLLM(openaiCompatible({ baseURL: server.url }));
  for await (const event of llm.stream(request(...messages), { signal: new AbortController().signal }))
    events.push(event);
  return events;
}

/** The next messages of a conversation in which every call succeeds. */
function continued(history: readonly LLMMessage[], events: readonly LLMEvent[]): readonly LLMMessage[] {
  const text = events.flatMap((event) => (event.type === 'text.delta' ? [event.text] : [])).join('');
  const calls = events.flatMap((event) => (event.type === 'tool.call' ? [event] : []));
  const content = calls.map(({ callID, name, input }) => ({
    type: 'tool-call' as const,
    id: callID,
    name,
    input: input.type === 'json' ? input.value : input.text,
  }));
  const results = calls.map(
    ({ callID, name }): LLMMessage => ({ type: 'tool-result', callID, name, output: 'done', isError: false }),
  );
  return [...history, { type: 'assistant', content: [{ type: 'text', text }, ...content] }, ...results];
}

test('the first conversation runs to its end: two reads, two edits, an answer (LM-01)', async () => {
  let history: readonly LLMMessage[] = [says('Please rename greet to welcome')];
  const called: string[][] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    const events = await ask(...history);
    called.push(events.flatMap((event) => (event.type === 'tool.call' ? [event.name] : [])));
    const reason = turn < 3 ? 'tool-calls' : 'stop';
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason });
    history = continued(history, events);
  }
  expect(called).toEqual([['read', 'read'], ['edit'], ['edit'], []]);
  expect(JSON.stringify(history.at(-1))).toContain('I renamed `greet` to `welcome`');
});

test('the edits of the first conversation fit the sample workspace, and it runs the same after them', () => {
  const sample = join(import.meta.dirname, '../workspaces/sample');
  const files = new Map(
    ['greet.ts', 'main.ts'].map((name) => [name, readFileSync(join(sample, name), 'utf8')]),
  );
  const [script] = loadScripts(join(import.meta.dirname, 'scripts/rename-greet.jsonc'));
  for (const step of script?.turns.flatMap(({ reply }) => reply) ?? []) {
    if (!('input' in step) || step.tool !== 'edit') continue;
    const { filePath, oldString, newString } = Schema.decodeUnknownSync(Edit)(step.input);
    const text = files.get(filePath) ?? '';
    expect(text.split(oldString)).toHaveLength(2);
    files.set(
      filePath,
      text.replace(oldString, () => newString),
    );
  }
  expect([...files.values()].join('\n')).not.toMatch(/\bgreet\b(?!\.ts)/);
});

test('twenty reads end in an answer', async () => {
  let history: readonly LLMMessage[] = [says('read twenty times')];
  for (let turn = 0; turn <= 20; turn += 1) history = continued(history, await ask(...history));
  expect(history.at(-1)).toMatchObject({ content: [{ text: 'I read `greet.ts` twenty times.' }] });
});

test.each<[string, object]>([
  ['fail with 401', { code: 'auth', status: 401, retryable: false }],
  ['fail with 402', { code: 'quota', status: 402 }],
  ['fail with 404', { code: 'model-not-found', status: 404 }],
  ['fail with overflow', { code: 'overflow', status: 400 }],
  ['fail with 429', { code: 'rate-limit', status: 429, retryAfterMs: 1000, retryable: true }],
  ['fail with quota', { code: 'quota', status: 429, retryable: false }],
  ['fail with 500', { code: 'server', status: 500, retryable: true }],
  ['fail with html', { code: 'server', status: 502 }],
  ['fail in the stream', { code: 'server', retryable: true }],
  ['cut in the stream', { code: 'stream-cut', retryable: true }],
  ['cut before the answer', { code: 'stream-cut', retryable: true }],
])('"%s" ends in the error it means, as data (LM-11)', async (words, error) => {
  expect((await ask(says(words))).at(-1)).toMatchObject({ type: 'error', error });
});

test('an error that passes is gone at the second attempt', async () => {
  expect((await ask(says('fail once'))).at(-1)).toMatchObject({ error: { code: 'server', retryAfterMs: 0 } });
  expect((await ask(says('fail once'))).at(-1)).toMatchObject({ type: 'finish' });
});

test.each([
  ['stop at the limit', 'length'],
  ['filter the answer', 'content-filter'],
  ['answer nothing', 'stop'],
])('"%s" finishes with reason %s', async (words, reason) => {
  expect((await ask(says(words))).at(-1)).toMatchObject({ type: 'finish', reason });
});

test('arguments that are no JSON come as the text they are, and the conversation goes on after them', async () => {
  const history = [says('send broken arguments')];
  const events = await ask(...history);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'tool.call',
      input: { type: 'malformed', text: '{"filePath": "greet.ts"' },
    }),
  );
  expect((await ask(...continued(history, events))).at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
});

test('an abort in the middle of an answer throws its reason, and the server sees the client leave', async () => {
  const caller = new AbortController();
  const llm = createLLM(openaiCompatible({ baseURL: server.url }));
  const n = server.requests.length + 1;
  const reading = async (): Promise<void> => {
    for await (const _event of llm.stream(request(says('hang in the stream')), { signal: caller.signal })) {
      caller.abort('stopped');
    }
  };
  await expect(reading()).rejects.toBe('stopped');
  expect(await (await server.waitForRequest(n)).done).toBe('left');
});

test('two streams of one model core run side by side', async () => {
  const waiting = ask(says('wait at the gate'));
  await server.reached('answer');
  expect((await ask(says('hello'))).at(-1)).toMatchObject({ type: 'finish' });
  server.open('answer');
  expect((await waiting).at(-1)).toMatchObject({ type: 'finish' });
});

test('OpenAI is asked in its own terms', async () => {
  const n = server.requests.length + 1;
  const llm = createLLM(openaiCompletions({ baseURL: server.url, apiKey: 'sk-openai-1' }));
  const asked: LLMRequest = {
    ...request(says('hello')),
    generation: { maxOutputTokens: 7 },
    sessionID: 'ses_1',
  };
  for await (const _event of llm.stream(asked, { signal: new AbortController().signal }));
  const { body, headers } = await server.waitForRequest(n);
  expect(body).toMatchObject({ max_completion_tokens: 7, prompt_cache_key: 'ses_1' });
  expect(headers.authorization).toBe('Bearer sk-openai-1');
});

test.each(ways)('no history, however broken, is refused for its form on $protocol (LM-10)', async (way) => {
  const spoken = await spokenParts();
  const turns = [{ reply: [{ text: 'fine' }] }, { when: { tools: false }, reply: [{ text: 'fine' }] }];
  await using strict = await startModelServer({ scripts: { model: '*', turns } });
  const llm = createLLM(way.routeTo(strict.origin));
  await fc.assert(
    fc.asyncProperty(requests(way, spoken), async (asked) => {
      const events: LLMEvent[] = [];
      const { signal } = new AbortController();
      for await (const event of llm.stream(asked, { signal })) events.push(event);
      expect(events.at(-1)).toMatchObject({ type: 'finish' });
    }),
    { numRuns: 200 },
  );
});

test.each(ways)('equal requests are equal bytes on $protocol (LM-04)', async (way) => {
  const spoken = await spokenParts();
  const { protocol } = way.routeTo('http://127.0.0.1');
  const bytes = (request: LLMRequest): string => JSON.stringify(protocol.encode(request));
  const options = fc.dictionary(fc.constantFrom('metadata', 'seed', 'top_k', 'labels'), fc.jsonValue());
  const isSame = fc.property(requests(way, spoken), options, (request, chosen) => {
    const backwards = Object.fromEntries(Object.entries(chosen).toReversed());
    const same = { options: backwards, ...structuredClone(request) };
    expect(bytes(same)).toBe(bytes({ ...request, options: chosen }));
  });
  await fc.assert(isSame);
});
