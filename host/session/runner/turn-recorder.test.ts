import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { type AssistantMessage, noTokens } from '#shared/message.ts';
import type { Part } from '#shared/part.ts';
import type { LLMEvent } from '../../llm/schema.ts';
import { toMessages } from '../history/to-messages.ts';
import { createLiveParts } from '../live-parts.ts';
import type { SessionEvent } from '../session-events.ts';
import { TurnRecorder } from './turn-recorder.ts';

const message: AssistantMessage = {
  id: 'msg_1' as MessageID,
  sessionID: 'ses_1' as SessionID,
  role: 'assistant',
  parentID: 'msg_0' as MessageID,
  modelID: 'm',
  providerID: 'p',
  agent: 'build',
  mode: 'build',
  path: { cwd: '/', root: '/' },
  cost: 0,
  tokens: noTokens,
  time: { created: 0 },
};

const facts = (name: string) => ({ 'some-protocol': { name } });

const answer: readonly LLMEvent[] = [
  { type: 'reasoning.delta', text: 'first' },
  { type: 'part.end', metadata: facts('signed') },
  { type: 'reasoning.delta', text: 'second' },
  { type: 'part.end', metadata: facts('signed again') },
  { type: 'native', name: 'web_search', text: 'weather', metadata: facts('search') },
  { type: 'text.delta', text: 'Sunny' },
  { type: 'part.end', metadata: facts('cited') },
  { type: 'text.delta', text: '.' },
  { type: 'tool.input.started', callID: 'c1', name: 'read' },
  {
    type: 'tool.call',
    callID: 'c1',
    name: 'read',
    input: { type: 'json', value: { a: 1 } },
    metadata: facts('call'),
  },
  { type: 'finish', reason: 'tool-calls', raw: null, metadata: facts('answer') },
];

const wholeContent = [
  { type: 'reasoning', text: 'first', metadata: facts('signed') },
  { type: 'reasoning', text: 'second', metadata: facts('signed again') },
  { type: 'native', metadata: facts('search') },
  { type: 'text', text: 'Sunny', metadata: facts('cited') },
  { type: 'text', text: '.' },
  { type: 'tool-call', id: 'c1', name: 'read', input: { a: 1 }, metadata: facts('call') },
];

/** Records `events`; `tick` is the checkpoint of a second, which may come after any of them. */
function record(
  events: readonly LLMEvent[],
  tickAfter: number,
): { recorder: TurnRecorder; kept: readonly SessionEvent[] } {
  const kept: SessionEvent[] = [];
  let tick = (): void => undefined;
  let next = 0;
  const recorder = new TurnRecorder({
    message,
    live: createLiveParts(() => undefined),
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (_ms, callback) => {
        tick = callback;
        return { [Symbol.dispose]: () => undefined };
      },
    },
    ids: {
      next: (prefix) => {
        next += 1;
        return `${prefix}_${next}`;
      },
    },
    errorOf: ({ code, message: words }) => ({ name: 'APIError', data: { code, message: words } }),
    checkpoint: (facts) => kept.push(...facts),
  });
  for (const [index, event] of events.entries()) {
    recorder.take(event);
    if (index === tickAfter) tick();
  }
  kept.push(...recorder.settle());
  return { recorder, kept };
}

/** What the store makes of the facts, as far as texts and calls go. */
function partsOf(kept: readonly SessionEvent[]): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const fact of kept) {
    if (fact.type === 'session.part.kept' || fact.type === 'session.tool.called')
      parts.set(fact.part.id, fact.part);
    if (fact.type !== 'session.text.extended') continue;
    const part = parts.get(fact.partID);
    if (part?.type === 'text' || part?.type === 'reasoning')
      parts.set(part.id, { ...part, text: part.text + fact.delta });
  }
  return [...parts.values()];
}

test.each(answer.map((event, index) => [index, event.type] as const))(
  'what the provider needs back comes back verbatim and in its place, with a checkpoint after event %d, %s (LM-10)',
  (index) => {
    const { recorder, kept } = record(answer, index);
    const { end } = recorder;
    expect(end).toMatchObject({ type: 'finish', metadata: facts('answer') });
    const info = { ...message, metadata: facts('answer') };
    const [own] = toMessages([{ info, parts: partsOf(kept) }], { providerID: 'p', modelID: 'm' });
    expect(own).toEqual({ type: 'assistant', metadata: facts('answer'), content: wholeContent });
  },
);

test('another model gets the words and the calls, and nothing that only their writer understands', () => {
  const { kept } = record(answer, 0);
  const info = { ...message, metadata: facts('answer') };
  const [others] = toMessages([{ info, parts: partsOf(kept) }], { providerID: 'p', modelID: 'other' });
  expect(others).toEqual({
    type: 'assistant',
    content: [
      { type: 'text', text: 'Sunny' },
      { type: 'text', text: '.' },
      { type: 'tool-call', id: 'c1', name: 'read', input: { a: 1 } },
    ],
  });
});

test('each wait for another attempt is kept at once, in one part, and the model is told nothing of it (LM-11)', () => {
  const error = { code: 'rate-limit', message: 'Slow down', retryable: true } as const;
  const waits: readonly LLMEvent[] = [
    { type: 'retry', attempt: 1, waitMs: 2000, error },
    { type: 'retry', attempt: 2, waitMs: 4000, error },
    { type: 'text.delta', text: 'Hi' },
    { type: 'finish', reason: 'stop', raw: null },
  ];
  const { kept } = record(waits, -1);
  expect(kept.slice(0, 2)).toMatchObject([
    {
      part: {
        type: 'retry',
        attempt: 1,
        error: { data: { code: 'rate-limit' } },
        time: { created: 0, next: 2000 },
      },
    },
    { part: { type: 'retry', attempt: 2, time: { next: 4000 } } },
  ]);
  const parts = partsOf(kept);
  expect(parts.map(({ type }) => type)).toEqual(['retry', 'text']);
  const [own] = toMessages([{ info: message, parts }], { providerID: 'p', modelID: 'm' });
  expect(own).toMatchObject({ content: [{ type: 'text', text: 'Hi' }] });
});
