import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Ports } from '../../ports/ports.ts';
import { toolsOf } from '../../testing/read-view.ts';
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
  const { inbox: _, ...file } = await rig.host.sessions.export(sessionID);
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

test('a file that cannot be removed holds up neither the rest of its session nor another deletion (RT-19)', async () => {
  const fault = { on: true, name: '' };
  await using rig = await openTestHost({ ...talkative, ports: (ports) => withFault(ports, fault) });
  const first = await secretive(rig);
  const [stuck = ''] = await readdir(storageOf(rig, 'output'));
  fault.name = stuck;
  const second = await secretive(rig);
  await expect(rig.host.sessions.delete(first.sessionID)).rejects.toMatchObject({ code: 'file.failed' });
  const traces = await readdir(storageOf(rig, 'traces'));
  expect(traces.filter((name) => name.includes(first.sessionID))).toEqual([]);
  await rig.host.sessions.delete(second.sessionID);
  expect(await filesWith(rig, secret)).toEqual([join(storageOf(rig, 'output'), stuck)]);
  await rig.reopen();
  fault.on = false;
  await rig.reopen();
  await rig.reopen();
  expect(await filesWith(rig, secret)).toEqual([]);
}, 60_000);

test('a file content that cannot be removed is told by the deletion of its own session alone (RT-19)', async () => {
  const fault = { on: true, name: 'none of it' };
  await using rig = await openTestHost({ ports: (ports) => withFault(ports, fault) });
  const changed = async () => (await rig.run('rename greet to welcome')).session.id;
  const first = await changed();
  const [stuck = ''] = await readdir(storageOf(rig, 'blobs'));
  await rig.host.sessions.revert(first, (await rig.view(first)).messages[0]?.info.id as MessageID);
  const second = (await rig.run('write a file')).session.id;
  // Contents of an earlier process, and of this one.
  await rig.reopen();
  const third = (await rig.run('write a file')).session.id;
  fault.name = stuck;
  await expect(rig.host.sessions.delete(first)).rejects.toMatchObject({ code: 'file.failed' });
  await rig.host.sessions.delete(second);
  await rig.host.sessions.delete(third);
  expect(await readdir(storageOf(rig, 'blobs'))).toEqual([stuck]);
  fault.on = false;
  await rig.reopen();
  // Closing waits for what is left to do.
  await rig.reopen();
  expect(await readdir(storageOf(rig, 'blobs'))).toEqual([]);
}, 60_000);

test('of two deletions at once only that one tells of a file content whose session had it (RT-19)', async () => {
  const fault = { on: true, name: 'none of it' };
  await using rig = await openTestHost({ ports: (ports) => withFault(ports, fault) });
  const first = (await rig.run('rename greet to welcome')).session.id;
  [fault.name = ''] = await readdir(storageOf(rig, 'blobs'));
  const second = (await rig.run('write a file')).session.id;
  const both = await Promise.allSettled([first, second].map((id) => rig.host.sessions.delete(id)));
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(await readdir(storageOf(rig, 'blobs'))).toEqual([fault.name]);
}, 60_000);

test('what no session names is swept at the next opening, and nothing else (RT-19)', async () => {
  await using rig = await openTestHost(talkative);
  await secretive(rig);
  const named = {
    output: await readdir(storageOf(rig, 'output')),
    blobs: await readdir(storageOf(rig, 'blobs')),
  };
  const strays = [
    ['output', 'call_lost.txt'],
    ['blobs', 'a'.repeat(64)],
  ] as const;
  const foreign = [
    ['output', 'my notes.txt'],
    ['output', 'call_lost.log'],
    ['blobs', 'readme'],
  ] as const;
  for (const [folder, name] of [...strays, ...foreign]) {
    const path = join(storageOf(rig, folder), name);
    await writeFile(path, 'left');
    await utimes(path, 1, 1);
  }
  await rig.reopen();
  // Closing waits for what is left to do.
  await rig.reopen();
  for (const folder of ['output', 'blobs'] as const) {
    const others = foreign.filter(([each]) => each === folder).map(([, name]) => name);
    expect((await readdir(storageOf(rig, folder))).sort()).toEqual([...named[folder], ...others].sort());
  }
}, 30_000);

test('the output of a command that was interrupted goes with its session (TL-04, RT-19)', async () => {
  const script = {
    model: 'scripted',
    turns: [
      {
        when: { user: 'keep it', step: 0 },
        reply: [{ tool: 'shell', input: { command: `yes ${secret} | head -n 20000; sleep 1000` } }],
      },
      { reply: [{ text: 'Done.' }] },
    ],
  };
  await using rig = await openTestHost({ ...talkative, script });
  const { sessionID } = await rig.prompt('keep it');
  const size = 20_000 * (secret.length + 1);
  await expect.poll(() => bytesIn(storageOf(rig, 'output')), { timeout: 20_000 }).toBe(size);
  await rig.host.sessions.interrupt(sessionID);
  expect(toolsOf(await rig.view(sessionID)).at(-1)?.state).toMatchObject({
    failure: 'interrupted',
    metadata: { outputPath: expect.stringContaining('output') },
  });
  expect(await readdir(storageOf(rig, 'output'))).toHaveLength(1);
  await rig.host.sessions.delete(sessionID);
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
  await rm(join(rig.workspace, 'secret.txt'), { force: true });
  const text = `keep it: ${secret} ${'and more '.repeat(400)} ${secret}`;
  const { sessionID } = await rig.prompt(text);
  const asked = await rig.event(
    'permission.asked',
    ({ properties }) => properties.request.sessionID === sessionID,
  );
  await rig.host.sessions.reply(asked.properties.request.id, { type: 'once' });
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

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Files (those of one `name`, if it is given) cannot be removed while the fault is on. */
function withFault(ports: Ports, fault: { readonly on: boolean; readonly name?: string }): Ports {
  const { files } = ports;
  const remove: Ports['files']['remove'] = (path, expected) => {
    if (fault.on && path.endsWith(fault.name ?? ''))
      return Promise.reject(new HostError('file.failed', `${path} could not be removed.`));
    return files.remove(path, expected);
  };
  return { ...ports, files: { ...files, remove } };
}
