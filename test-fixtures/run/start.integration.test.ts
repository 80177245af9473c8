import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');

test('with no provider, npm start opens a copy of the sample on a scripted model and says so', async () => {
  await using place = await makePlace({});
  const said = await place.start(['--check', '--web']);
  expect(said).toMatch(/Millrace runs on sample, a copy of the sample: /);
  expect(said).toMatch(/Editor {2}http:\/\/127\.0\.0\.1:\d+\/\?folder=/);
  expect(said).toContain('SCRIPTED, not a real one');
  expect(said).toContain('Checked: everything is up.');
});

test("with a provider in the given folder's opencode.json, npm start uses that folder and that model", async () => {
  await using place = await makePlace({ 'mine/opencode.json': '{ "provider": { "local": {} } }' });
  const said = await place.start(['--check', '--web', place.path('mine')]);
  expect(said).toContain(`Millrace runs on mine: ${place.path('mine')}`);
  expect(said).toContain(`your own, from ${place.path('mine/opencode.json')}`);
  expect(said).not.toContain('SCRIPTED');
});

test('with a real model npm start stays up until it is stopped', async () => {
  await using place = await makePlace({ 'mine/opencode.json': '{ "provider": { "local": {} } }' });
  const started = place.begin(['--web', place.path('mine')]);
  let said = '';
  for await (const piece of started.child.stdout ?? []) {
    said += String(piece);
    if (said.includes('Ctrl+C stops everything.')) break;
  }
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
  expect((await fetch(address)).ok).toBe(true);
  started.child.kill('SIGINT');
  // One that ends by itself, for want of anything to wait for, ends with another code.
  await expect(started).resolves.toBeDefined();
});

test('where the desktop editor is on PATH and there is a display, npm start runs the checkout in it until its window closes', async () => {
  await using place = await makePlace({ 'bin/code': recorder });
  await chmod(place.path('bin/code'), 0o755);
  const env = {
    DISPLAY: ':9',
    PATH: [place.path('bin'), process.env['PATH']].join(delimiter),
    RECORD: place.path('record'),
  };
  const said = await place.start([], env);
  expect(said).toContain(`Editor  ${place.path('bin/code')} on `);
  const record = await readFile(place.path('record'), 'utf8');
  expect(record).toContain(`--extensionDevelopmentPath=${project}`);
  expect(record).toContain('--wait');
  expect(record).toMatch(/--user-data-dir=\S+/);
  expect(record).toMatch(/XDG_CONFIG_HOME=\S+millrace-editor-/);
});

/** Stands for the desktop's launcher: writes down how it was called, and its window is closed at once. */
const recorder = '#!/bin/sh\nprintf "%s\\n" "$@" "XDG_CONFIG_HOME=$XDG_CONFIG_HOME" > "$RECORD"\n';

async function makePlace(files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const nothingOfTheUser = {
    HOME: root,
    XDG_CONFIG_HOME: join(root, 'config'),
    DISPLAY: '',
    WAYLAND_DISPLAY: '',
  };
  return {
    path: (name: string) => join(root, name),
    begin(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      const program = join(project, 'test-fixtures/run/start.ts');
      const cache = process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] ?? '', '.cache');
      return run(process.execPath, [program, '--built', ...args], {
        cwd: project,
        env: {
          ...withoutKeys(process.env),
          MILLRACE_CACHE: process.env['MILLRACE_CACHE'] || join(cache, 'millrace'),
          ...nothingOfTheUser,
          ...env,
        },
      });
    },
    async start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      const { stdout } = await this.begin(args, env);
      return stdout;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** Whatever may be a credential: a machine that has one is no different here. */
function withoutKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !credential.test(name)));
}

const credential = /KEY|TOKEN|SECRET|CREDENTIAL|^AWS_|^AZURE_|^GOOGLE_/;
