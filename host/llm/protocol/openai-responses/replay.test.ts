import { expect } from 'vitest';
import type { Fetch } from '../../framing/exchange.ts';
import { openaiSDK } from '../../framing/openai-sdk.ts';
import type { Route } from '../../route.ts';
import { textsOf } from '../../testing/recordings.ts';
import { testReplays } from '../../testing/replay-suite.ts';
import { openaiResponses } from '../openai-responses.ts';

testReplays('Responses', {
  folders: ['openai-responses'],
  accepts: (url) => url.includes('/responses'),
  least: 50,
  routeTo,
  also: ({ type, body }, golden) => {
    if (!type.includes('event-stream')) return;
    expect({
      text: textsOf(golden, 'text.delta'),
      args: textsOf(golden, 'tool.input.delta'),
    }).toEqual(wordsByHand(body.toString()));
  },
});

function routeTo(origin: string, fetch?: Fetch): Route {
  return {
    protocol: openaiResponses(),
    endpoint: { baseURL: `${origin}/v1`, headers: {} },
    auth: { type: 'none' },
    framing: openaiSDK(fetch ? { fetch } : {}),
  };
}

/** Another, plain reading of the same stream: what its last event says was written. */
function wordsByHand(body: string): { readonly text: string; readonly args: string } {
  const events = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice(5)));
  const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
  const texts = done.flatMap((item) => (item.type === 'message' ? item.content : []));
  const calls = done.filter((item) => item.type === 'function_call');
  return {
    text: texts.map((part: { text?: string }) => part.text ?? '').join(''),
    args: calls.map((item) => item.arguments).join(''),
  };
}
