import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LLMMessage } from '../schema.ts';
import { distinctCalls } from './distinct-calls.ts';

const calls = (...ids: readonly string[]): LLMMessage => ({
  type: 'assistant',
  content: ids.map((id) => ({ type: 'tool-call', id, name: 'read', input: {} })),
});
const result = (callID: string, output = ''): LLMMessage => ({
  type: 'tool-result',
  callID,
  name: 'read',
  output,
  isError: false,
});

test('a conversation whose calls have ids of their own stays the same', () => {
  const messages = [calls('a', 'b'), result('b'), result('a')];
  expect(distinctCalls(messages)).toBe(messages);
});

test('an id that is given again is changed, and the result goes with the call it came after', () => {
  expect(
    distinctCalls([
      calls('a'),
      calls('a', 'a_1'),
      result('a', 'x'),
      calls('a'),
      result('a', 'y'),
      result('z'),
    ]),
  ).toEqual([
    calls('a'),
    calls('a_1', 'a_1_1'),
    result('a_1', 'x'),
    calls('a_2'),
    result('a_2', 'y'),
    result('z'),
  ]);
});

test('whatever ids there are, none stands there twice, and equal conversations are changed alike', () => {
  const id = fc.constantFrom('a', 'a_1', 'a_1_1', 'b', '');
  const message = fc.oneof(
    fc.array(id, { maxLength: 4 }).map((ids) => calls(...ids)),
    id.map((callID) => result(callID)),
  );
  void fc.assert(
    fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
      const distinct = distinctCalls(messages);
      const ids = distinct.flatMap((each) =>
        each.type === 'assistant' ? each.content.map((part) => part.type === 'tool-call' && part.id) : [],
      );
      expect(new Set(ids).size).toBe(ids.length);
      expect(distinctCalls(structuredClone(messages))).toEqual(distinct);
    }),
  );
});
