import { expect, test } from 'vitest';
import type { LLMEvent } from '../schema.ts';
import { Answer } from './answer.ts';

test('a message keeps parts, their order and the facts that go back verbatim (LM-15)', () => {
  const events: readonly LLMEvent[] = [
    { type: 'reasoning.delta', text: 'h' },
    { type: 'reasoning.delta', text: 'm', metadata: { p: { signature: 1 } } },
    { type: 'text.delta', text: 'a' },
    { type: 'text.delta', text: 'b' },
    { type: 'part.end', metadata: { p: { item: 1 } } },
    { type: 'text.delta', text: 'c' },
    { type: 'native', name: 'search', text: '', metadata: { p: { block: 1 } } },
    { type: 'text.delta', text: 'd' },
    {
      type: 'tool.call',
      callID: 'c1',
      name: 'read',
      input: { type: 'malformed', text: '{' },
      metadata: { p: 2 },
    },
    { type: 'part.end', metadata: { p: { lost: 1 } } },
  ];
  const answer = new Answer();
  for (const event of events) answer.take(event);
  expect(answer.message({ type: 'finish', reason: 'stop', raw: null, metadata: { p: 3 } })).toEqual({
    type: 'assistant',
    content: [
      { type: 'reasoning', text: 'hm', metadata: { p: { signature: 1 } } },
      { type: 'text', text: 'ab', metadata: { p: { item: 1 } } },
      { type: 'text', text: 'c' },
      { type: 'native', metadata: { p: { block: 1 } } },
      { type: 'text', text: 'd' },
      { type: 'tool-call', id: 'c1', name: 'read', input: '{', metadata: { p: 2 } },
    ],
    metadata: { p: 3 },
  });
  expect(answer.calls.map(({ callID }) => callID)).toEqual(['c1']);
});
