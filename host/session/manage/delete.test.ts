import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Ports } from '../../ports/ports.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';

// Deleting a session for good (RT-19, decision 13).

const secret = 'plughxyzzy';

test('after a deletion no byte of the session is left in the storage, and others are whole (RT-19)', async () => {
  await using rig = await openTestHost(talkative);
  const other = await rig.run('say something');
  const { sessionID } = await secretive(rig);
  expect(await filesWith(rig, secret)).not.toEqual([]);
  expect(await readdir(storageOf(rig, 'output'))).not.toEqual([]);
  await rig.host.sessions.delete(sessionID);
  expect(await filesWith(rig, secret)).toEqual([]);
  expect(await readdir(storageOf(rig, 'output'))).toEqual([]);
  expect(await readdir(storageOf(rig, 'blobs'))).toEqual([]);
  expect((await readdir(storageOf(rig, 'traces'))).filter((name) => name.includes(sessionID))).toEqual([]);
  expect(rig.events.filter(({ type }) => type === 'session.deleted')).toHaveLength(1);
  await rig.reopen();
  expect((await rig.host.sessions.list()).map(({ id }) => id)).toEqual([other.session.id]);
  expect((await rig.view(other.session.id)).messages).toEqual(other.messages);
  await expect(rig.view(sessionID)).rejects.toMatchObject({ code: 'session.unknown' });
  await expect(rig.host.sessions.delete(sessionID)).rejects.toMatchObject({ code: 'session.unknown' });
}, 30_000);

test('a session that runs is interrupted and deleted with those below it (RT-09, RT-19)', async () => {
  await using rig = await openTestHost();
  const { sessionID } = await rig.prompt('the first', { resume: false });
  const file = await rig.host.sessions.export(sessionID);
  const child = { ...file, info: { ...file.info, id: 'ses_below' } };
  const top = { ...file, info: { ...file.info, id: 'ses_top' }, children: [child] };
  await rig.host.sessions.import(top, { directory: rig.workspace });
  await rig.prompt('hang in the stream', { sessionID: 'ses_below' as SessionID });
  await rig.event('message.part.delta');
  await rig.host.sessions.delete('ses_top' as SessionID);
  expect((await rig.host.sessions.list()).map(({ id }) => id)).toEqual([sessionID]);
  const deleted = rig.events.flatMap((event) =>
    event.type === 'session.deleted' ? [event.properties.info.id] : [],
  );
  expect(deleted).toEqual(['ses_below', 'ses_top']);
  expect(rig.events.filter(({ type }) => type === 'notice.raised')).toEqual([]);
}, 30_000);

test('what a fork still names stays until the fork is deleted, too (RT-19)', async () => {
  await using rig = await openTestHost(talkative);
  const { sessionID } = await secretive(rig);
  const fork = await rig.host.sessions.fork(sessionID);
  await rig.host.sessions.delete(sessionID);
  expect(await readdir(storageOf(rig, 'output'))).toHaveLength(1);
  const view = await rig.view(fork.id);
  expect(JSON.stringify(view.messages)).toContain(secret);
  await rig.host.sessions.delete(fork.id);
  expect(await readdir(storageOf(rig, 'output'))).toEqual([]);
  expect(await filesWith(rig, secret)).toEqual([]);
}, 30_000);

test('a deletion that was broken off is finished at the next opening (RT-19)', async () => {
  const fault = { on: false };
  await using rig = await openTestHost({ ...talkative, ports: (ports) => withFault(ports, fault) });
  const { sessionID } = await secretive(rig);
  fault.on = true;
  await expect(rig.host.sessions.delete(sessionID)).rejects.toMatchObject({ code: 'file.failed' });
  expect((await rig.host.sessions.list()).map(({ id }) => id)).not.toContain(sessionID);
  expect(await filesWith(rig, secret)).not.toEqual([]);
  fault.on = false;
  await rig.reopen();
  // Closing waits for what is left to do.
  await rig.reopen();
  expect(await filesWith(rig, secret)).toEqual([]);
  expect(await readdir(storageOf(rig, 'output'))).toEqual([]);
}, 30_000);

test('nothing is admitted to a session that is being deleted, and its id is free after it (RT-17, RT-19)', async () => {
  await using rig = await openTestHost();
  const view = await rig.run('say something');
  const { id } = view.session;
  const deleting = rig.host.sessions.delete(id);
  await rig.event('session.deleted');
  await expect(rig.prompt('say more', { sessionID: id })).rejects.toMatchObject({ code: 'session.unknown' });
  await deleting;
  const next = await rig.run('say more', { sessionID: id });
  expect(next.messages).toHaveLength(2);
}, 30_000);

/** Commands are allowed, edits are asked for, and the model calls what it is told to. */
const talkative = {
  config: { permission: { edit: 'ask' } },
  userConfig: { permission: { bash: 'allow' } },
  script: {
    model: 'scripted',
    turns: [
      {
        when: { user: 'keep it', step: 0 },
        reply: [
          { tool: 'write', input: { filePath: 'secret.txt', content: `${secret} in a file` } },
          { tool: 'shell', input: { command: `yes ${secret} | head -n 20000` } },
        ],
      },
      { reply: [{ text: 'Done.' }] },
    ],
  },
};

/** A session with the word in its title, prompts, calls, answers to questions, kept contents and outputs. */
async function secretive(rig: TestHost) {
  const text = `keep it: ${secret} ${'and more '.repeat(400)} ${secret}`;
  const { sessionID } = await rig.prompt(text);
  await rig.host.sessions.reply((await rig.asked()).id, { type: 'once' });
  await rig.host.sessions.awaitIdle(sessionID);
  return { sessionID };
}

function storageOf(rig: TestHost, name: string): string {
  return join(rig.workspace, '..', 'storage', name);
}

/** Files of the storage that hold these bytes. */
async function filesWith(rig: TestHost, bytes: string): Promise<readonly string[]> {
  const entries = await readdir(storageOf(rig, '.'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file)));
  return files.filter((_, index) => contents[index]?.includes(bytes));
}

/** Kept outputs cannot be removed while the fault is on. */
function withFault(ports: Ports, fault: { readonly on: boolean }): Ports {
  const { files } = ports;
  const remove: Ports['files']['remove'] = (path, expected) => {
    if (fault.on) return Promise.reject(new HostError('file.failed', `${path} could not be removed.`));
    return files.remove(path, expected);
  };
  return { ...ports, files: { ...files, remove } };
}
