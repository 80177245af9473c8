import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasCode } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { bodyOf, lastTurn, toolsOf } from '../../testing/read-view.ts';
import { openTestHost, type TestHost } from '../../testing/test-host.ts';
import { decodeSessionFile } from './decode-file.ts';

// A session as a file, and a file as a session (RT-19).

const rename = 'rename greet to welcome';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function exported(rig: TestHost, text = rename) {
  const view = await rig.run(text);
  const file = await rig.host.sessions.export(view.session.id);
  return { view, file };
}

test('an exported session is whole JSON, and imports elsewhere as it was (RT-19)', async () => {
  await using rig = await openTestHost();
  const { view, file } = await exported(rig);
  expect(file).toMatchObject({ format: 'millrace-session', version: 1, children: [] });
  expect(file.messages).toEqual(view.messages);
  expect(throughJson(file)).toEqual(file);
  await using other = await openTestHost();
  const session = await other.host.sessions.import(throughJson(file), { directory: other.workspace });
  expect(session).toEqual({ ...view.session, directory: other.workspace });
  expect((await other.view(session.id)).messages).toEqual(view.messages);
  const next = await other.run('say something', { sessionID: session.id });
  expect(JSON.stringify(bodyOf(other.server.requests.at(-1)).messages)).toContain(rename);
  expect(next.session.tokens.input).toBeGreaterThan(view.session.tokens.input);
});

test('where an id is taken the imported session gets new ones, and the old stays as it is (RT-19)', async () => {
  await using rig = await openTestHost();
  const { view, file } = await exported(rig);
  const session = await rig.host.sessions.import(throughJson(file), { directory: rig.workspace });
  expect(session.id).not.toBe(view.session.id);
  expect((await rig.view(view.session.id)).messages).toEqual(view.messages);
  const copy = await rig.view(session.id);
  expect(copy.messages.map(({ parts }) => parts.map(({ type }) => type))).toEqual(
    view.messages.map(({ parts }) => parts.map(({ type }) => type)),
  );
  // One part whose id another session has is enough.
  const info = { ...file.info, id: 'ses_other' as SessionID };
  const again = await rig.host.sessions.import(throughJson({ ...file, info }), { directory: rig.workspace });
  expect(again.id).not.toBe('ses_other');
  expect((await rig.view(view.session.id)).messages).toEqual(view.messages);
});

test('of one file imported twice at once both sessions come in whole (RT-19)', async () => {
  await using rig = await openTestHost();
  const { file } = await exported(rig, 'say something');
  await using other = await openTestHost();
  const child = { ...file, info: { ...file.info, id: 'ses_child' as SessionID }, messages: [] };
  for (const given of [{ ...file, children: [child] }, await large(rig, 8)]) {
    const imports = [1, 2, 3].map(() =>
      other.host.sessions.import(throughJson(given), { directory: other.workspace }),
    );
    const made = await Promise.all(imports);
    expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    for (const { id } of made) {
      expect((await other.view(id)).messages).toHaveLength(given.messages.length);
      const all = await other.host.sessions.list();
      expect(all.filter(({ parentID }) => parentID === id)).toHaveLength(given.children.length);
    }
  }
  expect(other.events.filter(({ type }) => type === 'session.deleted')).toEqual([]);
}, 60_000);

test('an id that is no name for a file is replaced (RT-19)', async () => {
  await using rig = await openTestHost();
  const { file } = await exported(rig, 'say something');
  const info = { ...file.info, id: 'ses_../../evil' };
  const empty = { ...file, info, messages: [] };
  const session = await rig.host.sessions.import(empty, { directory: rig.workspace });
  expect(session.id).toMatch(/^ses_\w+$/);
});

test('sessions below come along, and keep their place (RT-19)', async () => {
  await using rig = await openTestHost();
  const { file } = await exported(rig, 'say something');
  const child = { ...file, info: { ...file.info, id: 'ses_child', parentID: file.info.id } };
  const family = { ...file, children: [child] };
  const top = await rig.host.sessions.import(throughJson(family), { directory: rig.workspace });
  const all = await rig.host.sessions.list();
  const below = all.filter(({ parentID }) => parentID === top.id);
  expect(below).toHaveLength(1);
  const again = await rig.host.sessions.export(top.id);
  expect(again.children.map(({ info, messages }) => [info.parentID, messages.length])).toEqual([
    [top.id, file.messages.length],
  ]);
});

test('what is taken back is not exported, and a Compaction that holds comes along into files and forks (RT-07, RT-19)', async () => {
  await using rig = await openTestHost();
  const { view, file } = await exported(rig, 'say something');
  const [prompt, answer] = file.messages;
  if (prompt?.info.role !== 'user' || answer?.info.role !== 'assistant')
    throw new Error('A prompt and an answer');
  const summary = {
    info: { ...answer.info, id: 'msg_summary' as MessageID, summary: true },
    parts: [
      {
        id: 'prt_summary',
        sessionID: file.info.id,
        messageID: 'msg_summary',
        type: 'text',
        text: 'It was about fish.',
      },
    ],
  };
  const folded = {
    ...file,
    messages: [prompt, answer, summary],
    compactions: [{ summary: 'msg_summary', answered: [], kept: [] }],
  };
  const made = await rig.host.sessions.import(throughJson(folded), { directory: rig.workspace });
  const fork = await rig.host.sessions.fork(made.id);
  for (const id of [made.id, fork.id]) {
    await rig.run('say more', { sessionID: id });
    const sent = JSON.stringify(bodyOf(rig.server.requests.at(-1)).messages);
    expect(sent).toContain('It was about fish.');
    expect(sent).not.toContain('say something');
  }
  const before = (await rig.host.sessions.export(view.session.id)).messages.length;
  const messageID = 'msg_taken' as MessageID;
  await rig.run('say more', { sessionID: view.session.id, messageID });
  await rig.host.sessions.revert(view.session.id, messageID);
  const after = await rig.host.sessions.export(view.session.id);
  expect(after.messages).toHaveLength(before);
  expect(after.info.revert).toBeUndefined();
});

test('prompts that wait are exported, wait on where they are imported, and run nothing by it (RT-16, RT-19)', async () => {
  await using rig = await openTestHost();
  const { view } = await exported(rig, 'say something');
  const { id } = view.session;
  const first = await rig.prompt('the first that waits', { sessionID: id, resume: false });
  const second = await rig.prompt('the second', { sessionID: id, resume: false, delivery: 'queue' });
  const file = await rig.host.sessions.export(id);
  expect(file.inbox).toEqual([first, second]);
  await using other = await openTestHost();
  const to = { directory: other.workspace };
  const session = await other.host.sessions.import(throughJson(file), to);
  const below = {
    ...file,
    info: { ...file.info, id: 'ses_below', title: '' },
    messages: [],
    inbox: [second],
  };
  const again = await other.host.sessions.import(throughJson({ ...file, children: [below] }), to);
  await other.reopen();
  expect(other.server.requests).toEqual([]);
  expect((await other.view(session.id)).inbox).toEqual([first, second]);
  const copies = (await other.view(again.id)).inbox;
  expect(copies.map(({ text, delivery }) => [text, delivery])).toEqual([
    ['the first that waits', 'steer'],
    ['the second', 'queue'],
  ]);
  expect(copies.every((prompt) => prompt.sessionID === again.id && prompt.id !== first.id)).toBe(true);
  const child = (await other.host.sessions.list()).find(({ parentID }) => parentID === again.id);
  expect(child?.title).toBe('the second');
  expect(child && (await other.view(child.id)).inbox).toMatchObject([{ text: 'the second' }]);
  // They are ordinary prompts: taken out, changed, and given to the model with the next that wakes.
  await other.host.sessions.cancelInput(session.id, second.id);
  const next = await other.run('and now', { sessionID: session.id });
  expect(next.inbox).toEqual([]);
  const sent = bodyOf(other.server.requests.at(-1)).messages?.filter(({ role }) => role === 'user');
  expect(sent?.map(({ content }) => content)).toEqual(['say something', 'the first that waits\n\nand now']);
  // A fork begins with history: what waits, waits where it was said.
  expect((await rig.view((await rig.host.sessions.fork(id)).id)).inbox).toEqual([]);
});

test('a file of before prompts were exported is read as ever (RT-19)', async () => {
  await using rig = await openTestHost();
  const { file } = await exported(rig, 'say something');
  expect(file).not.toHaveProperty('inbox');
  const session = await rig.host.sessions.import(throughJson(file), { directory: rig.workspace });
  expect((await rig.view(session.id)).inbox).toEqual([]);
});

test('a waiting prompt whose id stands in the file twice, or that is none, is refused (RT-19)', async () => {
  await using rig = await openTestHost();
  const { sessionID, id } = await rig.prompt('wait', { resume: false });
  const file = await rig.host.sessions.export(sessionID);
  const [prompt] = file.inbox ?? [];
  expect(() => decodeSessionFile({ ...file, inbox: [prompt, prompt] })).toThrow(`${id} stands in it twice`);
  expect(() => decodeSessionFile({ ...file, inbox: [{ ...prompt, text: 1 }] })).toThrow(
    expect.objectContaining({ code: 'import.invalid' }),
  );
});

test('a turn that was open in the file is closed as interrupted, and nothing runs by importing (RT-12, RT-19)', async () => {
  await using rig = await openTestHost({ config: { permission: { edit: 'ask' } } });
  const { sessionID } = await rig.prompt(rename);
  await rig.asked();
  const file = await rig.host.sessions.export(sessionID);
  await rig.host.sessions.interrupt(sessionID);
  const requests = rig.server.requests.length;
  const session = await rig.host.sessions.import(throughJson(file), { directory: rig.workspace });
  const view = await rig.view(session.id);
  expect(lastTurn(view)).toMatchObject({ error: { data: { code: 'interrupted' } } });
  expect(toolsOf(view).at(-1)?.state).toMatchObject({ status: 'error', failure: 'interrupted' });
  expect(view.permissions).toEqual([]);
  await rig.reopen();
  expect(rig.server.requests).toHaveLength(requests);
});

test.for([
  [{ format: 'millrace-session', version: 2 }, 'import.newer', 'newer Millrace'],
  [{ format: 'millrace-session', version: 1 }, 'import.invalid', 'info'],
  [{ format: 'millrace-session' }, 'import.invalid', 'version'],
  [{ info: { id: 'nobody' }, messages: [] }, 'import.invalid', 'id'],
  ['text', 'import.invalid', 'object'],
  [null, 'import.invalid', 'object'],
] as const)('the file %j is refused with what is wrong (RT-19)', ([file, code, text]) => {
  expect(() => decodeSessionFile(file)).toThrow(expect.objectContaining({ code }));
  expect(() => decodeSessionFile(file)).toThrow(text);
});

test('whatever JSON is given, it is decoded or refused (RT-19)', () => {
  const isDecodedOrRefused = (value: unknown) => {
    try {
      return decodeSessionFile(value).file.format === 'millrace-session';
    } catch (error) {
      return hasCode(error, 'import.invalid');
    }
  };
  for (const value of fc.sample(fc.jsonValue(), 300)) expect(isDecodedOrRefused(value)).toBe(true);
});

test('a file that holds one id twice is refused (RT-19)', async () => {
  await using rig = await openTestHost();
  const { file } = await exported(rig, 'say something');
  const twice = { ...file, messages: [...file.messages, ...file.messages] };
  await expect(rig.host.sessions.import(twice, { directory: rig.workspace })).rejects.toMatchObject({
    code: 'import.invalid',
    message: expect.stringContaining('twice'),
  });
});

test('an export of OpenCode that holds one id twice is refused (RT-19)', () => {
  const [prompt] = openCodeExport.messages;
  const [part] = prompt?.parts ?? [];
  const twins = [{ ...prompt, parts: [part, { ...part, text: 'Another text' }] }];
  expect(() => decodeSessionFile({ ...openCodeExport, messages: twins })).toThrow(
    'prt_oc1 stands in it twice',
  );
  const again = [prompt, prompt];
  expect(() => decodeSessionFile({ ...openCodeExport, messages: again })).toThrow(
    expect.objectContaining({ code: 'import.invalid' }),
  );
});

test('Compactions that share a summary, or have one that is no message, are refused (RT-19)', async () => {
  await using rig = await openTestHost();
  const { file } = await exported(rig, 'say something');
  const own = { summary: file.messages[0]?.info.id, answered: [], kept: [] };
  const stray = { ...own, summary: 'msg_stray' };
  const importWith = (compactions: unknown) =>
    rig.host.sessions.import(throughJson({ ...file, compactions }), { directory: rig.workspace });
  await expect(importWith([own, own])).rejects.toMatchObject({
    code: 'import.invalid',
    message: expect.stringContaining('summary of two Compactions'),
  });
  await expect(importWith([stray])).rejects.toMatchObject({
    code: 'import.invalid',
    message: expect.stringContaining('msg_stray'),
  });
});

test('the export of OpenCode is read as far as it has counterparts, and the rest is counted (RT-19)', async () => {
  await using rig = await openTestHost();
  const session = await rig.host.sessions.import(openCodeExport, { directory: rig.workspace });
  expect(session).toMatchObject({
    id: 'ses_oc1',
    title: 'Fix the parser',
    directory: rig.workspace,
    agent: 'build',
    model: { providerID: 'anthropic', modelID: 'some-model', variant: 'high' },
    version: 'opencode 1.18.33',
    cost: 0.25,
    tokens: { input: 100, output: 20, reasoning: 5, cache: { read: 3, write: 1 } },
  });
  const view = await rig.view(session.id);
  expect(view.messages.map(({ info, parts }) => [info.role, ...parts.map(({ type }) => type)])).toEqual([
    ['user', 'text'],
    ['assistant', 'reasoning', 'text', 'tool', 'tool', 'step-finish'],
  ]);
  expect(view.messages[1]?.info).toMatchObject({ modelID: 'some-model', variant: 'high' });
  expect(toolsOf(view).map(({ tool, state }) => [tool, state.status])).toEqual([
    ['shell', 'completed'],
    ['read', 'error'],
  ]);
  expect(toolsOf(view)[0]?.state).toMatchObject({ output: 'ok', metadata: { exit: 0 } });
  const notice = await rig.event(
    'notice.raised',
    (event) => event.properties.notice.code === 'import.dropped',
  );
  // A file, a part of an unknown kind, and a message that held nothing else.
  expect(notice.properties.notice.data).toEqual({ '0': 4 });
  await rig.run('say something', { sessionID: session.id });
  expect(rig.server.requests.at(-1)?.text).toContain('Why does it fail?');
});

test('a large file comes in over several commits, whole (RT-19)', async () => {
  await using rig = await openTestHost();
  const file = await large(rig, 8);
  const session = await rig.host.sessions.import(file, { directory: rig.workspace });
  const view = await rig.view(session.id);
  expect(view.messages).toEqual(file.messages.map((message) => inSession(message, session.id)));
  expect((await rig.host.sessions.list()).map(({ id }) => id)).toContain(session.id);
}, 30_000);

test('an import that a closed window broke off leaves nothing behind (RT-19)', async () => {
  await using rig = await openTestHost();
  const file = await large(rig, 60);
  const importing = rig.host.sessions.import(file, { directory: rig.workspace });
  const broken = expect(importing).rejects.toMatchObject({ code: 'store.closed' });
  await rig.event('session.created', (event) => event.properties.info.id === 'ses_large');
  await rig.reopen();
  await broken;
  expect((await rig.host.sessions.list()).map(({ id }) => id)).not.toContain('ses_large');
  // Closing waits for what is left to do.
  await rig.reopen();
  expect(await rig.host.sessions.get('ses_large' as SessionID)).toBeUndefined();
}, 60_000);

type ExportedFile = Awaited<ReturnType<typeof exported>>['file'];
type ExportedMessage = ExportedFile['messages'][number];

/** A session file of about `megabytes`. */
async function large(rig: TestHost, megabytes: number): Promise<ExportedFile> {
  const { file } = await exported(rig, 'say something');
  const [prompt] = file.messages;
  if (!prompt) throw new Error('A prompt');
  const messages = Array.from({ length: megabytes }, (_, index): ExportedMessage => {
    const id = `msg_large_${index}` as MessageID;
    const [part] = prompt.parts;
    if (part?.type !== 'text') throw new Error('A text');
    const partID = `prt_large_${index}` as typeof part.id;
    const text = `${index} `.repeat(1_000_000 / `${index} `.length);
    return { info: { ...prompt.info, id }, parts: [{ ...part, id: partID, messageID: id, text }] };
  });
  const id = 'ses_large' as SessionID;
  return { ...file, info: { ...file.info, id }, messages: messages.map((each) => inSession(each, id)) };
}

function inSession({ info, parts }: ExportedMessage, sessionID: SessionID): ExportedMessage {
  return { info: { ...info, sessionID }, parts: parts.map((part) => ({ ...part, sessionID })) };
}

const openCodeExport = {
  info: {
    id: 'ses_oc1',
    slug: 'fix',
    projectID: 'p',
    directory: '/home/somebody/elsewhere',
    title: 'Fix the parser',
    version: '1.18.33',
    permission: [{ permission: 'bash', pattern: '*', action: 'allow' }],
    time: { created: 1_700_000_000_000, updated: 1_700_000_001_000 },
  },
  messages: [
    {
      info: {
        id: 'msg_oc1',
        sessionID: 'ses_oc1',
        role: 'user',
        agent: 'build',
        model: { providerID: 'anthropic', modelID: 'some-model', variant: 'high' },
        time: { created: 1_700_000_000_100 },
      },
      parts: [
        {
          id: 'prt_oc1',
          sessionID: 'ses_oc1',
          messageID: 'msg_oc1',
          type: 'text',
          text: 'Why does it fail?',
        },
        { id: 'prt_oc2', type: 'file', mime: 'image/png', url: 'data:image/png;base64,AA==' },
      ],
    },
    {
      info: {
        id: 'msg_oc2',
        sessionID: 'ses_oc1',
        role: 'assistant',
        parentID: 'msg_oc1',
        providerID: 'anthropic',
        modelID: 'some-model',
        variant: 'high',
        mode: 'build',
        path: { cwd: '/home/somebody/elsewhere', root: '/' },
        cost: 0.25,
        tokens: { input: 100, output: 20, reasoning: 5, cache: { read: 3, write: 1 } },
        time: { created: 1_700_000_000_200, completed: 1_700_000_000_900 },
      },
      parts: [
        { id: 'prt_oc3', type: 'step-start', snapshot: 'abc' },
        { id: 'prt_oc4', type: 'reasoning', text: 'Let me see.', time: { start: 1.5, end: 2.5 } },
        { id: 'prt_oc5', type: 'text', text: 'I look.' },
        {
          id: 'prt_oc6',
          type: 'tool',
          callID: 'call_1',
          tool: 'bash',
          state: {
            status: 'completed',
            input: { command: 'npm test' },
            output: 'ok',
            title: 'npm test',
            metadata: { exit: 0, output: 'ok' },
            time: { start: 1, end: 2 },
          },
        },
        {
          id: 'prt_oc7',
          type: 'tool',
          callID: 'call_2',
          tool: 'read',
          state: { status: 'running', input: { filePath: 'x' }, time: { start: 3 } },
        },
        {
          id: 'prt_oc8',
          type: 'step-finish',
          reason: 'stop',
          cost: 0.25,
          tokens: { input: 1, output: 1, reasoning: 0, cache: { read: 0, write: 0 } },
        },
        { id: 'prt_oc9', type: 'hologram', data: 1 },
      ],
    },
    {
      info: { id: 'msg_oc3', role: 'user', time: { created: 1_700_000_001_000 } },
      parts: [{ id: 'prt_oc10', type: 'compaction', auto: true }],
    },
  ],
};
