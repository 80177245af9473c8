import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliRig, openCliRig } from './testing/cli-rig.ts';

// `millrace auth` as users start it: the built program, a home of its own, a real file of secrets.

const key = 'sk-canary-entered-0001';
const program = resolve(import.meta.dirname, '../../dist/cli.js');
let rig: CliRig;
let secrets: string;

beforeEach(async () => {
  rig = await openCliRig();
  secrets = join(rig.home, 'data/millrace/secrets/secrets.json');
  const scripted = { options: { baseURL: rig.model.url }, models: { scripted: {} } };
  const config = { model: 'scripted/scripted', provider: { scripted } };
  await writeFile(join(rig.home, 'config/opencode/opencode.json'), JSON.stringify(config));
});
afterEach(() => rig[Symbol.asyncDispose]());

test('a key that is piped in is kept for this user alone, counts for models and runs, and is in nothing that is printed (LM-08)', async () => {
  expect((await rig.millrace(['models', 'anthropic'])).stdout).toBe('');
  for (const provider of ['anthropic', 'scripted']) {
    const entered = await rig.millrace(['auth', 'login', provider], `${key}\n`);
    expect([entered.code, entered.stdout]).toEqual([0, '']);
  }
  expect((await stat(secrets)).mode & 0o777).toBe(0o600);
  expect((await rig.millrace(['models', 'anthropic'])).stdout).toContain('anthropic-messages');
  const listed = await rig.millrace(['auth', 'list', '--format', 'json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { provider: 'scripted', state: { type: 'signed-in', method: 'key' }, methods: [{ method: 'key' }] },
    { provider: 'anthropic', state: { type: 'signed-in', method: 'key' } },
  ]);
  const ran = await rig.millrace(['run', '--dir', rig.workspace, '--format', 'json', 'say something']);
  expect(ran.code).toBe(0);
  expect(rig.model.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
  const shown = await rig.millrace(['auth', 'list', 'anthropic']);
  expect(JSON.stringify([listed, ran, shown])).not.toContain('canary');
  expect((await rig.millrace(['auth', 'logout', 'anthropic'])).code).toBe(0);
  expect((await rig.millrace(['models', 'anthropic'])).stdout).toBe('');
  expect((await readFile(secrets, 'utf8')).split(key).length).toBe(2);
});

test('what is wrong is said in one line, and with its exit code (LM-08)', async () => {
  const ends = [
    [['auth', 'login', 'anthropic'], 2, 'Standard input has no line for: API key for anthropic.'],
    [['auth', 'login', 'antropic'], 2, 'There is no provider "antropic"'],
    [['auth', 'login'], 2, 'Name the provider'],
    [['auth', 'logout', 'anthropic'], 1, 'There is no key and no sign-in'],
    [['auth', 'list'], 0, 'No key and no sign-in is kept'],
  ] as const;
  for (const [args, code, words] of ends) {
    const ended = await rig.millrace(args);
    expect([args, ended.code, ended.stdout]).toEqual([args, code, '']);
    expect(ended.stderr).toContain(words);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  }
});

test('a file that others could read is closed, and that is said; one that is damaged stays as it is (LM-08)', async () => {
  await rig.millrace(['auth', 'login', 'scripted'], key);
  await chmod(secrets, 0o644);
  const { stderr } = await rig.millrace(['run', '--dir', rig.workspace, 'say something']);
  expect(stderr).toContain(`${secrets} stood open to others on this machine, and is closed to them now.`);
  expect((await stat(secrets)).mode & 0o777).toBe(0o600);
  await writeFile(secrets, `{"format":"millrace-secrets","${key}`);
  const { code, stderr: refused } = await rig.millrace(['auth', 'login', 'scripted'], 'another-key');
  expect([code, refused]).toEqual([1, expect.stringContaining("cannot be read as Millrace's secrets")]);
  expect(refused).not.toContain('canary');
  expect(await readFile(secrets, 'utf8')).toContain(key);
});

/** On a terminal of its own. */
function onTerminal(args: readonly string[]): ChildProcess {
  const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  const env = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: rig.home, TERM: 'xterm', SHELL: '/bin/sh' },
    ...{ XDG_CONFIG_HOME: join(rig.home, 'config'), XDG_DATA_HOME: join(rig.home, 'data') },
  };
  return spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

const withTerminal = test.skipIf(process.platform !== 'linux' || !existsSync('/usr/bin/script'));

/** Types when the question has come, and reads to the end. */
async function typed(child: ChildProcess, question: string, keys: string) {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('The terminal is not there');
  let seen = '';
  stdout.on('data', (bytes: Buffer) => {
    const isAsked = seen.includes(question);
    seen += bytes.toString();
    if (!isAsked && seen.includes(question)) stdin.write(keys);
  });
  const [[code]] = await Promise.all([once(child, 'exit'), text(stdout)]);
  return { code, seen };
}

withTerminal('a key that is typed on a terminal is not shown there (LM-08)', async () => {
  const login = onTerminal(['auth', 'login', 'anthropic']);
  const { code, seen } = await typed(login, 'API key for anthropic', `${key}\r`);
  expect([code, seen]).toEqual([0, expect.stringContaining('You are signed in at Anthropic.')]);
  expect(seen).not.toContain('canary');
  expect(await readFile(secrets, 'utf8')).toContain(key);
});

withTerminal('Ctrl+C at the question ends with 130, and keeps nothing (LM-08)', async () => {
  const login = onTerminal(['auth', 'login', 'anthropic']);
  const { code, seen } = await typed(login, 'API key for anthropic', '\u0003');
  expect([code, seen]).toEqual([130, expect.stringContaining('Nothing was changed')]);
  expect(existsSync(secrets)).toBe(false);
});
