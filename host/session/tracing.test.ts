import { expect, test } from 'vitest';
import { openTestHost } from '../testing/test-host.ts';

test('the trace of a turn has the request as it went over the wire, its events, calls and end, and no key (RT-15)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'allow' } } });
  const { session, messages } = await rig.run('rename greet to welcome');
  const [first] = messages.filter(({ info }) => info.role === 'assistant');
  const trace = first && (await rig.host.sessions.trace(session.id, first.info.id));
  expect(trace?.request?.body).toEqual(rig.server.requests[0]?.body);
  expect(trace?.request?.headers['authorization']).toBe('Bearer [redacted]');
  expect(JSON.stringify(trace)).not.toContain('key-of-the-user');
  const names = trace?.entries.map(({ name }) => name) ?? [];
  expect(names).toEqual(expect.arrayContaining(['request.sent', 'tool.call', 'tool read', 'turn.ended']));
  expect(names[0]).toBe('request.sent');
});

test('the last turn is shown where none is named, also after a restart, and an unknown session has none', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'allow' } } });
  const { session, messages } = await rig.run('rename greet to welcome');
  await rig.host.sessions.trace(session.id);
  await rig.reopen();
  const shown = await rig.host.turnTrace(session.id);
  expect(shown?.messageID).toBe(messages.at(-1)?.info.id);
  expect(shown?.markdown).toContain('# Turn trace');
  expect(await rig.host.turnTrace('ses_unknown' as typeof session.id)).toBeUndefined();
});
