import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { split } from './playback.ts';
import { loadScripts, type Script, type Turn } from './script.ts';
import { startModelServer } from './server.ts';

const scripts = join(import.meta.dirname, 'scripts');
const tools = [
  { type: 'function', function: { name: 'read', description: 'Reads.', parameters: { type: 'object' } } },
];
const user = (content: string): object => ({ role: 'user', content });
const call = (id: string): object => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'read', arguments: '{}' } }],
});
const result = (id: string, content = 'ok'): object => ({ role: 'tool', tool_call_id: id, content });

function script(turns: readonly Turn[], rest: Partial<Script> = {}): Script {
  return { model: 'scripted', turns, ...rest };
}

async function post(url: string, messages: readonly object[], rest: object = {}): Promise<Response> {
  const body = JSON.stringify({ model: 'scripted', messages, tools, ...rest });
  return fetch(`${url}/chat/completions`, { method: 'POST', body });
}

async function answer(url: string, messages: readonly object[], rest: object = {}): Promise<string> {
  const document = await (await post(url, messages, rest)).json();
  return document.choices?.[0]?.message.content ?? JSON.stringify(document.error);
}

test('turns are chosen by the last words of the user, the step, and the newest result', async () => {
  const turns: readonly Turn[] = [
    { when: { user: 'count', step: 2, toolResult: 'bad' }, reply: [{ text: 'went badly' }] },
    { when: { user: 'count', step: 2 }, reply: [{ text: 'went well' }] },
    { when: { user: 'count', before: 2 }, reply: [{ text: 'step {{step}} of "{{user}}"' }] },
    { reply: [{ text: 'fallback' }] },
  ];
  await using server = await startModelServer({ scripts: script(turns) });
  const [a, b] = [
    [call('a'), result('a')],
    [call('b'), result('b')],
  ];
  expect(await answer(server.url, [user('Count "it"')])).toBe('step 0 of "Count "it""');
  expect(await answer(server.url, [user('count'), ...a])).toBe('step 1 of "count"');
  expect(await answer(server.url, [user('count'), ...a, ...b])).toBe('went well');
  expect(await answer(server.url, [user('count'), ...a, call('b'), result('b', 'BAD')])).toBe('went badly');
  expect(await answer(server.url, [user('count'), ...a, ...b, user('else')])).toBe('fallback');
  expect(await answer(server.url, [user('count\n\n<system-update>\nelse\n</system-update>')])).toContain(
    'step 0',
  );
  expect(await answer(server.url, [user('else, then count')])).toContain('step 0');
});

test('a request without tools gets the title, or a turn that says it answers such', async () => {
  const turns: readonly Turn[] = [{ reply: [{ text: 'answer' }] }];
  await using server = await startModelServer({ scripts: script(turns, { title: 'The title' }) });
  expect(await answer(server.url, [user('x')], { tools: undefined })).toBe('The title');
  const summary: Turn = { when: { tools: false, user: 'summarise' }, reply: [{ text: 'summary' }] };
  await using other = await startModelServer({ scripts: script([summary]) });
  expect(await answer(other.url, [user('Summarise it')], { tools: undefined })).toBe('summary');
});

test('a turn with times answers so many equal requests and then stands back', async () => {
  const turns: readonly Turn[] = [
    { when: { user: 'x' }, times: 1, reply: [{ error: { status: 503 } }] },
    { when: { user: 'x' }, reply: [{ text: 'through' }] },
  ];
  await using server = await startModelServer({ scripts: script(turns) });
  expect((await post(server.url, [user('x')])).status).toBe(503);
  expect(await answer(server.url, [user('x')])).toBe('through');
  expect((await post(server.url, [user('x again')])).status).toBe(503);
});

test.each<[string, readonly object[], RegExp]>([
  ['a call without a result', [user('x'), call('a'), user('y')], /did not have response messages: a/],
  ['a late result', [user('x'), call('a'), user('y'), result('a')], /did not have response messages: a/],
  ['a result without a call', [user('x'), result('a')], /must be a response/],
  ['no messages', [], /messages/],
  ['an unknown role', [{ role: 'robot', content: 'x' }], /role/],
  ['a lone surrogate', [user('\ud83d')], /well-formed/],
])('%s is refused with 400 as the real server does', async (_name, messages, words) => {
  await using server = await startModelServer({ scripts: script([]) });
  const response = await post(server.url, messages);
  expect(response.status).toBe(400);
  expect((await response.json()).error.message).toMatch(words);
});

test('unknown models, wrong keys and long prompts are refused as the real server does', async () => {
  const long = script([], { contextTokens: 100 });
  await using server = await startModelServer({ scripts: long, apiKey: 'sk-right' });
  const send = async (body: object, key: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${key}` };
    const text = JSON.stringify({ model: 'scripted', messages: [user('x')], tools, ...body });
    const response = await fetch(`${server.url}/chat/completions`, { method: 'POST', headers, body: text });
    return [response.status, (await response.json()).error?.code ?? null];
  };
  expect(await send({}, 'sk-wrong')).toEqual([401, 'invalid_api_key']);
  expect(await send({ model: 'other' }, 'sk-right')).toEqual([404, 'model_not_found']);
  expect(await send({ messages: [user('x'.repeat(500))] }, 'sk-right')).toEqual([
    400,
    'context_length_exceeded',
  ]);
  expect(await send({}, 'sk-right')).toEqual([200, null]);
});

test('a gate holds the stream until it is opened, and what came before it has left', async () => {
  const reply = [{ text: 'before ' }, { gate: 'g' }, { text: 'after' }];
  await using server = await startModelServer({ scripts: script([{ reply }]) });
  const response = await post(server.url, [user('x')], { stream: true });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  await server.reached('g');
  const first = await reader?.read();
  expect(first?.value).toContain('before');
  expect(first?.value).not.toContain('after');
  server.open('g');
  let rest = '';
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) rest += next.value;
  expect(rest).toMatch(/after[\s\S]*data: \[DONE\]\n\n$/);
});

test('a reply that waits for nothing leaves in one write', async () => {
  const reply = [
    { text: 'a b c d', chunks: 4 },
    { tool: 'read', input: { f: 1 } },
  ];
  await using server = await startModelServer({ scripts: script([{ reply }]) });
  const { hostname, port, pathname } = new URL(`${server.url}/chat/completions`);
  const body = JSON.stringify({ model: 'scripted', messages: [user('x')], tools, stream: true });
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let answered = '';
  for await (const bytes of socket) answered += String(bytes);
  const chunkSizes = answered.match(/^[0-9a-f]+\r$/gm);
  expect(chunkSizes).toHaveLength(2);
  expect(chunkSizes?.at(-1)).toBe('0\r');
});

test('every request is logged with its bytes, in the order of arrival, and says when it is over', async () => {
  await using server = await startModelServer({ scripts: script([{ reply: [{ hang: true }] }]) });
  const second = server.waitForRequest(2);
  const caller = new AbortController();
  const body = JSON.stringify({ model: 'scripted', messages: [user('first')], tools, stream: true });
  await fetch(`${server.url}/chat/completions`, { method: 'POST', body, signal: caller.signal });
  caller.abort();
  await post(server.url, [user('second')], { messages: [] });
  expect(server.requests.map(({ user: words }) => words)).toEqual(['first', '']);
  expect(server.requests[0]).toMatchObject({ text: body, body: JSON.parse(body), hasTools: true });
  expect(await server.requests[0]?.done).toBe('left');
  expect(await second).toBe(server.requests[1]);
  expect(await server.waitForRequest(1)).toBe(server.requests[0]);
});

test('the list of models names those of the scripts', async () => {
  await using server = await startModelServer({ scripts });
  const { data } = await (await fetch(`${server.url}/models`)).json();
  expect(data.map(({ id }: { id: string }) => id)).toEqual(['scripted']);
});

test.each(readdirSync(scripts))(
  'the script %s is well-formed and every piece of its text is whole',
  (file) => {
    for (const { turns } of loadScripts(join(scripts, file))) {
      for (const step of turns.flatMap(({ reply }) => reply)) {
        if (!('text' in step)) continue;
        expect(split(step.text, step.chunks).join('')).toBe(step.text);
        expect(split(step.text, step.chunks).every((piece) => piece.isWellFormed())).toBe(true);
      }
    }
  },
);

test('a broken script is refused with its file and reason', () => {
  expect(() => loadScripts(join(import.meta.dirname, 'server.test.ts'))).toThrow(/server\.test\.ts: /);
});

test('as a program it prints its address, answers, and ends when its standard input closes', async () => {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main, '--script', scripts, '--until-stdin-closes'], {
    stdio: 'pipe',
  });
  const [line] = await once(child.stdout, 'data');
  const { url } = JSON.parse(String(line));
  expect(await answer(url, [user('hello')])).toContain('scripted model');
  expect(await (await fetch(new URL('/control/requests', url))).json()).toMatchObject([{ user: 'hello' }]);
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
