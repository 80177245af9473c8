import { chmod, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Ports } from '../../ports/ports.ts';
import { bodyOf, lastTurn } from '../../testing/read-view.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';

// Taking a conversation and its files back to before a prompt, and bringing them back (RT-21).

const rename = 'rename greet to welcome';

let prompts = 0;

async function prompted(rig: TestHost, text: string, sessionID?: SessionID) {
  const messageID = `msg_${++prompts}` as MessageID;
  const view = await rig.run(text, { messageID, ...(sessionID && { sessionID }) });
  return { id: view.session.id, messageID, view };
}

const pathsOf = (rig: TestHost, ...names: string[]) => names.map((name) => join(rig.workspace, name));

test('a revert takes files and history back to before a prompt, and unrevert brings both back (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, messageID, view } = await prompted(rig, rename);
  const outcome = await rig.host.sessions.revert(id, messageID);
  expect(outcome).toEqual({
    type: 'reverted',
    messages: view.messages.length,
    files: pathsOf(rig, 'greet.ts', 'main.ts'),
    left: [],
    unseen: false,
  });
  expect(await rig.text('greet.ts')).toContain('function greet(');
  expect(await rig.text('main.ts')).toContain('greet(');
  expect((await rig.view(id)).session.revert).toMatchObject({ messageID, files: 2 });
  await rig.reopen();
  expect(await rig.host.sessions.unrevert(id)).toEqual({
    type: 'unreverted',
    files: pathsOf(rig, 'greet.ts', 'main.ts'),
    left: [],
  });
  expect(await rig.text('greet.ts')).toContain('function welcome(');
  expect(await rig.text('main.ts')).toContain('welcome(');
  const after = await rig.view(id);
  expect(after.session.revert).toBeUndefined();
  expect(after.messages).toEqual(view.messages);
  await expect(rig.host.sessions.unrevert(id)).rejects.toMatchObject({ code: 'revert.none' });
});

test('a file that was made is removed, and one that was removed by hand comes back only if chosen (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, messageID } = await prompted(rig, 'write a file');
  await prompted(rig, rename, id);
  await chmod(join(rig.workspace, 'main.ts'), 0o600);
  await rm(join(rig.workspace, 'greet.ts'));
  const files = pathsOf(rig, 'greet.ts');
  expect(await rig.host.sessions.revert(id, messageID)).toEqual({ type: 'conflict', files });
  expect(await rig.text('farewell.ts')).toContain('Goodbye');
  expect(await rig.text('main.ts')).toContain('welcome(');
  expect(await rig.host.sessions.revert(id, messageID, { overwrite: true })).toMatchObject({
    type: 'reverted',
    files: pathsOf(rig, 'farewell.ts', 'greet.ts', 'main.ts'),
  });
  await expect(rig.text('farewell.ts')).rejects.toThrow('ENOENT');
  expect(await rig.text('greet.ts')).toContain('function greet(');
  expect((await stat(join(rig.workspace, 'main.ts'))).mode & 0o777).toBe(0o600);
});

test('permission bits come back with a file (RT-21)', async () => {
  await using rig = await openTestHost();
  await chmod(join(rig.workspace, 'greet.ts'), 0o755);
  const { id, messageID } = await prompted(rig, rename);
  await rm(join(rig.workspace, 'greet.ts'));
  await rig.host.sessions.revert(id, messageID, { overwrite: true });
  expect((await stat(join(rig.workspace, 'greet.ts'))).mode & 0o777).toBe(0o755);
});

test('a file that the user changed since is never overwritten unasked (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, messageID } = await prompted(rig, rename);
  await writeFile(join(rig.workspace, 'main.ts'), '// mine\n');
  const before = await rig.view(id);
  const conflict = { type: 'conflict', files: pathsOf(rig, 'main.ts') };
  expect(await rig.host.sessions.revert(id, messageID)).toEqual(conflict);
  expect(await rig.text('greet.ts')).toContain('function welcome(');
  expect((await rig.view(id)).session).toEqual(before.session);

  const only = await rig.host.sessions.revert(id, messageID, { conversationOnly: true });
  expect(only).toMatchObject({ type: 'reverted', files: [] });
  expect(await rig.text('main.ts')).toBe('// mine\n');
  expect(await rig.text('greet.ts')).toContain('function welcome(');

  await rig.host.sessions.revert(id, messageID, { overwrite: true });
  expect(await rig.text('main.ts')).toContain('greet(');
  // The way back leads to what the user had there.
  await rig.host.sessions.unrevert(id);
  expect(await rig.text('main.ts')).toBe('// mine\n');
});

test('what the user changed between two edits of the session is a conflict, too (RT-21)', async () => {
  await using rig = await openTestHost({ script: twoWrites });
  const { id, messageID } = await prompted(rig, 'first');
  await writeFile(join(rig.workspace, 'note.txt'), 'one, and my own line');
  await prompted(rig, 'second', id);
  expect(await rig.text('note.txt')).toBe('two');
  const files = pathsOf(rig, 'note.txt');
  expect(await rig.host.sessions.revert(id, messageID)).toEqual({ type: 'conflict', files });
  expect(await rig.text('note.txt')).toBe('two');
});

test('a file that changed after a revert is not overwritten by bringing it back (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, messageID } = await prompted(rig, rename);
  await rig.host.sessions.revert(id, messageID);
  await writeFile(join(rig.workspace, 'main.ts'), '// mine\n');
  const conflict = { type: 'conflict', files: pathsOf(rig, 'main.ts') };
  expect(await rig.host.sessions.unrevert(id)).toEqual(conflict);
  expect(await rig.text('greet.ts')).toContain('function greet(');
  expect((await rig.view(id)).session.revert?.messageID).toBe(messageID);
  await rig.host.sessions.unrevert(id, { overwrite: true });
  expect(await rig.text('main.ts')).toContain('welcome(');
});

test('the next prompt makes a revert final: neither the model nor anybody sees what was taken back (RT-21)', async () => {
  await using rig = await openTestHost();
  const first = await prompted(rig, 'say something');
  const { id, messageID, view } = await prompted(rig, rename, first.id);
  await rig.host.sessions.revert(id, messageID);
  const before = rig.server.requests.length;
  const next = await prompted(rig, 'say more', id);
  const { messages = [] } = bodyOf(rig.server.requests[before]);
  expect(messages.map(({ role, content }) => (role === 'user' ? content : role))).toEqual([
    'system',
    'say something',
    'assistant',
    'say more',
  ]);
  expect(next.view.messages).toHaveLength(first.view.messages.length + 2);
  expect(next.view.messages.map(({ info }) => info.id)).not.toContain(messageID);
  const gone = view.messages.slice(first.view.messages.length).map(({ info }) => info.id);
  const removed = rig.events.flatMap((event) =>
    event.type === 'message.removed' ? [event.properties.messageID] : [],
  );
  expect(removed).toEqual(gone);
  expect(next.view.session.revert).toBeUndefined();
  await expect(rig.host.sessions.unrevert(id)).rejects.toMatchObject({ code: 'revert.none' });
});

test('a change of the System Context that was told in what is taken back is known to the next turn (RT-08, RT-21)', async () => {
  await using rig = await openTestHost();
  const first = await prompted(rig, 'say something');
  await writeFile(join(rig.workspace, 'AGENTS.md'), 'Always whistle.');
  const { id, messageID } = await prompted(rig, 'say more', first.id);
  expect(rig.server.requests.at(-1)?.text).toContain('Always whistle.');
  await rig.host.sessions.revert(id, messageID);
  await prompted(rig, 'and more', id);
  expect(rig.server.requests.at(-1)?.text).toContain('Always whistle.');
});

test('a prompt that waits in the inbox stays there through a revert (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, messageID } = await prompted(rig, rename);
  const waiting = await rig.prompt('say something', { sessionID: id, resume: false });
  await rig.host.sessions.revert(id, messageID);
  expect((await rig.view(id)).inbox).toEqual([waiting]);
  rig.host.sessions.goOn(id);
  await rig.host.sessions.awaitIdle(id);
  const view = await rig.view(id);
  expect(view.messages.map(({ info }) => info.id)).toEqual([waiting.id, lastTurn(view).id]);
});

test('a revert ends the run that it takes back, and a wake does not go on with it (RT-09, RT-21)', async () => {
  await using rig = await openTestHost();
  const messageID = 'msg_hangs' as MessageID;
  const { sessionID } = await rig.prompt('hang in the stream', { messageID });
  await rig.event('message.part.delta');
  expect(await rig.host.sessions.revert(sessionID, messageID)).toMatchObject({
    type: 'reverted',
    messages: 2,
  });
  const requests = rig.server.requests.length;
  rig.host.sessions.goOn(sessionID);
  await rig.host.sessions.awaitIdle(sessionID);
  expect(rig.server.requests).toHaveLength(requests);
  await rig.host.sessions.unrevert(sessionID);
  expect(lastTurn(await rig.view(sessionID)).error?.data.code).toBe('interrupted');
});

test('a prompt that is sent while files are taken back runs after that, on what stands (RT-11, RT-21)', async () => {
  const held = createHeldDisk();
  await using rig = await openTestHost({ ports: held.ports });
  const { id, messageID } = await prompted(rig, rename);
  const requests = rig.server.requests.length;
  held.close();
  const reverting = rig.host.sessions.revert(id, messageID);
  await held.reached;
  await rig.prompt('say something', { sessionID: id });
  // Time enough for a run that did not wait.
  for (let looks = 0; looks < 100; looks++) {
    expect((await rig.view(id)).session.revert?.messageID).toBe(messageID);
  }
  expect(rig.server.requests).toHaveLength(requests);
  held.open();
  expect(await reverting).toMatchObject({ type: 'reverted' });
  await rig.host.sessions.awaitIdle(id);
  expect(rig.server.requests).toHaveLength(requests + 1);
  expect(rig.server.requests.at(-1)?.text).not.toContain(rename);
  expect(await rig.text('greet.ts')).toContain('function greet(');
});

test('what led to a prompt that is taken back does not go on by itself (RT-12, RT-21)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  const request = await rig.asked();
  const messageID = 'msg_steer' as MessageID;
  await rig.prompt('say something', { sessionID, messageID });
  await rig.host.sessions.reply(request.id, { type: 'once' });
  await rig.host.sessions.awaitIdle(sessionID);
  await rig.host.sessions.revert(sessionID, messageID);
  const requests = rig.server.requests.length;
  await rig.run('and a queued one', { sessionID, delivery: 'queue' });
  expect(rig.server.requests).toHaveLength(requests + 1);
  expect(rig.server.requests.at(-1)?.text).toContain('and a queued one');
});

test('a question that waited over a restart is withdrawn with the prompt it came from (RT-21)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const messageID = 'msg_asks' as MessageID;
  const { sessionID } = await rig.prompt(rename, { messageID });
  const request = await rig.asked();
  await rig.reopen();
  await rig.host.sessions.revert(sessionID, messageID);
  expect((await rig.view(sessionID)).permissions).toEqual([]);
  await expect(rig.host.sessions.reply(request.id, { type: 'once' })).rejects.toMatchObject({
    code: 'permission.unknown',
  });
  expect(await rig.text('greet.ts')).toContain('function greet(');
});

test('when a file cannot be written, those before it are put back and the conversation stays (RT-21)', async () => {
  const broken = new Set<string>();
  await using rig = await openTestHost({ ports: (ports) => withBroken(ports, broken) });
  const { id, messageID, view } = await prompted(rig, rename);
  broken.add(join(rig.workspace, 'main.ts'));
  const outcome = await rig.host.sessions.revert(id, messageID);
  expect(outcome).toMatchObject({ type: 'failed', file: join(rig.workspace, 'main.ts'), left: [] });
  expect(await rig.text('greet.ts')).toContain('function welcome(');
  expect(await rig.text('main.ts')).toContain('welcome(');
  expect((await rig.view(id)).session.revert).toBeUndefined();
  expect((await rig.view(id)).messages).toEqual(view.messages);
  broken.clear();
  expect(await rig.host.sessions.revert(id, messageID)).toMatchObject({ type: 'reverted' });
});

test('what commands did is not known, and it is said (RT-21)', async () => {
  await using rig = await openTestHost({ userConfig: { permission: { bash: 'allow' } } });
  const { id, messageID } = await prompted(rig, 'run a command');
  expect(await rig.host.sessions.revert(id, messageID)).toMatchObject({ files: [], unseen: true });
});

test('a second revert goes further back, and bringing back leads to the end (RT-21)', async () => {
  await using rig = await openTestHost({ script: twoWrites });
  const first = await prompted(rig, 'first');
  const second = await prompted(rig, 'second', first.id);
  await rig.host.sessions.revert(first.id, second.messageID);
  expect(await rig.text('note.txt')).toBe('one');
  await rig.host.sessions.revert(first.id, first.messageID);
  await expect(rig.text('note.txt')).rejects.toThrow('ENOENT');
  await expect(rig.host.sessions.revert(first.id, second.messageID)).rejects.toMatchObject({
    code: 'revert.done',
  });
  await rig.host.sessions.unrevert(first.id);
  expect(await rig.text('note.txt')).toBe('two');
  expect((await rig.view(first.id)).messages).toHaveLength(second.view.messages.length);
});

test('a file that is open in the editor is taken back there, unsaved text of the user’s is a conflict (RT-21)', async () => {
  const editor = fakeEditor();
  await using rig = await openTestHost({ ports: (ports) => ({ ...ports, documents: editor.documents }) });
  const { id, messageID } = await prompted(rig, rename);
  const path = join(rig.workspace, 'greet.ts');
  await editor.open(path);
  editor.type(path, '// unsaved\n');
  expect(await rig.host.sessions.revert(id, messageID)).toEqual({ type: 'conflict', files: [path] });
  await editor.open(path);
  await rig.host.sessions.revert(id, messageID);
  expect(editor.textOf(path)).toContain('function greet(');
  expect(await readFile(path, 'utf8')).toContain('function greet(');
  expect(editor.edits).toEqual([path]);
});

test('where a link has taken a file’s place nothing is written, whatever was chosen (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, messageID } = await prompted(rig, rename);
  const outside = join(rig.workspace, '..', 'outside.ts');
  await writeFile(outside, 'not of the project');
  await rm(join(rig.workspace, 'greet.ts'));
  await symlink(outside, join(rig.workspace, 'greet.ts'));
  expect(await rig.host.sessions.revert(id, messageID)).toMatchObject({ type: 'conflict' });
  expect(await rig.host.sessions.revert(id, messageID, { overwrite: true })).toMatchObject({
    files: pathsOf(rig, 'main.ts'),
    left: pathsOf(rig, 'greet.ts'),
  });
  expect(await readFile(outside, 'utf8')).toBe('not of the project');
});

test('only a prompt of the session can be gone back to (RT-21)', async () => {
  await using rig = await openTestHost();
  const { id, view } = await prompted(rig, 'say something');
  for (const each of [lastTurn(view).id, 'msg_nobody' as MessageID]) {
    await expect(rig.host.sessions.revert(id, each)).rejects.toMatchObject({ code: 'message.unknown' });
  }
  await expect(rig.host.sessions.revert('ses_none' as SessionID, lastTurn(view).id)).rejects.toMatchObject({
    code: 'session.unknown',
  });
});

/** Each prompt writes a file whole. */
const twoWrites = {
  model: 'scripted',
  turns: [
    { when: { user: 'first', step: 0 }, reply: [write('one')] },
    { when: { user: 'second', step: 0 }, reply: [{ tool: 'read', input: { filePath: 'note.txt' } }] },
    { when: { user: 'second', step: 1 }, reply: [write('two')] },
    { reply: [{ text: 'Done.' }] },
  ],
};

function write(content: string) {
  return { tool: 'write', input: { filePath: 'note.txt', content } };
}

/** A disk that takes no write to some files. */
function withBroken(ports: Ports, broken: ReadonlySet<string>): Ports {
  const { files } = ports;
  return {
    ...ports,
    files: {
      ...files,
      replace: (path, bytes, replacement) => {
        // Only the real system's answer is what the way back has to deal with.
        const target = broken.has(path) ? join(path, 'not-a-folder') : path;
        return files.replace(target, bytes, replacement);
      },
    },
  };
}

/** A disk whose writes wait, once it is closed, until it is opened. */
function createHeldDisk() {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  let closed = false;
  const ports = (all: Ports): Ports => ({
    ...all,
    files: {
      ...all.files,
      replace: async (path, ...rest) => {
        if (closed && path.endsWith('greet.ts')) {
          reached.resolve();
          await opened.promise;
        }
        return all.files.replace(path, ...rest);
      },
    },
  });
  return {
    ports,
    reached: reached.promise,
    close: () => {
      closed = true;
    },
    open: opened.resolve,
  };
}

/** Documents that are open, as an editor holds them. */
function fakeEditor() {
  const open = new Map<string, { text: string; dirty: boolean }>();
  const edits: string[] = [];
  const documents: Ports['documents'] = {
    find: (path) => Promise.resolve(open.get(path)),
    async replace(path, { expected, text }) {
      const document = open.get(path);
      if (!document) return { type: 'not-open' };
      if (document.text !== expected) return { type: 'changed' };
      edits.push(path);
      open.set(path, { ...document, text });
      if (!document.dirty) await writeFile(path, text);
      return { type: 'applied', text, saved: !document.dirty };
    },
  };
  return {
    documents,
    edits,
    open: async (path: string) => {
      open.set(path, { text: await readFile(path, 'utf8'), dirty: false });
    },
    type: (path: string, text: string) => void open.set(path, { text, dirty: true }),
    textOf: (path: string) => open.get(path)?.text,
  };
}
