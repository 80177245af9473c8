import { expect, test } from 'vitest';
import { MessageID } from '#shared/ids.ts';
import { initialState } from '../store/state.ts';
import { keep, readKept } from './kept.ts';

const nothing = { sessionID: null, drafts: {}, unsent: [], scroll: null };

test('what is kept is read back the same', () => {
  const prompt = { id: MessageID.make('msg_1'), sessionID: null, text: 'hi', delivery: 'queue' as const };
  const kept = keep(
    { ...initialState, sending: [prompt], draft: { text: 'more', revision: 1, id: null } },
    null,
  );
  expect(kept).toEqual({ ...nothing, drafts: { new: 'more' }, unsent: [prompt] });
  expect(readKept(structuredClone(kept))).toEqual(kept);
});

test('an empty box keeps no draft', () => {
  expect(keep(initialState, null).drafts).toEqual({});
});

test('a changed text of a waiting prompt is kept as a draft, an unchanged one is not', () => {
  const editing = { id: MessageID.make('msg_1'), was: 'hi', text: 'hi there' };
  expect(keep({ ...initialState, editing }, null).drafts).toEqual({ new: 'hi there' });
  expect(keep({ ...initialState, editing: { ...editing, text: 'hi' } }, null).drafts).toEqual({});
});

test.each([undefined, null, 3, 'x', [], { drafts: 4, unsent: {}, scroll: 'x', sessionID: 'msg_1' }])(
  'what an unknown version kept (%j) is left out',
  (value) => {
    expect(readKept(value)).toEqual(nothing);
  },
);

test('prompts and places that do not fit are left out one by one', () => {
  const kept = readKept({
    drafts: { a: 'text', b: 7 },
    unsent: [{ id: 'nope', text: 'x' }, { id: 'msg_1', text: 'y' }, null],
    scroll: { sessionID: 'ses_1', messageID: 'msg_1', offset: 'far' },
  });
  expect(kept.drafts).toEqual({ a: 'text' });
  expect(kept.unsent.map(({ text }) => text)).toEqual(['y']);
  expect(kept.scroll).toBeNull();
});
