import { expect, test } from 'vitest';
import { call, said, summed, told, typed } from '../../testing/history.ts';
import { chooseTail } from './choose-tail.ts';

const long = 'x'.repeat(4_000);
const idsOf = (messages: readonly { readonly info: { readonly id: string } }[]) =>
  messages.map(({ info }) => info.id);

function check(history: Parameters<typeof chooseTail>[0], room = 500, turns?: number) {
  const { answered, kept, folded } = chooseTail(history, room, turns);
  return { answered, kept, folded: idsOf(folded) };
}

test('the newest prompt and what follows it stay where they fit, and calls keep their results', () => {
  const history = [typed('u1'), said('a1'), typed('u2'), call('a2')];
  expect(check(history)).toEqual({ answered: [], kept: ['u2', 'a2'], folded: ['u1', 'a1'] });
});

test('where they do not fit, the prompt alone stays: behind the summary while it is worked on', () => {
  const history = [typed('u1'), said('a1'), typed('u2'), call('a2', long)];
  expect(check(history)).toEqual({ answered: [], kept: ['u2'], folded: ['u1', 'a1', 'a2'] });
});

test('a prompt that was answered stands before the summary, so that it is not taken up again', () => {
  const history = [typed('u1'), said('a1'), typed('u2'), call('a2', long), said('a3')];
  expect(check(history)).toEqual({ answered: ['u2'], kept: [], folded: ['u1', 'a1', 'a2', 'a3'] });
});

test('a prompt stays word for word however long it is (RT-02)', () => {
  const history = [typed('u1'), said('a1'), typed('u2', long)];
  expect(check(history)).toEqual({ answered: [], kept: ['u2'], folded: ['u1', 'a1'] });
});

test('prompts that wait for their answer together stay together', () => {
  const history = [typed('u1'), said('a1'), typed('u2'), told('c1'), typed('u3')];
  expect(check(history)).toEqual({ answered: [], kept: ['u2', 'u3'], folded: ['u1', 'a1'] });
});

test('of a conversation with one prompt everything but the prompt is folded', () => {
  expect(check([typed('u1'), said('a1')])).toEqual({ answered: ['u1'], kept: [], folded: ['a1'] });
  expect(check([typed('u1'), call('a1')])).toEqual({ answered: [], kept: ['u1'], folded: ['a1'] });
});

test('a prompt alone, and a summary with the prompts it stands beside, leave nothing to fold', () => {
  expect(check([typed('u1')]).folded).toEqual([]);
  expect(check([typed('u1'), summed('s1')])).toEqual({ answered: ['u1'], kept: [], folded: [] });
  expect(check([summed('s1'), typed('u1')])).toEqual({ answered: [], kept: ['u1'], folded: [] });
  expect(check([])).toEqual({ answered: [], kept: [], folded: [] });
});

test('an earlier summary does not stay: the new one takes it up', () => {
  const history = [summed('s1'), typed('u1'), said('a1'), typed('u2')];
  expect(check(history)).toEqual({ answered: [], kept: ['u2'], folded: ['u1', 'a1'] });
});

test.for([
  [0, ['u4'], ['u1', 'u2', 'a2', 'u3', 'a3', 'a4']],
  [1, ['u4', 'a4'], ['u1', 'u2', 'a2', 'u3', 'a3']],
  [2, ['u3', 'a3', 'u4', 'a4'], ['u1', 'u2', 'a2']],
  // Something has to go, and prompts that were answered together are one turn.
  [3, ['u3', 'a3', 'u4', 'a4'], ['u1', 'u2', 'a2']],
  [9, ['u3', 'a3', 'u4', 'a4'], ['u1', 'u2', 'a2']],
] as const)('of %d turns that are to stay, %j do', ([turns, kept, folded]) => {
  const history = [
    ...[typed('u1'), typed('u2'), said('a2'), told('c1')],
    ...[typed('u3'), said('a3'), typed('u4'), call('a4')],
  ];
  expect(check(history, 500, turns)).toEqual({ answered: [], kept, folded });
});

test('of the turns that are to stay only so many do as fit, the newest first', () => {
  const history = [typed('u1'), said('a1'), typed('u2', long), said('a2'), typed('u3'), said('a3')];
  expect(check(history, 500, 2)).toMatchObject({ kept: ['u3', 'a3'] });
  expect(check(history, 2_000, 2)).toMatchObject({ kept: ['u2', 'a2', 'u3', 'a3'] });
  expect(check(history, 0, 2)).toMatchObject({ answered: ['u3'], kept: [] });
});
