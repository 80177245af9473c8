import { expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import type { MessageID, PermissionID, SessionID } from '#shared/ids.ts';
import type { PermissionRequest } from '#shared/permission.ts';
import { answerPermission } from './answer-permission.ts';

const request: PermissionRequest = {
  id: 'per_1' as PermissionID,
  sessionID: 'ses_1' as SessionID,
  permission: 'edit',
  patterns: ['a.ts'],
  always: [],
  agent: 'build',
  origin: { layer: 'defaults' },
  subject: { type: 'path', filePath: '/home/one/a.ts' },
  tool: { messageID: 'msg_1' as MessageID, callID: 'call_1', name: 'edit' },
  time: { created: 0 },
};

async function answered(failure?: Error, autoApprove = true) {
  const interrupted: SessionID[] = [];
  const lines: string[] = [];
  const replies: string[] = [];
  const sessions = {
    async reply(_: PermissionID, { type }: { readonly type: string }) {
      replies.push(type);
      if (failure) throw failure;
      return request;
    },
    async interrupt(id: SessionID) {
      interrupted.push(id);
    },
  };
  await answerPermission(request, { sessions, autoApprove, tell: (line) => lines.push(line) });
  return { interrupted, lines, replies };
}

test('an answer that cannot be given interrupts the session instead of waiting for good', async () => {
  const { interrupted, lines } = await answered(new HostError('store.readonly', 'The disk is full.'));
  expect(interrupted).toEqual(['ses_1']);
  expect(lines).toEqual(['The disk is full.']);
});

test('a request that is answered already is nothing to tell', async () => {
  const { interrupted, lines } = await answered(new HostError('permission.unknown', 'Gone.'));
  expect(interrupted).toEqual([]);
  expect(lines).toEqual([]);
});

test('without approval the request is rejected, and that is told', async () => {
  const { replies, lines } = await answered(undefined, false);
  expect(replies).toEqual(['reject']);
  expect(lines.join()).toContain('edit a.ts');
  expect((await answered()).replies).toEqual(['once']);
});
