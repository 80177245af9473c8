import { expect, test } from 'vitest';
import type { SessionView } from '#shared/fold.ts';
import type { Script } from '../../test-fixtures/model-server/script.ts';
import type { ModelServer } from '../../test-fixtures/model-server/server.ts';
import { openTestHost } from '../testing/test-host.ts';

const apiKey = 'key-of-the-user';

/** The scripted model as it is spoken to by each protocol. */
const ways: Readonly<Record<string, (server: ModelServer) => object>> = {
  'chat completions': () => ({}),
  Responses: () => ({ npm: '@ai-sdk/openai' }),
  Messages: () => ({ npm: '@ai-sdk/anthropic' }),
  Gemini: ({ origin }) => ({ npm: '@ai-sdk/google', options: { baseURL: `${origin}/v1beta`, apiKey } }),
  Converse: ({ origin }) => ({
    npm: '@ai-sdk/amazon-bedrock',
    options: { baseURL: origin, apiKey, region: 'us-east-1' },
  }),
};

/** The server takes the call back only with the thought before it, signed as it was. */
const script: Script = {
  model: 'scripted',
  turns: [
    {
      when: { user: 'think', step: 0 },
      reply: [
        { reasoning: 'I had better look.', keep: true },
        { tool: 'read', input: { filePath: 'greet.ts' } },
      ],
    },
    { when: { user: 'think', step: 1 }, reply: [{ text: 'It greets.' }] },
    { when: { user: 'again' }, reply: [{ text: 'It still does.' }] },
  ],
};

function textsOf(view: SessionView): readonly string[] {
  return view.messages.flatMap(({ info, parts }) =>
    info.role === 'assistant' ? parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
  );
}

test.each(Object.entries(ways))(
  'a session goes through a thought, a call and a restart by %s, and everything goes back as it came (LM-10)',
  async (_name, provider) => {
    await using rig = await openTestHost({ script, provider });
    const first = await rig.run('think');
    expect(textsOf(first)).toEqual(['It greets.']);
    await rig.reopen();
    const second = await rig.run('again', { sessionID: first.session.id });
    expect(textsOf(second)).toEqual(['It greets.', 'It still does.']);
    expect(
      second.messages.flatMap(({ info }) => ('error' in info && info.error ? [info.error] : [])),
    ).toEqual([]);
  },
);

test('a model without tools of its own works with them all the same (LM-12)', async () => {
  const call = '<tool_call>{"name": "read", "arguments": {"filePath": "greet.ts"}}</tool_call>';
  const turns = [
    { when: { user: 'look', tools: false }, reply: [{ text: `I look.\n${call}` }] },
    { when: { user: 'tool_response', tools: false }, reply: [{ text: 'It greets.' }] },
  ];
  const models = { scripted: { tool_call: false, limit: { context: 128_000, output: 8192 } } };
  await using rig = await openTestHost({
    script: { model: 'scripted', turns },
    provider: () => ({ models }),
  });
  const view = await rig.run('look');
  const parts = view.messages.flatMap((message) => message.parts);
  expect(parts.find(({ type }) => type === 'tool')).toMatchObject({
    tool: 'read',
    state: { status: 'completed' },
  });
  expect(textsOf(view).map((text) => text.trim())).toEqual(['I look.', 'It greets.']);
});
