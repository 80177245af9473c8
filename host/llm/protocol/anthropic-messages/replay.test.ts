import { expect } from 'vitest';
import type { Fetch } from '../../framing/exchange.ts';
import { anthropic } from '../../providers/anthropic.ts';
import { textsOf } from '../../testing/recordings.ts';
import { testReplays } from '../../testing/replay-suite.ts';

testReplays('Messages', {
  folders: ['anthropic-messages'],
  accepts: (url) => url.includes('/v1/messages') && !url.includes('count_tokens'),
  least: 40,
  routeTo: (origin: string, fetch?: Fetch) => anthropic({ baseURL: `${origin}/v1`, ...(fetch && { fetch }) }),
  also: ({ type, body }, golden) => {
    if (!type.includes('event-stream')) return;
    expect({
      text: textsOf(golden, 'text.delta'),
      thought: textsOf(golden, 'reasoning.delta'),
      args: textsOf(golden, 'tool.input.delta'),
    }).toEqual(wordsByHand(body.toString()));
  },
});

/** Another, plain reading of the same stream: its deltas, those of the server's own tools left out. */
function wordsByHand(body: string): object {
  const events = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => JSON.parse(line.slice(5)));
  const ownCalls = new Set(
    events.filter(({ content_block: block }) => block?.type === 'tool_use').map(({ index }) => index),
  );
  const deltas = events.filter(({ type }) => type === 'content_block_delta');
  const joined = (field: string): string =>
    deltas
      .map(({ index, delta }) =>
        field !== 'partial_json' || ownCalls.has(index) ? (delta[field] ?? '') : '',
      )
      .join('');
  return { text: joined('text'), thought: joined('thinking'), args: joined('partial_json') };
}
