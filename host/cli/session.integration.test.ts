import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename as renameFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ViewEvent } from '#shared/events.ts';
import type { SessionID } from '#shared/ids.ts';
import type { Session } from '#shared/session.ts';
import { type Host, openHost } from '../host.ts';
import { encodeHeader } from '../store/frame.ts';
import { type CliRig, openCliRig } from './testing/cli-rig.ts';

// `millrace session` as users start it, beside a process that owns a store, as an editor does.

const scripted = { providerID: 'scripted', modelID: 'scripted' };
let rig: CliRig;
let workspace: string;

beforeEach(async () => {
  rig = await openCliRig();
  workspace = rig.workspace;
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

/** A host in this process, as the editor opens one. */
function editor(directory = workspace, name = 'editor'): Promise<Host> {
  return openHost({
    ports: rig.ports('Code 1.101'),
    storage: join(rig.home, name),
    directories: [directory],
    ownership: 'take-over',
    version: 'test',
    signal: new AbortController().signal,
  });
}

async function prompted(host: Host, text: string, directory = workspace): Promise<SessionID> {
  const prompt = { text, directory, delivery: 'steer', agent: 'build', model: scripted } as const;
  const { sessionID } = await host.sessions.prompt(prompt);
  await host.sessions.awaitIdle(sessionID);
  return sessionID;
}

/** Resolves with the first notice of this code, raised already or to come. */
function noticeOf(host: Host, code: string) {
  const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, string | number>>>();
  const check = (event: ViewEvent) => {
    if (event.type === 'notice.raised' && event.properties.notice.code === code)
      resolve(event.properties.notice.data);
  };
  host.subscribe(check);
  for (const notice of host.notices()) check({ type: 'notice.raised', properties: { notice } });
  return promise;
}

/** Waits until the editor's folder is in the registry. */
async function registered(storage: string): Promise<void> {
  await expect
    .poll(() => readFile(join(rig.home, 'data/millrace/registry.json'), 'utf8').catch(() => ''))
    .toContain(storage);
}

const listed = (stdout: string): (Session & { surface: string; storage: string })[] => JSON.parse(stdout);

/** Whether the model was asked with all of these words at once. */
function asked(...words: readonly string[]): boolean {
  return rig.model.requests.some(({ text }) => words.every((each) => text.includes(each)));
}

async function run(...words: string[]): Promise<string> {
  const args = ['run', '--dir', workspace, '--format', 'json', ...words];
  const { code, stdout, stderr } = await rig.millrace(args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const events: ViewEvent[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const admitted = events.find(({ type }) => type === 'session.input.admitted');
  return admitted?.type === 'session.input.admitted' ? admitted.properties.sessionID : '';
}

test('beside a running editor its sessions are listed, shown and exported with those of the command line', async () => {
  await using host = await editor();
  const there = await prompted(host, 'say something');
  await registered(join(rig.home, 'editor'));
  const here = await run('read twenty times');
  const list = await rig.millrace(['session', 'list', '--dir', workspace]);
  expect(list.stderr).toBe('');
  expect(list.stdout).toMatch(new RegExp(`${there}  .+  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  Code 1.101`));
  expect(list.stdout).toContain(here);
  const json = await rig.millrace(['session', 'list', '--dir', workspace, '--format', 'json']);
  expect(listed(json.stdout).map(({ id }) => id)).toEqual([here, there]);
  expect(listed(json.stdout)[1]).toMatchObject({ surface: 'Code 1.101', directory: workspace });

  const shown = await rig.millrace(['session', 'show', there, '--dir', workspace]);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toContain('\nsay something\n');
  const whole = await rig.millrace(['session', 'show', here, '--dir', workspace, '--format', 'json']);
  const { info, messages } = JSON.parse(whole.stdout);
  expect(info.id).toBe(here);
  expect(messages[0].parts[0]).toMatchObject({ type: 'text', text: 'read twenty times' });

  const exported = await rig.millrace(['session', 'export', there, '--dir', workspace]);
  expect(JSON.parse(exported.stdout)).toMatchObject({ format: 'millrace-session', info: { id: there } });
  expect(await host.sessions.get(there)).toMatchObject({ id: there });
  // It was only looked at: the editor goes on writing.
  await prompted(host, 'say something');
});

test('what a running process owns is neither deleted nor gone on with, and it is said who owns it', async () => {
  const host = await editor();
  const id = await prompted(host, 'say something');
  await registered(join(rig.home, 'editor'));
  for (const args of [
    ['session', 'delete', id, '--yes', '--dir', workspace],
    ['run', '--session', id, '--dir', workspace, 'go on'],
    ['run', '--continue', '--dir', workspace, 'go on'],
  ]) {
    const { code, stdout, stderr } = await rig.millrace(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`Code 1.101 (process ${process.pid})`);
    expect(stderr).toContain('close that first');
  }
  expect(await host.sessions.get(id)).toBeDefined();
  await host[Symbol.asyncDispose]();

  // Nobody owns it any more.
  const { code, stderr } = await rig.millrace(['run', '--session', id, '--dir', workspace, 'say something']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // A guest leaves the store under its owner's name.
  const list = await rig.millrace(['session', 'list', '--dir', workspace, '--format', 'json']);
  expect(listed(list.stdout)).toMatchObject([{ id, surface: 'Code 1.101' }]);
  const deleted = await rig.millrace(['session', 'delete', id, '--yes', '--dir', workspace]);
  expect(deleted).toMatchObject({ code: 0, stderr: `The session ${id} is deleted.\n` });
  const left = await rig.millrace(['session', 'list', '--dir', workspace, '--format', 'json']);
  expect(listed(left.stdout)).toEqual([]);
});

test('--continue goes on with the newest session of the folder, and says where there is none', async () => {
  const none = await rig.millrace(['run', '--continue', '--dir', workspace, 'go on']);
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain(`There are no sessions of ${workspace} yet`);
  await run('the older words');
  const newer = await run('--agent', 'plan', 'the newer words');
  expect(await run('--continue', 'say something')).toBe(newer);
  const list = await rig.millrace(['session', 'list', '--dir', workspace, '--format', 'json']);
  expect(listed(list.stdout)[0]).toMatchObject({ id: newer, agent: 'plan' });
  expect(asked('the newer words', 'say something')).toBe(true);
  expect(asked('the older words', 'say something')).toBe(false);
  await mkdir(join(rig.home, 'other'));
  const other = await rig.millrace(['run', '--continue', '--dir', join(rig.home, 'other'), 'go on']);
  expect(other.code).toBe(1);
});

test('an exported session is imported into another folder, from a file and from standard input', async () => {
  const id = await run('say something');
  const file = join(rig.home, 'kept.json');
  const exported = await rig.millrace(['session', 'export', '--output', file, '--dir', workspace]);
  expect(exported).toMatchObject({ code: 0, stdout: '' });
  const text = await readFile(file, 'utf8');
  const other = join(rig.home, 'other');
  await mkdir(other);
  const first = await rig.millrace(['session', 'import', file, '--dir', other]);
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ses_\w+\n$/) });
  const second = await rig.millrace(['session', 'import', '-', '--dir', other, '--format', 'json'], text);
  expect(JSON.parse(second.stdout)).toMatchObject({ directory: other });
  const shown = await rig.millrace(['session', 'show', first.stdout.trim(), '--dir', other]);
  expect(shown.stdout).toContain('\nsay something\n');
  const list = await rig.millrace(['session', 'list', '--dir', other, '--format', 'json']);
  expect(new Set(listed(list.stdout).map((each) => each.id)).size).toBe(2);
  expect(listed(list.stdout).map((each) => each.id)).toContain(id);
});

test('what is no session file is not imported, and it is said why', async () => {
  await writeFile(join(rig.home, 'other.json'), '{"a":1}');
  for (const [file, words] of [
    ['/nowhere.json', 'cannot be read'],
    [join(rig.home, 'other.json'), 'not a session that can be imported'],
  ] as const) {
    const { code, stdout, stderr } = await rig.millrace(['session', 'import', file, '--dir', workspace]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
  }
  const cut = await rig.millrace(['session', 'import', '-', '--dir', workspace], '{"format":');
  expect(cut).toMatchObject({ code: 1, stderr: expect.stringContaining('is no JSON') });
});

test('a mistake is exit code 2, an unknown session 1, and without a terminal nothing is deleted unasked', async () => {
  const id = await run('say something');
  const unasked = await rig.millrace(['session', 'delete', id, '--dir', workspace]);
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  const unknown = await rig.millrace(['session', 'show', 'ses_x', '--dir', workspace]);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('no session ses_x') });
  const wrong = await rig.millrace(['session', 'walk']);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('millrace session list') });
  expect((await rig.millrace(['session', 'list', '--dir', '/nowhere'])).code).toBe(2);
  const left = await rig.millrace(['session', 'list', '--dir', workspace, '--format', 'json']);
  expect(listed(left.stdout).map((each) => each.id)).toEqual([id]);
});

test('a repository that was renamed is offered its sessions, and they are adopted without permission rules', async () => {
  execFileSync('git', ['-C', workspace, 'init'], { stdio: 'ignore' });
  await writeFile(join(workspace, 'opencode.json'), '{ "permission": { "edit": "ask" } }');
  const before = await editor();
  before.subscribe((event) => {
    if (event.type !== 'permission.asked') return;
    void before.sessions.reply(event.properties.request.id, { type: 'always' });
  });
  const id = await prompted(before, 'rename greet to welcome');
  expect(await before.savedRules()).not.toEqual([]);
  const waits = {
    text: 'a prompt that waits',
    directory: workspace,
    delivery: 'queue',
    resume: false,
  } as const;
  await before.sessions.prompt({ ...waits, sessionID: id, agent: 'build', model: scripted });
  const requests = rig.model.requests.length;
  await before[Symbol.asyncDispose]();
  const moved = join(rig.home, 'renamed');
  await renameFile(workspace, moved);

  await using after = await editor(moved, 'editor-of-new-path');
  const data = await noticeOf(after, 'sessions.adoptable');
  expect(data).toEqual({ '0': workspace, '1': 1, storage: join(rig.home, 'editor') });
  expect(await after.sessions.list()).toEqual([]);
  expect(await after.adopt(String(data['storage']))).toBe(1);
  expect(await after.sessions.get(id)).toMatchObject({ directory: moved });
  expect(await after.savedRules()).toEqual([]);
  using watch = await after.sessions.watch(id, { limit: 1, listener: () => undefined });
  expect(watch.view.inbox).toMatchObject([{ text: 'a prompt that waits', delivery: 'queue' }]);
  expect(rig.model.requests).toHaveLength(requests);
  expect(after.notices().map(({ code }) => code)).not.toContain('sessions.adoptable');
  expect(await after.adoptable(moved)).toEqual([]);
});

test('on the command line the sessions of a renamed repository are seen, and gone on with once they are adopted', async () => {
  execFileSync('git', ['-C', workspace, 'init'], { stdio: 'ignore' });
  const id = await run('the first words');
  const moved = join(rig.home, 'renamed');
  await renameFile(workspace, moved);
  const list = await rig.millrace(['session', 'list', '--dir', moved]);
  expect(list.stdout).toContain(workspace);
  expect(list.stderr).toContain(`millrace session adopt --dir ${moved}`);
  expect((await rig.millrace(['session', 'show', id, '--dir', moved])).stdout).toContain('the first words');
  const early = await rig.millrace(['run', '--session', id, '--dir', moved, 'go on']);
  expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('session adopt') });
  expect((await rig.millrace(['session', 'adopt', '--dir', moved])).code).toBe(2);
  const adopted = await rig.millrace(['session', 'adopt', '--yes', '--dir', moved]);
  expect(adopted).toMatchObject({ code: 0, stderr: 'Sessions copied: 1.\n' });
  const again = await rig.millrace(['session', 'adopt', '--yes', '--dir', moved]);
  expect(again.stderr).toContain('No sessions of other places');
  workspace = moved;
  expect(await run('--session', id, 'say something')).toBe(id);
  expect(asked('the first words', 'say something')).toBe(true);
  const both = await rig.millrace(['session', 'list', '--dir', moved, '--format', 'json']);
  expect(listed(both.stdout).map(({ directory }) => directory)).toEqual([moved]);
});

test('with the list of histories of a newer Millrace the sessions of the folder itself are worked on, and it is told', async () => {
  const host = await editor();
  const there = await prompted(host, 'say something');
  const place = join(rig.home, 'editor');
  await registered(place);
  await host[Symbol.asyncDispose]();
  const id = await run('say something');
  const path = join(rig.home, 'data/millrace/registry.json');
  const newer = '{"format":"millrace-registry","version":2,"places":{}}';
  await writeFile(path, newer);
  const told = expect.stringMatching(/registry\.json was written by a newer Millrace/);
  const at = (...args: string[]) => rig.millrace(['session', ...args, '--dir', workspace]);

  const list = await at('list', '--format', 'json');
  expect(list).toMatchObject({ code: 0, stderr: told });
  expect(listed(list.stdout).map((each) => each.id)).toEqual([id]);
  expect(await at('show', id)).toMatchObject({ code: 0, stderr: told });
  const file = join(rig.home, 'exported.json');
  const exported = await at('export', '--output', file);
  expect(exported).toMatchObject({ code: 0, stderr: told });
  expect(exported.stderr.match(/newer Millrace/g)).toHaveLength(1);
  expect(await at('import', file)).toMatchObject({ code: 0 });
  const missing = await at('show', there);
  expect(missing).toMatchObject({ code: 1, stderr: told });
  expect(missing.stderr).toContain('It may lie in the history that could not be read.');
  expect(await at('adopt', '--yes')).toMatchObject({ code: 1, stderr: told });
  const more = await rig.millrace(['run', '--session', id, '--dir', workspace, 'say more']);
  expect(more).toMatchObject({ code: 0, stderr: told });
  expect(await at('delete', id, '--yes')).toMatchObject({ code: 0, stderr: told });
  expect(await readFile(path, 'utf8')).toBe(newer);

  // The editor says it, too, and goes on.
  await using again = await editor();
  expect(await noticeOf(again, 'registry.newer')).toEqual({ '0': path });
  expect(await again.sessions.get(there)).toBeDefined();
});

test('a history of a newer Millrace, or a damaged one, is told, and the others are read all the same', async () => {
  const id = await run('say something');
  const storage = listed(
    (await rig.millrace(['session', 'list', '--dir', workspace, '--format', 'json'])).stdout,
  )[0]?.storage;
  const beside = (number: number) => join(storage ?? '', '..', String(number), 'store');
  await mkdir(beside(2), { recursive: true });
  const newer = encodeHeader({ epoch: 1, firstLsn: 1 });
  newer.writeUInt32LE(2, 8);
  newer.writeUInt32LE(crc32(newer.subarray(0, 28)), 28);
  await writeFile(join(beside(2), 'journal-0000000000000001.log'), newer);
  await mkdir(beside(3), { recursive: true });
  await writeFile(join(beside(3), 'journal-0000000000000001.log'), Buffer.alloc(100, 7));
  const list = await rig.millrace(['session', 'list', '--dir', workspace]);
  expect(list.code).toBe(1);
  expect(list.stdout).toContain(id);
  expect(list.stderr).toMatch(/locations\/\w+\/2 could not be read whole\. .*newer Millrace/);
  expect(list.stderr).toMatch(/locations\/\w+\/3 could not be read whole\. .*damaged/);
  const unknown = await rig.millrace(['session', 'show', 'ses_x', '--dir', workspace]);
  expect(unknown.stderr).toContain('It may lie in the history that could not be read.');
  expect((await rig.millrace(['session', 'show', id, '--dir', workspace])).code).toBe(0);
});
