import { expect, test } from 'vitest';
import { createLLM } from '#host/llm/route.ts';
import type { LLMEvent } from '#host/llm/schema.ts';
import type { Script, Step, Turn } from './script.ts';
import { seal } from './seal.ts';
import { type ModelServer, startModelServer } from './server.ts';
import { requestTo, says, type Talk, talk, wordsOf } from './talk.ts';
import { type Way, ways } from './ways.ts';

// The same stories on every protocol: over real HTTP, through the provider's function, to a server that refuses what
// the vendor's own would refuse.

type Told = { readonly way: Way; readonly server: ModelServer; readonly conversation: Talk };
type Story = {
  readonly name: string;
  readonly turns: readonly Turn[];
  readonly script?: Partial<Script>;
  /** Chat completions have no such thing. */
  readonly beyondChat?: true;
  tell(told: Told): Promise<void>;
};

const picture = 'iVBORw0KGgo';
const paper = 'JVBERi0xLjcK';
const call = (name: string, filePath: string): Step => ({ tool: name, input: { filePath } });
const longText = Array.from({ length: 3000 }, (_, n) => `word${n} `).join('');

const stories: readonly Story[] = [
  {
    name: 'a text',
    turns: [{ reply: [{ text: 'Good day to you.', chunks: 4 }] }],
    async tell({ way, server, conversation }) {
      const events = await conversation.ask(says('hello'));
      expect(wordsOf(events)).toBe('Good day to you.');
      expect(typesOf(events).filter((type) => type !== 'part.end')).toEqual([
        'text.delta',
        'usage',
        'finish',
      ]);
      expect(events.at(-2)).toMatchObject({ input: expect.toSatisfy((n) => n > 0), output: 4 });
      expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
      expect(server.requests).toMatchObject([{ protocol: way.protocol, user: 'hello', hasTools: true }]);
      expect(server.requests[0]?.text).toContain('You are a test.');
    },
  },
  {
    name: 'a tool loop',
    turns: [
      { when: { step: 0 }, reply: [{ text: 'I look. ' }, call('read', 'a.ts')] },
      { when: { step: 1, toolResult: 'alpha' }, reply: [call('read', 'b.ts')] },
      { when: { step: 2, toolResult: 'not there' }, reply: [{ text: 'One file is there.' }] },
    ],
    async tell({ server, conversation }) {
      const first = await conversation.ask(says('look at both'));
      expect(callsOf(first)).toEqual([['read', { filePath: 'a.ts' }]]);
      expect(first.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
      expect(callsOf(await conversation.report({ output: 'alpha' }))).toEqual([
        ['read', { filePath: 'b.ts' }],
      ]);
      const last = await conversation.report({ output: 'not there', isError: true });
      expect(wordsOf(last)).toBe('One file is there.');
      expect(last.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
      expect(server.requests.map(({ user }) => user)).toEqual(Array(3).fill('look at both'));
    },
  },
  {
    name: 'parallel calls',
    turns: [
      { when: { step: 0 }, reply: [call('read', 'a.ts'), call('list', '.'), call('read', 'b.ts')] },
      { reply: [{ text: 'All three are here.' }] },
    ],
    async tell({ server, conversation }) {
      const events = await conversation.ask(says('look everywhere'));
      expect(callsOf(events).map(([name]) => name)).toEqual(['read', 'list', 'read']);
      const calls = events.filter((event) => event.type === 'tool.call');
      expect(new Set(calls.map(({ callID }) => callID)).size).toBe(3);
      const results = calls.map(({ callID, name }, place) => ({ callID, name, output: `result ${place}` }));
      expect(wordsOf(await conversation.report(...results.toReversed()))).toBe('All three are here.');
      expect(server.requests[1]?.toolResults).toEqual(['result 0', 'result 1', 'result 2']);
    },
  },
  {
    name: 'a thought that comes back',
    turns: [
      {
        when: { user: 'think', step: 0 },
        reply: [
          { reasoning: 'Two files may hold it.', chunks: 3, keep: true },
          call('read', 'a.ts'),
          call('read', 'b.ts'),
        ],
      },
      {
        when: { user: 'think', step: 1 },
        reply: [{ reasoning: 'It is the first.' }, { text: 'It is a.ts.' }],
      },
      { when: { user: 'sure' }, reply: [{ text: 'Yes.' }] },
    ],
    async tell({ way, server, conversation }) {
      const thinking = await conversation.ask(says('think about it'));
      expect(wordsOf(thinking, 'reasoning.delta')).toBe('Two files may hold it.');
      expect(wordsOf(await conversation.report({ output: 'one' }, { output: 'two' }))).toBe('It is a.ts.');
      expect(wordsOf(await conversation.ask(says('are you sure?')))).toBe('Yes.');
      expect(server.requests[1]?.text).toContain(signOfThought(way));
    },
  },
  {
    name: 'a thought that is kept secret',
    beyondChat: true,
    turns: [
      { when: { step: 0 }, reply: [{ reasoning: '', keep: true }, call('read', 'a.ts')] },
      { reply: [{ text: 'Found.' }] },
    ],
    async tell({ conversation }) {
      expect(wordsOf(await conversation.ask(says('think in silence')), 'reasoning.delta')).toBe('');
      expect(wordsOf(await conversation.report({ output: 'one' }))).toBe('Found.');
    },
  },
  {
    name: 'an image',
    turns: [
      { when: { step: 0 }, reply: [call('read', 'chart.png')] },
      { reply: [{ text: 'Both show a mill.' }] },
    ],
    async tell({ server, conversation }) {
      const image = { type: 'image', source: { type: 'data', mime: 'image/png', data: picture } } as const;
      const file = { type: 'file', mime: 'application/pdf', data: paper, name: 'plan.pdf' } as const;
      await conversation.ask(says('what is this?', image, file));
      const attachments = [{ ...image, source: { ...image.source, data: `${picture}AAAA` } }];
      const events = await conversation.report({ output: 'a chart', attachments });
      expect(wordsOf(events)).toBe('Both show a mill.');
      const [first, second] = server.requests.map(({ text }) => text);
      expect(first).toContain(picture);
      expect(first).toContain(paper);
      expect(second).toContain(`${picture}AAAA`);
      expect(server.requests[1]?.user).toContain('what is this?');
    },
  },
  {
    name: 'an error in the stream',
    turns: [
      { when: { user: 'cut' }, reply: [{ text: 'Half an ans' }, { cut: true }] },
      { reply: [{ text: 'Half an ans' }, { error: { status: 500, message: 'It broke inside.' } }] },
    ],
    async tell({ conversation }) {
      const broken = await conversation.ask(says('go on'));
      expect(wordsOf(broken)).toBe('Half an ans');
      expect(broken.at(-1)).toMatchObject({
        type: 'error',
        error: { code: 'server', message: 'It broke inside.', retryable: true },
      });
      const cut = await conversation.ask(says('cut it'));
      expect(wordsOf(cut)).toBe('Half an ans');
      expect(cut.at(-1)).toMatchObject({ type: 'error', error: { code: 'stream-cut', retryable: true } });
    },
  },
  {
    name: 'a prompt that is too long',
    turns: [{ reply: [{ text: 'Read.' }] }],
    script: { contextTokens: 2000 },
    async tell({ conversation }) {
      const events = await conversation.ask(says('x'.repeat(10_000)));
      expect(events).toMatchObject([{ type: 'error', error: { code: 'overflow', retryable: false } }]);
    },
  },
  {
    name: 'an abort',
    turns: [{ reply: [{ text: 'This goes on and ' }, { hang: true }] }],
    async tell({ way, server }) {
      const caller = new AbortController();
      const heard: LLMEvent[] = [];
      const listening = async (): Promise<void> => {
        const llm = createLLM(way.routeTo(server.origin));
        const asked = requestTo(way, [says('never stop')]);
        for await (const event of llm.stream(asked, { signal: caller.signal })) {
          heard.push(event);
          caller.abort('enough');
        }
      };
      await expect(listening()).rejects.toBe('enough');
      expect(heard).toEqual([{ type: 'text.delta', text: 'This goes on and ' }]);
      expect(await server.requests[0]?.done).toBe('left');
    },
  },
  {
    name: 'an empty answer',
    turns: [
      { when: { user: 'first' }, reply: [] },
      { when: { user: 'second' }, reply: [{ text: 'Now I speak.' }] },
    ],
    async tell({ conversation }) {
      const events = await conversation.ask(says('first'));
      expect(typesOf(events)).toEqual(['usage', 'finish']);
      expect(events.at(-1)).toMatchObject({ reason: 'stop' });
      expect(wordsOf(await conversation.ask(says('second')))).toBe('Now I speak.');
    },
  },
  {
    name: 'a long answer',
    turns: [{ reply: [{ text: longText, chunks: 900 }] }],
    async tell({ conversation }) {
      const events = await conversation.ask(says('tell me all'));
      expect(wordsOf(events)).toBe(longText);
      expect(events.length).toBeGreaterThan(700);
      expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
    },
  },
  {
    name: "a search of the server's own",
    beyondChat: true,
    turns: [
      {
        when: { user: 'rain' },
        reply: [{ search: 'rain today', found: 'It rains.' }, { text: 'Yes, it rains.' }],
      },
      { reply: [{ text: 'Take a coat.' }] },
    ],
    async tell({ server, conversation }) {
      const events = await conversation.ask(says('will there be rain?'));
      expect(wordsOf(events)).toBe('Yes, it rains.');
      expect(wordsOf(await conversation.ask(says('and now?')))).toBe('Take a coat.');
      expect(events).toContainEqual(expect.objectContaining({ type: 'native', text: 'rain today' }));
      expect(server.requests[1]?.text).toContain('rain today');
    },
  },
];

const told = ways.flatMap((way) =>
  stories
    .filter(({ beyondChat }) => way.protocol !== 'openai-chat' || !beyondChat)
    .map((story) => ({ ...story, way, protocol: way.protocol })),
);

test.each(told)('$name on $protocol (LM-02)', async ({ way, turns, script, ...story }) => {
  await using server = await startModelServer({ scripts: { model: '*', turns, ...script } });
  await story.tell({ way, server, conversation: talk(way, server.origin) });
});

function typesOf(events: readonly LLMEvent[]): readonly string[] {
  return [...new Set(events.map(({ type }) => type))];
}

function callsOf(events: readonly LLMEvent[]): readonly (readonly [string, unknown])[] {
  return events.flatMap((event) =>
    event.type === 'tool.call'
      ? [[event.name, event.input.type === 'json' ? event.input.value : event.input.text] as const]
      : [],
  );
}

/** What the server signed the first thought of a story with, or the thought where there is no signature. */
function signOfThought({ protocol }: Way): string {
  if (protocol === 'openai-chat') return 'Two files may hold it.';
  if (protocol === 'gemini') return seal('read', JSON.stringify({ filePath: 'a.ts' }));
  return seal('Two files may hold it.');
}
