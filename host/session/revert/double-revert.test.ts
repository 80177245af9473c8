import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';
import { openSessionStore } from '../testing/open-store.ts';

// A revert while another one holds: further back, and from there to the end (RT-21).

const [A, B] = ['msg_a', 'msg_b'] as [MessageID, MessageID];

test.for([
  ['at once', async () => undefined],
  ['over a restart between them', (rig: TestHost) => rig.reopen()],
] as const)(
  'from two reverts, one further back, all comes back as it was (%s) (RT-21)',
  async ([, between]) => {
    await using rig = await openTestHost({ script });
    const { id, before } = await worked(rig);
    expect(await filesOf(rig)).toEqual(atTheEnd);
    await rig.host.sessions.revert(id, B);
    expect(await filesOf(rig)).toEqual(beforeB);
    await between(rig);
    expect(await rig.host.sessions.revert(id, A)).toMatchObject({ type: 'reverted', left: [] });
    expect(await filesOf(rig)).toEqual(atFirst);
    expect((await rig.view(id)).session.revert).toMatchObject({ messageID: A, files: 4 });
    await between(rig);
    expect(await rig.host.sessions.unrevert(id)).toMatchObject({ type: 'unreverted', left: [] });
    expect(await filesOf(rig)).toEqual(atTheEnd);
    expect((await stat(join(rig.workspace, 'kept.sh'))).mode & 0o777).toBe(0o755);
    const after = await rig.view(id);
    expect(after.messages).toEqual(before.messages);
    expect(after.session).toEqual(before.session);
  },
);

test.for([
  ['none', []],
  ['the first', ['kept.sh']],
  ['two', ['kept.sh', 'only-a.txt']],
  ['all but one', ['kept.sh', 'only-a.txt', 'both.txt']],
] as const)(
  'the second of two reverts, broken off with %s of its files done, is finished, and comes back as it was (RT-21)',
  async ([, done]) => {
    await using rig = await openTestHost({ script });
    const { id, before } = await worked(rig);
    await rig.host.sessions.revert(id, B);
    await brokenOff(rig, id, done);
    await rig.reopen();
    await expect.poll(async () => (await rig.view(id)).session.revert?.unfinished).toBeUndefined();
    expect(await filesOf(rig)).toEqual(atFirst);
    expect(rig.host.notices()).toEqual([]);
    await rig.host.sessions.unrevert(id);
    expect(await filesOf(rig)).toEqual(atTheEnd);
    expect((await rig.view(id)).messages).toEqual(before.messages);
  },
);

test('from a second revert that was broken off, and held, the user gets all back as it was (RT-21)', async () => {
  let trusted = true;
  const trust = { isTrusted: () => trusted, onGranted: () => ({ [Symbol.dispose]: () => undefined }) };
  await using rig = await openTestHost({ script, ports: (ports) => ({ ...ports, trust }) });
  const { id, before } = await worked(rig);
  await rig.host.sessions.revert(id, B);
  await brokenOff(rig, id, ['kept.sh']);
  trusted = false;
  await rig.reopen();
  expect(await rig.host.sessions.unrevert(id)).toMatchObject({ type: 'unreverted', left: [] });
  expect(await filesOf(rig)).toEqual(atTheEnd);
  expect((await rig.view(id)).messages).toEqual(before.messages);
});

test('what the user wrote between two reverts is asked about, and is what comes back (RT-21)', async () => {
  await using rig = await openTestHost({ script });
  const { id } = await worked(rig);
  await rig.host.sessions.revert(id, B);
  const both = join(rig.workspace, 'both.txt');
  await writeFile(both, 'mine');
  expect(await rig.host.sessions.revert(id, A)).toEqual({ type: 'conflict', files: [both] });
  expect(await filesOf(rig)).toEqual({ ...beforeB, 'both.txt': 'mine' });
  await rig.host.sessions.revert(id, A, { overwrite: true });
  expect(await filesOf(rig)).toEqual(atFirst);
  await rig.host.sessions.unrevert(id);
  expect(await filesOf(rig)).toEqual({ ...atTheEnd, 'both.txt': 'mine' });
});

const atFirst = { 'kept.sh': 'first' };
const beforeB = { 'kept.sh': 'a', 'only-a.txt': 'a', 'both.txt': 'a' };
const atTheEnd = { 'kept.sh': 'b', 'only-a.txt': 'a', 'both.txt': 'b', 'only-b.txt': 'b' };

const write = (filePath: string, content: string) => ({ tool: 'write', input: { filePath, content } });
const read = (filePath: string) => ({ tool: 'read', input: { filePath } });

/** Two prompts that change files: one both change and was there before, one of each alone, one both make and change. */
const script = {
  model: 'scripted',
  turns: [
    { when: { user: 'do a', step: 0 }, reply: [read('kept.sh')] },
    {
      when: { user: 'do a', step: 1 },
      reply: [write('kept.sh', 'a'), write('only-a.txt', 'a'), write('both.txt', 'a')],
    },
    { when: { user: 'do b', step: 0 }, reply: [read('kept.sh'), read('both.txt')] },
    {
      when: { user: 'do b', step: 1 },
      reply: [write('kept.sh', 'b'), write('both.txt', 'b'), write('only-b.txt', 'b')],
    },
    { reply: [{ text: 'Done.' }] },
  ],
};

async function worked(rig: TestHost) {
  await writeFile(join(rig.workspace, 'kept.sh'), 'first');
  await chmod(join(rig.workspace, 'kept.sh'), 0o755);
  const { session } = await rig.run('do a', { messageID: A });
  const before = await rig.run('do b', { sessionID: session.id, messageID: B });
  return { id: session.id, before };
}

/** Those of the script, with what stands in them. */
async function filesOf({ workspace }: TestHost): Promise<Record<string, string>> {
  const names = (await readdir(workspace)).filter((name) => name in atTheEnd);
  const texts = await Promise.all(names.map((name) => readFile(join(workspace, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

/** The second revert, cut by the end of the process when only the files of `done` had gone back. */
async function brokenOff(rig: TestHost, id: SessionID, done: readonly string[]): Promise<void> {
  const stood = await Promise.all(
    Object.keys(beforeB).map(async (name) => [name, await readFile(join(rig.workspace, name))] as const),
  );
  await rig.host.sessions.revert(id, A);
  await rig.host[Symbol.asyncDispose]();
  for (const [name, bytes] of stood)
    if (!done.includes(name)) await writeFile(join(rig.workspace, name), bytes);
  await using store = await openSessionStore(join(rig.workspace, '../storage/store'));
  const files = (await store.read('session.revert-files', id)) ?? [];
  const fact = { type: 'session.reverted', sessionID: id, messageID: A, files, time: 1 } as const;
  await store.commit([{ ...fact, unfinished: true }]);
}
