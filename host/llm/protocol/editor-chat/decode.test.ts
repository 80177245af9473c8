import { expect, test } from 'vitest';
import type { LLMEvent, LLMRequest } from '../../schema.ts';
import { wireToolName } from '../tool-name.ts';
import { editorDecoder } from './decode.ts';

const named = { name: 'server.read', description: '', parameters: {} };
const request: LLMRequest = { model: 'v/m', system: [], messages: [], tools: [named], generation: {} };

function decode(parts: readonly unknown[], complete = true): readonly LLMEvent[] {
  const decoder = editorDecoder(request);
  const events: LLMEvent[] = [];
  for (const part of parts) {
    events.push(...decoder.push(part));
    if (events.at(-1)?.type === 'error') return events;
  }
  return [...events, ...decoder.end({ complete })];
}

const text = (value: string) => ({ type: 'text', value });
const call = (callID: string, input?: unknown, name = 'glob') => ({ type: 'tool-call', callID, name, input });
const stop = { type: 'finish', reason: 'stop', raw: null };

test('texts and thoughts come as they are told, and one finish last (LM-03)', () => {
  const thinking = (value: unknown) => ({ type: 'thinking', value });
  expect(
    decode([thinking('Hm'), thinking(['m', '.']), thinking(''), text('He'), text(''), text('llo')]),
  ).toEqual([
    { type: 'reasoning.delta', text: 'Hm' },
    { type: 'reasoning.delta', text: 'm.' },
    { type: 'text.delta', text: 'He' },
    { type: 'text.delta', text: 'llo' },
    stop,
  ]);
});

test('a call comes whole, under the tool’s own name, and ends the answer in calls (LM-03)', () => {
  const input = { pattern: '*.ts' };
  expect(decode([text('I look.'), call('a', input), call('b', {}, wireToolName('server.read'))])).toEqual([
    { type: 'text.delta', text: 'I look.' },
    { type: 'tool.input.started', callID: 'a', name: 'glob' },
    { type: 'tool.input.delta', callID: 'a', text: '{"pattern":"*.ts"}' },
    { type: 'tool.call', callID: 'a', name: 'glob', input: { type: 'json', value: input } },
    { type: 'tool.input.started', callID: 'b', name: 'server.read' },
    { type: 'tool.input.delta', callID: 'b', text: '{}' },
    { type: 'tool.call', callID: 'b', name: 'server.read', input: { type: 'json', value: {} } },
    { type: 'finish', reason: 'tool-calls', raw: null },
  ]);
});

test('calls without an id, or with one that another has, get ids of their own, equal for equal answers', () => {
  const ids = () =>
    decode([call(''), call('a'), call('a'), call('')]).flatMap((event) =>
      event.type === 'tool.call' ? [event.callID] : [],
    );
  expect(new Set(ids()).size).toBe(4);
  expect(ids()[1]).toBe('a');
  expect(ids()).toEqual(ids());
});

test('parts of kinds that nobody knows are passed over', () => {
  expect(decode([{ type: 'other' }, { type: 'data', mime: 'x', data: 'y' }, text('Hi')])).toEqual([
    { type: 'text.delta', text: 'Hi' },
    stop,
  ]);
});

test.each([
  [null],
  ['text'],
  [{ value: 'x' }],
  [{ type: 'text', value: 1 }],
  [{ type: 'tool-call', name: 'x' }],
])('what is no part ends the answer: %j', (part) => {
  expect(decode([part]).at(-1)).toMatchObject({
    type: 'error',
    error: { code: 'protocol', retryable: false },
  });
});

test('an answer that says nothing, or that breaks off, is a cut', () => {
  const cut = { type: 'error', error: { code: 'stream-cut', retryable: true } };
  expect(decode([])).toMatchObject([cut]);
  expect(decode([text('He')], false)).toMatchObject([{ type: 'text.delta' }, cut]);
});
