import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ViewEvent } from '#shared/events.ts';
import { openCliHost } from './open-host.ts';
import { type CliRig, type Ended, ended, openCliRig } from './testing/cli-rig.ts';

// `millrace run` as users start it: the built program, a real store, a scripted model over real HTTP.

const rename = 'rename greet to welcome';
let rig: CliRig;
let workspace: string;

beforeEach(async () => {
  rig = await openCliRig();
  workspace = rig.workspace;
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

function start(args: readonly string[], cwd?: string): ChildProcess {
  return rig.start(args, cwd);
}

async function millrace(...args: string[]): Promise<Ended> {
  return rig.millrace(args);
}

const events = (stdout: string): ViewEvent[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The first event of a type that a running program prints. */
async function firstEvent<T extends ViewEvent['type']>(child: ChildProcess, type: T) {
  if (!child.stdout) throw new Error('The program has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const event: ViewEvent = JSON.parse(line);
    if (event.type === type) return event as Extract<ViewEvent, { type: T }>;
  }
  throw new Error(`The program ended without ${type}`);
}

test('a run with approval edits the files and prints the answer (HL-03)', async () => {
  const { code, stdout, stderr } = await millrace('run', '--dir', workspace, '--auto-approve', rename);
  expect(stderr).toContain('edit greet.ts');
  expect(stdout).toContain('I renamed');
  expect(code).toBe(0);
  expect(await readFile(join(workspace, 'greet.ts'), 'utf8')).toContain('function welcome(');
});

test('without approval what would ask is rejected and said, and the model can go on', async () => {
  const { code, stdout, stderr } = await millrace('run', '--dir', workspace, rename);
  expect(stderr).toContain('Rejected: edit greet.ts needs permission');
  expect(stdout).not.toBe('');
  expect(code).toBe(0);
  expect(await readFile(join(workspace, 'greet.ts'), 'utf8')).toContain('function greet(');
});

test('leaving the folder is never approved automatically', async () => {
  const { stderr } = await millrace('run', '--dir', workspace, '--auto-approve', 'read outside');
  expect(stderr).toContain('Rejected: external_directory');
});

test('every event is a line of JSON, the admitted prompt among the first (RT-01)', async () => {
  const { code, stdout } = await millrace('run', '--dir', workspace, '--format', 'json', 'say something');
  const types = events(stdout).map(({ type }) => type);
  expect(code).toBe(0);
  expect(types.indexOf('session.input.admitted')).toBeLessThan(3);
  expect(types.indexOf('session.input.admitted')).toBeLessThan(types.indexOf('message.part.delta'));
  expect(types.at(-1)).toBe('session.idle');
});

test('a prompt is there after a kill right behind its admission, and the run goes on from it (RT-01)', async () => {
  const child = start(['run', '--dir', workspace, '--format', 'json', 'the first words']);
  const { prompt } = (await firstEvent(child, 'session.input.admitted')).properties;
  child.kill('SIGKILL');
  const session = prompt.sessionID;
  const { stdout, code } = await millrace(
    ...['run', '--dir', workspace, '--format', 'json', '--session', session, 'say something'],
  );
  expect(code).toBe(0);
  const told = rig.model.requests.at(-1)?.text ?? '';
  expect(told).toContain('the first words');
  expect(events(stdout).some(({ type }) => type === 'session.created')).toBe(false);
});

test.for([
  ['fail with 401', 'did not accept the key'],
  ['fail with 404', 'does not know the model'],
  ['cut in the stream', 'was cut in the middle'],
] as const)('the fault %j ends with exit code 1 and says what to do', async ([prompt, words]) => {
  const { code, stderr } = await millrace('run', '--dir', workspace, prompt);
  expect(code).toBe(1);
  expect(stderr).toContain(words);
  expect(stderr).not.toContain('key-of-the-user');
});

test('an interrupt ends the run cleanly, and its session can be gone on with', async () => {
  const child = start(['run', '--dir', workspace, 'hang in the stream']);
  const whole = ended(child);
  if (child.stdout) await once(child.stdout, 'data');
  child.kill('SIGINT');
  const { code, stderr } = await whole;
  expect(code).toBe(130);
  const session = /ses_\w+/.exec(stderr)?.[0] ?? '';
  const next = await millrace('run', '--dir', workspace, '--session', session, 'say something');
  expect(next.code).toBe(0);
});

test('two runs in one folder at the same time do not get in each other’s way', async () => {
  const both = await Promise.all([
    millrace('run', '--dir', workspace, 'read twenty times'),
    millrace('run', '--dir', workspace, 'read twenty times'),
  ]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
});

test('without --dir the folder’s configuration is not read, and that is said', async () => {
  await writeFile(join(workspace, 'opencode.json'), '{ "agent": { "mine": {} } }');
  const trusted = await millrace('run', '--dir', workspace, '--agent', 'mine', 'say something');
  expect(trusted.code).toBe(0);
  const { code, stderr } = await ended(start(['run', '--agent', 'mine', 'say something'], workspace));
  expect(code).toBe(2);
  expect(stderr).toContain('is not read');
  expect(stderr).toContain('There are: build, plan.');
});

test('a mistake in the command line is told with the usage, and exit code 2', async () => {
  for (const args of [['walk'], ['run', '--format', 'xml', 'x'], ['run', '--nonsense', 'x']]) {
    const { code, stderr } = await millrace(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: millrace run');
  }
  expect(await millrace('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

test('a run whose output nobody reads any more is interrupted, and ends quietly', async () => {
  const child = start(['run', '--dir', workspace, '--format', 'json', 'write a long answer']);
  const exit = once(child, 'exit');
  const told = child.stderr ? text(child.stderr) : Promise.resolve('');
  if (child.stdout) await once(child.stdout, 'data');
  child.stdout?.destroy();
  expect((await exit)[0]).toBe(1);
  expect(await told).toBe('');
});

test('a question that an earlier run left open is answered, and the session goes on', async () => {
  const session = await leaveOpenQuestion();
  const { code, stderr } = await millrace(
    ...['run', '--dir', workspace, '--auto-approve', '--session', session, 'say something'],
  );
  expect(stderr).toContain('edit greet.ts');
  expect(code).toBe(0);
});

/** Closes a host, as a window does, while it asks for an edit. */
async function leaveOpenQuestion(): Promise<string> {
  const ports = rig.ports('test');
  const directory = workspace;
  const prompt = { text: rename, delivery: 'steer', agent: 'build' } as const;
  const scripted = { providerID: 'scripted', modelID: 'scripted' };
  await using host = await openCliHost({ ports, directory, version: 'test' });
  const asked = Promise.withResolvers<void>();
  using _events = host.subscribe(({ type }) => type === 'permission.asked' && asked.resolve());
  const { sessionID } = await host.sessions.prompt({ ...prompt, directory, model: scripted });
  await asked.promise;
  return sessionID;
}

test('a variant of the model is asked for by its name, and one that it does not have is refused (UI-05)', async () => {
  const models = { scripted: { variants: { high: { reasoningEffort: 'high' } } } };
  const scripted = { options: { baseURL: rig.model.url, apiKey: 'k' }, models };
  const config = { model: 'scripted/scripted', provider: { scripted } };
  await writeFile(join(rig.home, 'config/opencode/opencode.json'), JSON.stringify(config));
  const refused = await millrace('run', '--dir', workspace, '--variant', 'low', 'say something');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('It has: high.')]);
  expect(rig.model.requests).toHaveLength(0);
  const { code } = await millrace('run', '--dir', workspace, '--variant', 'high', 'say something');
  expect(code).toBe(0);
  expect(rig.model.requests.at(-1)?.body).toMatchObject({ reasoning_effort: 'high' });
});
