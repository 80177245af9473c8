import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openaiChat } from './protocol/openai-chat.ts';
import type { Protocol } from './route.ts';
import type { LLMEvent, LLMMessage } from './schema.ts';
import { chunk, end, joined, request, tagged } from './testing/text-answers.ts';
import { withTextCalls } from './text-calls.ts';
import { type ThinkTagOptions, withThinkTags } from './think-tags.ts';

const chat = openaiChat({ limitName: 'older' });

function decode(protocol: Protocol, pieces: readonly string[]): readonly LLMEvent[] {
  const decoder = protocol.decoder(request);
  const events = [...pieces.map(chunk), end('stop')].flatMap((each) => decoder.push(each));
  return joined([...events, ...decoder.end({ complete: true })]);
}

/** What was thought and what was said, in order. */
function outline(text: string, options: ThinkTagOptions = {}): readonly string[] {
  return decode(withThinkTags(chat, options), [text]).flatMap((event) => {
    if (event.type === 'reasoning.delta') return [`thought: ${event.text}`];
    if (event.type === 'part.end') return [event.type];
    return event.type === 'text.delta' ? [`said: ${event.text}`] : [];
  });
}

describe('thoughts in tags', () => {
  test('a thought at the start of an answer is reasoning, with the tag that it came in', () => {
    const events = decode(withThinkTags(chat), ['<think>\nTwo files.\n</think>\n\nI look.']);
    expect(events).toEqual([
      { type: 'reasoning.delta', text: 'Two files.', metadata: { 'think-tags': { tag: 'think' } } },
      { type: 'text.delta', text: 'I look.' },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]);
  });

  test.each<[string, string, readonly string[]]>([
    ['thinking', '<thinking>a</thinking>b', ['thought: a', 'said: b']],
    ['reasoning', '<reasoning>a</reasoning>b', ['thought: a', 'said: b']],
    ['white space in front', '\n <think>a</think>b', ['thought: a', 'said: b']],
    ['an empty thought', '<think>\n\n</think>\n\nb', ['said: b']],
    [
      'two thoughts',
      '<think>a</think>\n<think>b</think>c',
      ['thought: a', 'part.end', 'thought: b', 'said: c'],
    ],
    ['another closing tag inside', '<think>a</thinking>b</think>c', ['thought: a</thinking>b', 'said: c']],
    ['a thought that does not end', '<think>a\n', ['thought: a']],
    ['a thought alone', '<think>a</think>\n', ['thought: a']],
    ['no thought', '\n a <think>b</think>', ['said: \n a <think>b</think>']],
    ['a tag later on', '<think>a</think>b <think>c</think>', ['thought: a', 'said: b <think>c</think>']],
    ['another tag', '<thought>a</thought>', ['said: <thought>a</thought>']],
    ['half a tag', '<thin', ['said: <thin']],
    ['a closing tag alone', 'a</think>b', ['said: a</think>b']],
    ['white space alone', '\n\n', ['said: \n\n']],
  ])('are told from words: %s', (_name, text, expected) => {
    expect(outline(text)).toEqual(expected);
  });

  test.each<[string, string, readonly string[]]>([
    ['only the end is written', 'a\n</think>\n\nb', ['thought: a', 'said: b']],
    ['it is opened once more', '\n<think>\na</think>b', ['thought: a', 'said: b']],
    ['it ends at once', '</think>b', ['said: b']],
    ['it does not end', 'a <b', ['thought: a <b']],
  ])('may be opened by the template: %s', (_name, text, expected) => {
    expect(outline(text, { begins: 'inside' })).toEqual(expected);
  });

  test('what is certain goes out as it comes', () => {
    const decoder = withThinkTags(chat).decoder(request);
    const shown = (text: string) =>
      decoder.push(chunk(text)).map((event) => ('text' in event ? event.text : ''));
    expect(shown('<thi')).toEqual([]);
    expect(shown('nk>One')).toEqual(['One']);
    expect(shown(' two\n')).toEqual([' two']);
    expect(shown('</thin')).toEqual([]);
    expect(shown('g three')).toEqual(['\n</thing three']);
    expect(shown('</think>')).toEqual([]);
    expect(shown('\nA')).toEqual(['A']);
    expect(shown(' <think>')).toEqual([' <think>']);
  });

  test('reasoning through the API and thoughts in tags go side by side', () => {
    const decoder = withThinkTags(chat).decoder(request);
    const through = { choices: [{ index: 0, delta: { reasoning: 'x' } }] };
    const events = [through, chunk('<think>y</think>z'), end('stop')].flatMap((each) => decoder.push(each));
    expect(events.map((event) => ('text' in event ? event.text : ''))).toEqual(['x', 'y', 'z']);
  });

  const words = fc.constantFrom(
    ...['<think>', '</think>', '<thinking>', '</thinking>', '<', '</', '<th', 'a', '\n', ' ', '😀'],
  );

  test('give the same events however the text is cut, and lose no word', () => {
    void fc.assert(
      fc.property(
        fc.array(words, { maxLength: 12 }),
        fc.constantFrom('inside', 'outside'),
        (parts, begins) => {
          const protocol = withThinkTags(chat, { begins });
          const whole = decode(protocol, [parts.join('')]);
          expect(decode(protocol, parts)).toEqual(whole);
          expect(decode(protocol, [...parts.join('')])).toEqual(whole);
          const bare = (text: string): string => text.replaceAll(/<\/?think(?:ing)?>|\s/g, '');
          const shown = whole.map((event) => ('text' in event ? event.text : '')).join('');
          expect(bare(shown)).toBe(bare(parts.join('')));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('thoughts in the history', () => {
  const answer: LLMMessage = {
    type: 'assistant',
    content: [
      { type: 'reasoning', text: 'Two files.', metadata: { 'think-tags': { tag: 'think' } } },
      { type: 'text', text: 'I look.' },
    ],
  };
  const sent = (options: ThinkTagOptions, message = answer): string =>
    JSON.stringify(withThinkTags(chat, options).encode({ ...request, messages: [message] }));

  test('are dropped, unless the model wants them back', () => {
    expect(sent({})).not.toContain('Two files');
    expect(sent({ history: 'kept' })).toContain('"<think>\\nTwo files.\\n</think>\\n\\nI look."');
  });

  test('are left to the protocol where they came through the API', () => {
    const metadata = { 'openai-chat': { field: 'reasoning_content' } };
    const call = { type: 'tool-call', id: 'c1', name: 'list', input: {} } as const;
    const own: LLMMessage = {
      type: 'assistant',
      content: [{ type: 'reasoning', text: 'hm', metadata }, call],
    };
    for (const history of ['dropped', 'kept'] as const)
      expect(sent({ history }, own)).toContain('"reasoning_content":"hm"');
  });
});

test('thoughts and calls in the text are both read, and a call in a thought is none (LM-12)', () => {
  const protocol = withTextCalls(withThinkTags(chat));
  const text = `<think>\n${tagged('list', {})}\n</think>\n\n${tagged('read', { path: 'a' })}`;
  const types = decode(protocol, [text]).map((event) =>
    event.type === 'tool.call' ? event.name : event.type,
  );
  expect(types).toEqual(['reasoning.delta', 'tool.input.started', 'tool.input.delta', 'read', 'finish']);
});

test('thoughts and calls of the history are both written (LM-12)', () => {
  const protocol = withTextCalls(withThinkTags(chat, { history: 'kept' }));
  const content = [
    { type: 'reasoning', text: 'hm', metadata: { 'think-tags': { tag: 'think' } } },
    { type: 'tool-call', id: 'c1', name: 'list', input: {} },
  ] as const;
  const body = JSON.stringify(protocol.encode({ ...request, messages: [{ type: 'assistant', content }] }));
  expect(body).toContain('<think>\\nhm\\n</think>\\n\\n<tool_call>\\n{');
});
