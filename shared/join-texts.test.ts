import { expect, test } from 'vitest';
import type { MessageID, PartID, SessionID } from './ids.ts';
import { joinTexts } from './join-texts.ts';
import type { Part } from './part.ts';

const base = { sessionID: 'ses_1' as SessionID, messageID: 'msg_1' as MessageID };
const text = (id: string, words: string, end?: number): Part => ({
  ...base,
  id: id as PartID,
  type: 'text',
  text: words,
  time: { start: 1, ...(end === undefined ? {} : { end }) },
});
const thought: Part = {
  ...base,
  id: 'prt_9' as PartID,
  type: 'reasoning',
  text: 'hm',
  time: { start: 1, end: 2 },
};

test('texts that follow one another are read as one, which is open as long as its last piece is', () => {
  expect(joinTexts([text('prt_1', 'It is ', 2), text('prt_2', 'sunny', 3), text('prt_3', ' and')])).toEqual([
    text('prt_1', 'It is sunny and'),
  ]);
});

test('what stands between texts keeps them apart, and parts that need no joining stay the same objects', () => {
  const parts = [text('prt_1', 'a', 2), thought, text('prt_2', 'b', 3)];
  const joined = joinTexts(parts);
  expect(joined).toEqual(parts);
  expect(joined.every((part, index) => part === parts[index])).toBe(true);
});
