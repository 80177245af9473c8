import { expect } from 'vitest';
import { openaiCompatible } from '../../providers/openai-compatible.ts';
import type { LLMEvent } from '../../schema.ts';
import { textsOf } from '../../testing/recordings.ts';
import { testReplays } from '../../testing/replay-suite.ts';

testReplays('chat completions', {
  folders: ['openai-chat'],
  accepts: (url) => url.includes('/chat/completions'),
  least: 11,
  routeTo: (origin, fetch) => openaiCompatible({ baseURL: `${origin}/v1`, ...(fetch && { fetch }) }),
  also: ({ type, body }, golden) => {
    if (type.includes('event-stream')) expect(words(golden)).toEqual(wordsByHand(body.toString()));
  },
});

type Words = { readonly text: string; readonly reasoning: string; readonly args: string };

function words(decoded: readonly LLMEvent[]): Words {
  return {
    text: textsOf(decoded, 'text.delta'),
    reasoning: textsOf(decoded, 'reasoning.delta'),
    args: textsOf(decoded, 'tool.input.delta'),
  };
}

/** Another, plain reading of the same stream, to compare with. */
function wordsByHand(body: string): Words {
  const chunks = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice(5)));
  const until = chunks.findIndex(
    (chunk) => chunk.error || typeof chunk.choices?.[0]?.delta?.content === 'number',
  );
  const deltas = chunks
    .slice(0, until === -1 ? undefined : until)
    .map((chunk) => chunk.choices?.[0]?.delta ?? {});
  return {
    text: deltas.map(({ content }) => content ?? '').join(''),
    reasoning: deltas.map((delta) => delta.reasoning_content ?? delta.reasoning ?? '').join(''),
    args: deltas
      .flatMap(({ tool_calls }) => tool_calls ?? [])
      .map((call) => call.function?.arguments ?? '')
      .join(''),
  };
}
