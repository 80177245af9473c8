import { expect, test } from 'vitest';
import type { SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import { cutTo, plainLine, plainLines, widthOf } from './plain-text.ts';
import { sessionTable } from './session-table.ts';

const known = (id: string, title: string, surface = 'Code 1.101') => ({
  info: {
    ...{ id: id as SessionID, title, directory: '/home/one/project', version: 'test', cost: 0 },
    ...{ tokens: noTokens, time: { created: 0, updated: new Date(2026, 10, 21, 9, 5).getTime() } },
  },
  store: { storage: '/s', surface, directories: ['/home/one/project'], moved: false },
});

test('the list is a plain table, one line for each session', () => {
  const table = sessionTable([known('ses_1', 'Rename greet'), known('ses_22', '日本')], undefined);
  expect(table).toBe(
    [
      'ID      Title         Changed           Surface     Folder',
      'ses_1   Rename greet  2026-11-21 09:05  Code 1.101  /home/one/project',
      'ses_22  日本          2026-11-21 09:05  Code 1.101  /home/one/project',
      '',
    ].join('\n'),
  );
});

test('no line of the list is wider than the terminal', () => {
  const table = sessionTable(
    [known('ses_1', '長い題名'.repeat(30), 'x'.repeat(60)), known('ses_2', 'b')],
    60,
  );
  for (const line of table.trimEnd().split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(60);
  expect(table).toContain('…');
});

test('what a terminal would obey is not printed', () => {
  expect(plainLine('a\u001b[31mb\u0007\nc\u202ed')).toBe('a [31mb  c d');
  expect(plainLines('a\u001b]0;x\u0007\r\n\tb\u009b')).toBe('a]0;x\n\tb');
});

test('a text is cut between letters, wide ones and combined ones too', () => {
  expect(cutTo('abcdef', 4)).toBe('abc…');
  expect(cutTo('日本語', 4)).toBe('日…');
  expect(cutTo('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
  expect(cutTo('👩‍👩‍👧x', 3)).toBe('👩‍👩‍👧x');
  expect(cutTo('abc', 0)).toBe('');
});
