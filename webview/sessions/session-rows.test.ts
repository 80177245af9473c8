import { expect, test } from 'vitest';
import { SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import type { Session } from '#shared/session.ts';
import { rowsFor, treeOf } from './session-rows.ts';

const session = (id: string, parent?: string, title = id): Session => ({
  id: SessionID.make(`ses_${id}`),
  directory: '/w',
  ...(parent === undefined ? {} : { parentID: SessionID.make(`ses_${parent}`) }),
  title,
  version: '1',
  cost: 0,
  tokens: noTokens,
  time: { created: 1, updated: 1 },
});
const drawn = (sessions: readonly Session[]) =>
  treeOf(sessions).map((row) => `${'>'.repeat(row.depth)}${row.session.id}`);

test('child sessions stand right below their parent, in order, however deep (RT-19)', () => {
  const sessions = [session('c', 'b'), session('a'), session('d', 'a'), session('b', 'a'), session('e')];
  expect(drawn(sessions)).toEqual(['ses_a', '>ses_d', '>ses_b', '>>ses_c', 'ses_e']);
});

test('a child session whose parent is not in the list stands alone', () => {
  expect(drawn([session('b', 'gone'), session('a')])).toEqual(['ses_b', 'ses_a']);
});

test('until the host has answered, a search shows the titles that hold all its words', () => {
  const sessions = [session('a', undefined, 'The lock file'), session('b', undefined, 'A file')];
  const rows = rowsFor('FILE lock', sessions, {
    query: 'file',
    found: [{ id: sessions[1]?.id as SessionID }],
  });
  expect(rows.map((row) => row.session.id)).toEqual(['ses_a']);
});

test('the answer to the search is shown in its own order, with its words and without sessions that are gone', () => {
  const sessions = [session('a'), session('b', 'a')];
  const found = [
    { id: SessionID.make('ses_b'), snippet: 'two `words`' },
    { id: SessionID.make('ses_gone'), snippet: 'x' },
    { id: SessionID.make('ses_a') },
  ];
  expect(rowsFor('w', sessions, { query: 'w', found })).toEqual([
    { session: sessions[1], depth: 0, snippet: { before: 't', found: 'w', after: 'o words' } },
    { session: sessions[0], depth: 0, named: { before: 'a', found: '', after: '' } },
  ]);
  expect(rowsFor('A', sessions, null)[0]?.named).toEqual({ before: '', found: 'a', after: '' });
});
