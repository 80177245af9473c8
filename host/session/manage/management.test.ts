import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { bodyOf, lastTurn, toolsOf } from '../../testing/read-view.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';

// What one does with sessions besides running them (RT-19), and what holds for those below others.

const { signal } = new AbortController();

test('a session gets the title that the user chose, on one line (RT-19)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('say something', { resume: false });
  await rig.host.sessions.rename(sessionID, '  A better\n title ');
  expect((await rig.host.sessions.get(sessionID))?.title).toBe('A better title');
  expect((await rig.host.sessions.get(sessionID))?.titledBy).toBe('user');
  await expect(rig.host.sessions.rename(sessionID, ' \n')).rejects.toMatchObject({
    code: 'session.title-empty',
  });
  await expect(rig.host.sessions.rename('ses_none' as SessionID, 'x')).rejects.toMatchObject({
    code: 'session.unknown',
  });
  const told = await rig.event('session.updated');
  expect(told.properties.info.title).toBe('A better title');
});

test('a session is put away and taken out again, over a restart (RT-19)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('say something', { resume: false });
  await rig.host.sessions.archive(sessionID, true);
  await rig.reopen();
  expect((await rig.host.sessions.get(sessionID))?.time.archived).toEqual(expect.any(Number));
  await rig.host.sessions.archive(sessionID, false);
  expect((await rig.host.sessions.get(sessionID))?.time.archived).toBeUndefined();
});

test('a fork has the history up to before a message, under ids of its own and for nothing (RT-19)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('rename greet to welcome');
  const messageID = 'msg_second' as MessageID;
  await rig.run('say something', { sessionID: view.session.id, messageID });
  const fork = await rig.host.sessions.fork(view.session.id, messageID);
  expect(fork).toMatchObject({
    title: `${view.session.title} (fork 1)`,
    forkedFrom: { sessionID: view.session.id, messageID },
    cost: 0,
    tokens: { input: 0, output: 0 },
  });
  const copy = await rig.view(fork.id);
  expect(copy.messages).toHaveLength(view.messages.length);
  const idsOf = (messages: typeof copy.messages) =>
    messages.flatMap(({ info, parts }) => [info.id, ...parts.map(({ id }) => id)]);
  expect(new Set([...idsOf(copy.messages), ...idsOf(view.messages)]).size).toBe(
    idsOf(copy.messages).length * 2,
  );
  const own = new Set(copy.messages.map(({ info }) => info.id));
  for (const { info, parts } of copy.messages) {
    if (info.role === 'assistant') expect(own).toContain(info.parentID);
    expect(parts.every((part) => part.sessionID === fork.id && part.messageID === info.id)).toBe(true);
  }
  expect(toolsOf(copy).map(({ callID, state }) => [callID, state])).toEqual(
    toolsOf(view).map(({ callID, state }) => [callID, state]),
  );
  const requests = rig.server.requests.length;
  await rig.run('say more', { sessionID: fork.id });
  const sent = bodyOf(rig.server.requests[requests]).messages ?? [];
  expect(JSON.stringify(sent)).toContain('rename greet to welcome');
  expect(JSON.stringify(sent)).not.toContain('say something');
  expect((await rig.host.sessions.fork(fork.id)).title).toBe(`${view.session.title} (fork 2)`);
  await expect(rig.host.sessions.fork(fork.id, messageID)).rejects.toMatchObject({ code: 'message.unknown' });
});

test('a turn that runs is not in a fork, nor is what was taken back (RT-19, RT-21)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('say something');
  const { id } = view.session;
  const messageID = 'msg_gate' as MessageID;
  await rig.prompt('wait at the gate', { sessionID: id, messageID });
  await rig.event('message.part.delta', (event) => event.properties.delta.includes('gate'));
  const during = await rig.host.sessions.fork(id);
  expect((await rig.view(during.id)).messages).toHaveLength(view.messages.length + 1);
  rig.server.open('answer');
  await rig.host.sessions.awaitIdle(id);
  await rig.host.sessions.revert(id, messageID);
  const after = await rig.host.sessions.fork(id);
  expect((await rig.view(after.id)).messages).toHaveLength(view.messages.length);
});

test('a search finds titles first, then texts, case ignored, the one changed last first (RT-19)', async () => {
  await using rig = await openTestHost();
  const long = `${'filler '.repeat(600)} the Needle in a long prompt`;
  const oldest = await rig.prompt('the nEEdle in a prompt', { resume: false });
  rig.host.sessions.goOn(oldest.sessionID);
  await rig.host.sessions.awaitIdle(oldest.sessionID);
  await rig.host.sessions.rename(oldest.sessionID, 'Nothing to see');
  const big = await rig.run(long);
  const titled = await rig.run('say something');
  await rig.host.sessions.rename(titled.session.id, 'A needle in the title');
  await rig.run('say something else');
  const found = await rig.host.sessions.search(' needle ', { limit: 10, signal });
  expect(found).toEqual([
    { id: titled.session.id },
    { id: big.session.id, snippet: expect.stringContaining('the Needle in a long prompt') },
    { id: oldest.sessionID, snippet: 'the nEEdle in a prompt' },
  ]);
  expect(found[1]?.snippet?.length).toBeLessThan(200);
  // In a narrow side bar only the beginning is seen.
  expect(found[1]?.snippet?.indexOf('Needle')).toBeLessThan(20);
  expect(await rig.host.sessions.search('needle', { limit: 2, signal })).toEqual(found.slice(0, 2));
  // An answer of the scripted model.
  expect(await rig.host.sessions.search('understand nothing else', { limit: 10, signal })).toHaveLength(4);
  expect(await rig.host.sessions.search('  ', { limit: 10, signal })).toEqual([]);
  expect(await rig.host.sessions.search('ne(dle', { limit: 10, signal })).toEqual([]);
  await rig.reopen();
  expect(await rig.host.sessions.search('needle', { limit: 10, signal })).toEqual(found);
});

test('a search that nobody waits for any more ends (RT-19)', async () => {
  await using rig = await openTestHost();
  await rig.run('say something');
  const given = new AbortController();
  const searching = rig.host.sessions.search('not there', { limit: 10, signal: given.signal });
  given.abort(new Error('given up'));
  await expect(searching).rejects.toThrow('given up');
});

test('what a session below spends is in the headers above it, and shown (RT-20)', async () => {
  await using rig = await openTestHost();
  const { top, middle, bottom } = await family(rig);
  const own = (await rig.host.sessions.get(top))?.tokens;
  await rig.run('say something', { sessionID: bottom });
  const spent = (await rig.host.sessions.get(bottom))?.tokens;
  expect(spent?.input).toBeGreaterThan(0);
  for (const id of [top, middle]) {
    expect((await rig.host.sessions.get(id))?.children?.tokens).toEqual(spent);
    await rig.event(
      'session.updated',
      ({ properties: { info } }) => info.id === id && info.children !== undefined,
    );
  }
  expect((await rig.host.sessions.get(top))?.tokens).toEqual(own);
  const listed = await rig.host.sessions.list();
  expect(listed.find(({ id }) => id === bottom)?.parentID).toBe(middle);
});

test('an interruption ends what runs below, too (RT-09)', async () => {
  await using rig = await openTestHost();
  const { top, bottom } = await family(rig);
  await rig.prompt('hang in the stream', { sessionID: bottom });
  await rig.event('message.part.delta');
  await rig.host.sessions.interrupt(top);
  const view = await rig.view(bottom);
  expect(view.status).toEqual({ type: 'idle' });
  expect(lastTurn(view).error?.data.code).toBe('interrupted');
});

/** Three sessions, each below the one before: a stand-in for what subagents will make. */
async function family(rig: TestHost) {
  const { sessionID } = await rig.prompt('the first', { resume: false });
  const { inbox: _, ...file } = await rig.host.sessions.export(sessionID);
  const named = (id: string, children: unknown[]) => ({ ...file, info: { ...file.info, id }, children });
  const [top, middle, bottom] = ['ses_top', 'ses_middle', 'ses_bottom'] as SessionID[];
  if (!top || !middle || !bottom) throw new Error('Three ids');
  await rig.host.sessions.import(named(top, [named(middle, [named(bottom, [])])]), {
    directory: rig.workspace,
  });
  return { top, middle, bottom };
}
