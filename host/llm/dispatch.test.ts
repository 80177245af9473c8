import * as Schema from 'effect/Schema';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineTool, type Tool } from './dispatch/tool.ts';
import { bounded, type RunEvent, type RunOptions, runTools } from './dispatch.ts';
import { openaiChat } from './protocol/openai-chat.ts';
import { createLLM, type LLM } from './route.ts';
import type { LLMMessage, LLMRequest } from './schema.ts';
import { withTextCalls } from './text-calls.ts';

type Said = string | readonly (readonly [name: string, input: string])[] | { readonly error: string };

/** A model that says one thing after the other, on chat completions; `sent` are the bodies that it was asked with. */
function scripted(...script: readonly Said[]): LLM & { readonly sent: object[] } {
  const sent: object[] = [];
  const llm = createLLM({
    protocol: openaiChat({ limitName: 'older' }),
    endpoint: { baseURL: 'http://scripted.invalid', headers: {} },
    auth: { type: 'none' },
    framing: {
      warm: async () => undefined,
      open: async ({ body }) => {
        const said = script[sent.length] ?? 'Nothing left to say.';
        sent.push(JSON.parse(JSON.stringify(body)));
        return { chunks: chunksOf(said, sent.length), complete: () => true };
      },
    },
  });
  return { ...llm, sent };
}

async function* chunksOf(said: Said, turn: number): AsyncGenerator<unknown> {
  if (typeof said === 'string') yield { choices: [{ delta: { content: said } }] };
  else if ('error' in said) yield { choices: [{ delta: { content: said.error }, finish_reason: 'error' }] };
  else {
    const tool_calls = said.map(([name, args], index) => ({
      index,
      id: `c${turn}${index}`,
      function: { name, arguments: args },
    }));
    yield { choices: [{ delta: { tool_calls } }] };
  }
  if (typeof said === 'string' || !('error' in said))
    yield { choices: [{ delta: {}, finish_reason: 'stop' }] };
}

const question: LLMMessage = { type: 'user', content: [{ type: 'text', text: 'Go.' }] };
const asked: Omit<LLMRequest, 'tools'> = { model: 'm', system: [], messages: [question], generation: {} };

function run(llm: LLM, tools: readonly Tool[], options: Partial<RunOptions> = {}) {
  return runTools(llm, asked, { tools, signal: new AbortController().signal, ...options });
}

function results(messages: readonly LLMMessage[]): readonly unknown[] {
  return messages.flatMap((message) =>
    message.type === 'tool-result' ? [[message.callID, message.output, message.isError]] : [],
  );
}

const add = defineTool({
  name: 'add',
  description: 'Adds.',
  parameters: Schema.Struct({ a: Schema.Finite, b: Schema.optionalKey(Schema.Finite) }),
  execute: ({ a, b = 1 }) => a + b,
});
const echo = defineTool({
  name: 'echo',
  description: 'Says it again.',
  parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  execute: ({ text }) => text,
});

test('calls are run and their results go back until there is an answer (LM-15)', async () => {
  const llm = scripted(
    [['add', '{"a":1,"b":2}']],
    [
      ['echo', '{"text":"hi"}'],
      ['add', '{"a":5}'],
    ],
    'Done.',
  );
  const { messages, end } = await run(llm, [add, echo]);
  expect(end).toEqual({ type: 'finished', reason: 'stop' });
  expect(results(messages)).toEqual([
    ['c10', '3', false],
    ['c20', 'hi', false],
    ['c21', '6', false],
  ]);
  expect(messages.map(({ type }) => type)).toEqual([
    'user',
    ...['assistant', 'tool-result'],
    ...['assistant', 'tool-result', 'tool-result'],
    'assistant',
  ]);
  expect(llm.sent[2]).toMatchObject({ messages: [{}, {}, { role: 'tool', content: '3' }, {}, {}, {}] });
});

test('the model is shown each tool with the schema of its input (LM-15)', async () => {
  const llm = scripted('Done.');
  await run(llm, [add, echo]);
  expect(llm.sent[0]).toMatchObject({
    tools: [
      {
        function: {
          name: 'add',
          parameters: { type: 'object', required: ['a'], properties: { a: { type: 'number' } } },
        },
      },
      { function: { name: 'echo', parameters: { required: ['text'] } } },
    ],
  });
});

test.each<[string, string, string, RegExp]>([
  ['an unknown tool', 'ad', '{}', /no tool named "ad"\. Tools: add, echo/],
  ['arguments that are no JSON', 'add', '{"a":', /no JSON object: "\{\\"a\\":"/],
  ['a key that is missing', 'add', '{}', /not valid: a: Missing key/],
  ['a value of another type', 'add', '{"a":"x"}', /not valid: a: Expected number/i],
  ['all that is wrong at once', 'add', '{"a":"x","b":[]}', /a: .*; b: /],
  ['arguments that are a list', 'add', '[1]', /not valid/],
  ['a missing key by plain JSON Schema', 'echo', '{}', /not valid: text: missing/],
  ['another type by plain JSON Schema', 'echo', '{"text":5}', /text: expected string, got integer/],
  ['a list by plain JSON Schema', 'echo', '[]', /no JSON object/],
])('the model is told in words: %s (LM-15)', async (_name, ...[name, input, words]) => {
  const { messages, end } = await run(scripted([[name, input]], 'Sorry.'), [add, echo]);
  expect(results(messages)).toEqual([['c10', expect.stringMatching(words), true]]);
  expect(end.type).toBe('finished');
});

test('what a tool throws is a result, and the other calls are not hurt by it (LM-15)', async () => {
  const fails = defineTool({
    name: 'fails',
    description: '',
    parameters: {},
    execute: () => {
      throw new Error('no such file');
    },
  });
  const { messages } = await run(
    scripted(
      [
        ['fails', '{}'],
        ['add', '{"a":1}'],
      ],
      'So.',
    ),
    [fails, add],
  );
  expect(results(messages)).toEqual([
    ['c10', 'no such file', true],
    ['c11', '2', false],
  ]);
});

test('what is no string goes as JSON, and nothing as nothing (LM-15)', async () => {
  const returned = [{ a: 1 }, undefined, null];
  const next = defineTool({ name: 'next', description: '', parameters: {}, execute: () => returned.shift() });
  const { messages } = await run(
    scripted(
      [
        ['next', ''],
        ['next', ''],
        ['next', ''],
      ],
      'So.',
    ),
    [next],
  );
  expect(results(messages).map((each) => Array.isArray(each) && each[1])).toEqual(['{"a":1}', '', 'null']);
});

test('calls of one answer run side by side, but for a tool that runs alone (LM-15)', async () => {
  const order: string[] = [];
  const gates = new Map(['a', 'b', 'alone', 'c'].map((name) => [name, Promise.withResolvers<void>()]));
  const started = new Map(['a', 'b', 'alone', 'c'].map((name) => [name, Promise.withResolvers<void>()]));
  const tool = (name: string, alone: boolean): Tool =>
    defineTool({
      name,
      description: '',
      parameters: {},
      alone,
      execute: async () => {
        order.push(`${name} starts`);
        started.get(name)?.resolve();
        await gates.get(name)?.promise;
        order.push(`${name} ends`);
        return name;
      },
    });
  const tools = [tool('a', false), tool('b', false), tool('alone', true), tool('c', false)];
  const running = run(
    scripted(
      tools.map(({ definition }) => [definition.name, '{}'] as const),
      'So.',
    ),
    tools,
  );
  await Promise.all([started.get('a')?.promise, started.get('b')?.promise]);
  expect(order).toEqual(['a starts', 'b starts']);
  gates.get('b')?.resolve();
  gates.get('a')?.resolve();
  await started.get('alone')?.promise;
  gates.get('alone')?.resolve();
  gates.get('c')?.resolve();
  const { messages } = await running;
  expect(order.slice(2)).toEqual(['b ends', 'a ends', 'alone starts', 'alone ends', 'c starts', 'c ends']);
  expect(results(messages).map((each) => Array.isArray(each) && each[1])).toEqual(['a', 'b', 'alone', 'c']);
});

test('a long output is bounded to its beginning and its end, errors too (LM-15)', async () => {
  const long = defineTool({
    name: 'long',
    description: '',
    parameters: { properties: { fail: { type: 'boolean' } } },
    execute: ({ fail }) => {
      if (fail === true) throw new Error('e'.repeat(500));
      return `begin${'x'.repeat(500)}end`;
    },
  });
  const script = scripted(
    [
      ['long', '{}'],
      ['long', '{"fail":true}'],
    ],
    'So.',
  );
  const { messages } = await run(script, [long], { maxOutputCharacters: 100 });
  const [[, output] = [], [, error] = []] = results(messages) as readonly string[][];
  expect(output).toMatch(/^beginx+\n… 408 characters left out …\nx+end$/);
  expect(error).toMatch(/^e{50}\n… 400 characters left out …\ne{50}$/);
});

test('a bounded text keeps what it says, and tears no character (LM-15)', () => {
  void fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '😀', '\n'), maxLength: 60 }),
      fc.nat(50),
      (text, most) => {
        const short = bounded(text, most);
        expect(short.isWellFormed()).toBe(true);
        if (text.length <= most) {
          expect(short).toBe(text);
          return;
        }
        const [head = '', count, tail = ''] = short.split(/\n… (\d+) characters left out …\n/);
        expect(head.length + tail.length).toBeLessThanOrEqual(most);
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(head.length + tail.length + Number(count)).toBe(text.length);
      },
    ),
  );
});

test('when the turns are used up the last calls are not run, but answered (LM-15)', async () => {
  let runs = 0;
  const count = defineTool({ name: 'count', description: '', parameters: {}, execute: () => (runs += 1) });
  const llm = scripted(
    [['count', '{}']],
    [
      ['count', '{}'],
      ['count', '{}'],
    ],
    'never',
  );
  const { messages, end } = await run(llm, [count], { maxTurns: 2 });
  expect(end).toEqual({ type: 'turns-used' });
  expect(runs).toBe(1);
  expect(llm.sent).toHaveLength(2);
  expect(results(messages)).toEqual([
    ['c10', '1', false],
    ['c20', expect.stringContaining('Not run'), true],
    ['c21', expect.stringContaining('Not run'), true],
  ]);
});

test('an answer that fails ends the run as data, with the history as it was before (LM-15)', async () => {
  const { messages, end } = await run(scripted([['add', '{"a":1}']], { error: 'half' }), [add]);
  expect(end).toMatchObject({ type: 'failed', error: { code: 'server' } });
  expect(messages.map(({ type }) => type)).toEqual(['user', 'assistant', 'tool-result']);
});

test('an abort while a tool runs throws its reason, also where the tool does not listen (LM-15)', async () => {
  const stop = new AbortController();
  const begun = Promise.withResolvers<AbortSignal>();
  const deaf = defineTool({
    name: 'deaf',
    description: '',
    parameters: {},
    execute: (_input, { signal }) => {
      begun.resolve(signal);
      return new Promise(() => undefined);
    },
  });
  const running = run(
    scripted([
      ['deaf', '{}'],
      ['add', '{"a":1}'],
    ]),
    [deaf, add],
    { signal: stop.signal },
  );
  const signal = await begun.promise;
  stop.abort('stopped');
  await expect(running).rejects.toBe('stopped');
  expect(signal.aborted).toBe(true);
  await expect(run(scripted('x'), [], { signal: AbortSignal.abort('before') })).rejects.toBe('before');
});

test('whoever listens hears every event and every result (LM-15)', async () => {
  const heard: RunEvent['type'][] = [];
  await run(scripted([['add', '{"a":1}']], 'So.'), [add], { onEvent: ({ type }) => heard.push(type) });
  expect(heard).toEqual([
    ...['tool.input.started', 'tool.input.delta', 'tool.call', 'finish', 'tool.result'],
    ...['text.delta', 'finish'],
  ]);
});

test('a model that calls in its text is dispatched in the same way (LM-12, LM-15)', async () => {
  const sent: string[] = [];
  const texts = ['I add.\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>', 'It is 2.'];
  const llm = createLLM({
    protocol: withTextCalls(openaiChat({ limitName: 'older' })),
    endpoint: { baseURL: 'http://scripted.invalid', headers: {} },
    auth: { type: 'none' },
    framing: {
      warm: async () => undefined,
      open: async ({ body }) => {
        const said = texts[sent.length] ?? '';
        sent.push(JSON.stringify(body));
        return { chunks: chunksOf(said, 0), complete: () => true };
      },
    },
  });
  const { messages, end } = await run(llm, [add]);
  expect(end).toEqual({ type: 'finished', reason: 'stop' });
  expect(messages.at(-1)).toMatchObject({ content: [{ type: 'text', text: 'It is 2.' }] });
  expect(sent[1]).toContain('<tool_response name=\\"add\\">\\n2\\n</tool_response>');
});
