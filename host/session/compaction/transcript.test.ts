import { expect, test } from 'vitest';
import type { MessageID } from '#shared/ids.ts';
import { call, said, summed, told, typed } from '../../testing/history.ts';
import { historyTokens } from './estimate-tokens.ts';
import { shortened, transcriptOf } from './transcript.ts';

const none = new Set<MessageID>();

test('who wrote what is told in order, calls with their results, the host’s own news not', () => {
  const history = [
    summed('s', 'before'),
    typed('u', 'fix it'),
    told('c'),
    call('a', 'found'),
    said('b', 'fixed'),
  ];
  expect(transcriptOf({ history, verbatim: none, room: 1_000 })).toBe(`[summary of what was before]
before

[user]
fix it

[agent]
(called read with {"filePath":"a.ts"})
(result: found)

[agent]
fixed`);
});

test('the oldest is left out first and says so, and an earlier summary never is', () => {
  const history = [
    summed('s', 'before'),
    typed('u1', `old ${'x'.repeat(2_000)}`),
    said('a1', 'older answer'),
    typed('u2', 'newest'),
  ];
  const text = transcriptOf({ history, verbatim: none, room: 100 });
  expect(text).toContain('before');
  expect(text).toContain('(1 older messages are left out for their length.)');
  expect(text).toContain('older answer');
  expect(text).not.toContain('old x');
});

test('it keeps to its room, also where the newest message alone is longer', () => {
  const history = [typed('u1', 'y'.repeat(50_000)), said('a1', 'z'.repeat(80_000))];
  const text = transcriptOf({ history, verbatim: none, room: 2_000 });
  expect(text.length / 4).toBeLessThan(2_100);
  expect(historyTokens(history)).toBeGreaterThan(30_000);
});

test('what stays word for word takes no room: its prompts are told in short', () => {
  const history = [
    typed('u1', 'first'),
    said('a1'),
    typed('u2', 'k'.repeat(9_000)),
    call('a2', 'seen later'),
  ];
  const verbatim = new Set(['u2', 'a2'] as MessageID[]);
  const text = transcriptOf({ history, verbatim, room: 5_000 });
  expect(text).toContain('first');
  expect(text.length).toBeLessThan(1_300);
  expect(text).not.toContain('seen later');
});

test('long results are cut in the middle, and stay well-formed text', () => {
  const cut = shortened('😀'.repeat(1_000), 101);
  expect(cut.isWellFormed()).toBe(true);
  expect(cut).toContain('letters are left out');
  expect(shortened('short', 5)).toBe('short');
});
