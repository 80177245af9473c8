import { expect } from 'vitest';
import type { Fetch } from '../../framing/exchange.ts';
import { genaiSDK } from '../../framing/genai-sdk.ts';
import type { Route } from '../../route.ts';
import { textsOf } from '../../testing/recordings.ts';
import { testReplays } from '../../testing/replay-suite.ts';
import { gemini } from '../gemini.ts';

testReplays('Gemini', {
  folders: ['gemini'],
  accepts: (url) => /:(streamG|g)enerateContent/.test(url),
  least: 50,
  routeTo,
  also: ({ status, body }, golden) => {
    if (status !== 200) return;
    expect({
      text: textsOf(golden, 'text.delta'),
      thoughts: textsOf(golden, 'reasoning.delta'),
      calls: golden.flatMap((event) => (event.type === 'tool.call' ? [event.name] : [])),
      reason: golden.flatMap((event) => (event.type === 'finish' ? [event.raw] : [])).at(0),
    }).toEqual(readByHand(body.toString()));
  },
});

function routeTo(origin: string, fetch?: Fetch): Route {
  return {
    protocol: gemini(),
    endpoint: { baseURL: `${origin}/v1beta`, headers: {} },
    auth: { type: 'none' },
    framing: genaiSDK(fetch ? { fetch } : {}),
  };
}

type Part = {
  readonly text?: string;
  readonly thought?: boolean;
  readonly functionCall?: { readonly name?: string };
};

/** Another, plain reading of the same answer. */
function readByHand(body: string): object {
  const lines = body.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  const documents =
    lines.length > 0 ? lines.map((line) => line.slice(5)) : [body].filter((text) => text !== '');
  const candidates = documents
    .flatMap((text) => JSON.parse(text))
    .flatMap(({ candidates: all = [] }) => all.slice(0, 1));
  const parts: readonly Part[] = candidates.flatMap(({ content }) => content?.parts ?? []);
  const words = (isThought: boolean): string =>
    parts.map(({ text = '', thought = false }) => (thought === isThought ? text : '')).join('');
  return {
    text: words(false),
    thoughts: words(true),
    calls: parts.flatMap(({ functionCall }) => functionCall?.name ?? []),
    reason: candidates.at(-1)?.finishReason,
  };
}
