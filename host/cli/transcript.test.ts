import { expect, test } from 'vitest';
import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { type MessageInfo, noTokens } from '#shared/message.ts';
import type { Part, ToolState } from '#shared/part.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import { transcript } from './transcript.ts';

const sessionID = 'ses_1' as SessionID;
const at = new Date(2026, 10, 21, 9, 5).getTime();
const model = { providerID: 'p', modelID: 'm' };
const session: Session = {
  ...{
    id: sessionID,
    directory: '/a',
    title: 'Rename\u001b[2J greet',
    agent: 'build',
    model,
    version: 'test',
  },
  ...{ cost: 0, tokens: noTokens, time: { created: at, updated: at } },
};

const base = (messageID: string) => ({ id: 'prt_1' as PartID, sessionID, messageID: messageID as MessageID });

function user(id: string, text: string): MessageWithParts {
  const info = {
    id: id as MessageID,
    sessionID,
    role: 'user' as const,
    agent: 'build',
    model,
    time: { created: at },
  };
  return { info, parts: [{ ...base(id), type: 'text', text }] };
}

function assistant(id: string, parts: readonly Part[], more: Partial<MessageInfo> = {}): MessageWithParts {
  const info = {
    ...{ id: id as MessageID, sessionID, role: 'assistant', parentID: 'msg_1' as MessageID, ...model },
    ...{ agent: 'build', mode: 'build', path: { cwd: '/a', root: '/a' }, cost: 0, tokens: noTokens },
    ...{ time: { created: at, completed: at }, ...more },
  } as MessageInfo;
  return { info, parts };
}

const tool = (state: ToolState): Part => ({
  ...{ ...base('msg_2'), type: 'tool', callID: 'call_1', tool: 'edit', state },
});
const done = {
  status: 'completed',
  input: {},
  output: 'o',
  title: 'greet.ts',
  time: { start: 0, end: 1 },
} as const;

test('a conversation is printed to be read, each tool in one line', () => {
  const text = transcript(session, [
    user('msg_1', 'rename greet\nto welcome'),
    assistant('msg_2', [
      { ...base('msg_2'), type: 'reasoning', text: 'hidden', time: { start: 0 } },
      { ...base('msg_2'), type: 'text', text: 'I rename it.\n' },
      tool({ ...done, metadata: { additions: 2, deletions: 1 } }),
      tool({
        status: 'error',
        input: {},
        error: 'no\nsuch file',
        failure: 'failed',
        time: { start: 0, end: 1 },
      }),
      tool({ status: 'running', input: {}, time: { start: 0 } }),
    ]),
    assistant('msg_3', [], {
      error: { name: 'MessageAbortedError', data: { code: 'interrupted', message: '' } },
    }),
  ]);
  expect(text).toBe(
    [
      'Rename [2J greet',
      'ses_1 · 2026-11-21 09:05 · build · p/m · /a',
      '',
      'You · 2026-11-21 09:05',
      'rename greet',
      'to welcome',
      '',
      'Millrace · 2026-11-21 09:05',
      'I rename it.',
      '  edit greet.ts +2 −1',
      '  edit: failed: no such file',
      '  edit: not finished',
      '',
      'Millrace · 2026-11-21 09:05',
      'Interrupted',
      '',
    ].join('\n'),
  );
});

test('what is taken back is printed under a line that says so', () => {
  const reverted = { ...session, revert: { messageID: 'msg_2' as MessageID } };
  const text = transcript(reverted, [user('msg_1', 'one'), user('msg_2', 'two')]);
  expect(text.indexOf('What follows is taken back.')).toBeGreaterThan(text.indexOf('one'));
  expect(text.indexOf('What follows is taken back.')).toBeLessThan(text.indexOf('two'));
});
