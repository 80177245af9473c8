import { expect, test } from 'vitest';
import { SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import type { Session } from '#shared/session.ts';
import { spentBy } from './spent.ts';

const tokens = { input: 1, output: 2, reasoning: 3, cache: { read: 4, write: 5 } };
const session: Session = {
  id: SessionID.make('ses_1'),
  directory: '/w',
  title: '',
  version: '1',
  cost: 0,
  tokens: noTokens,
  time: { created: 1, updated: 1 },
};

test('a session has spent what it and the sessions below it have, in all five kinds (RT-20)', () => {
  const spent = spentBy({ ...session, cost: 0.25, tokens, children: { cost: 0.5, tokens } });
  expect(spent).toEqual({
    cost: 0.75,
    tokens: { input: 2, output: 4, reasoning: 6, cache: { read: 8, write: 10 } },
    children: 0.5,
    isNothing: false,
  });
});

test('a session without child sessions says nothing of them', () => {
  expect(spentBy({ ...session, cost: 0.25, tokens })).toEqual({ cost: 0.25, tokens, isNothing: false });
});

test('tokens without a price are something', () => {
  expect(spentBy(session).isNothing).toBe(true);
  expect(spentBy({ ...session, tokens: { ...noTokens, cache: { read: 1, write: 0 } } }).isNothing).toBe(
    false,
  );
});
