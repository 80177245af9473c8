import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { OwnedProcess } from '../ports/processes.ts';
import { nodeProcesses } from './processes.ts';

const environment = { PATH: process.env['PATH'] ?? '' };

function bash(command: string, directory = '/'): Promise<OwnedProcess> {
  return nodeProcesses.start({
    program: '/bin/bash',
    args: ['--noprofile', '--norc', '-c', command],
    directory,
    environment,
  });
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Command lines that hold a word which nothing else on the machine has. */
function running(word: string): readonly string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(word));
}

let words = 0;
const uniqueSeconds = () => `${86_400 + process.pid}.${++words}`;

test('output and exit code arrive, even when nobody reads before the end', async () => {
  await using child = await bash('echo out; echo err >&2; exit 7');
  expect(await child.ended).toEqual({ code: 7, leftovers: 0 });
  expect(await textOf(child.stdout)).toBe('out\n');
  expect(await textOf(child.stderr)).toBe('err\n');
});

test('stdin is closed and there is no terminal', async () => {
  await using child = await bash('read line; echo "read: $?"; tty');
  expect(await textOf(child.stdout)).toBe('read: 1\nnot a tty\n');
});

test('the child has exactly the environment that it was given, and its own mark', async () => {
  await using child = await nodeProcesses.start({
    program: '/usr/bin/env',
    args: [],
    directory: '/',
    environment: { A: 'b' },
  });
  const names = (await textOf(child.stdout))
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names.sort()).toEqual(['A', 'MILLRACE_COMMAND', 'PWD']);
});

test('a background child that holds the pipe neither delays the end nor survives it', async () => {
  const seconds = uniqueSeconds();
  await using child = await bash(`sleep ${seconds} & echo started`);
  expect(await textOf(child.stdout)).toBe('started\n');
  expect(await child.ended).toEqual({ code: 0, leftovers: 1 });
  expect(running(seconds)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a child that left the group and the session ends with the command',
  async () => {
    const seconds = uniqueSeconds();
    await using child = await bash(`setsid -f sleep ${seconds} </dev/null >/dev/null 2>&1; echo started`);
    expect(await textOf(child.stdout)).toBe('started\n');
    expect(await child.ended).toMatchObject({ leftovers: 1 });
    expect(running(seconds)).toEqual([]);
  },
);

test('killing ends the whole tree, however wide', async () => {
  const seconds = uniqueSeconds();
  const child = await bash(
    `for i in $(seq 50); do (sleep ${seconds} &) ; done; echo ready; sleep ${seconds}`,
  );
  for await (const _ of child.stdout) break;
  await child.kill();
  expect(running(seconds)).toEqual([]);
  expect(await child.ended).toMatchObject({ signal: 'SIGTERM' });
});

test('a command that ignores the request to end is killed', async () => {
  const seconds = uniqueSeconds();
  const child = await bash(`trap '' TERM; echo ready; while true; do sleep ${seconds}; done`);
  for await (const _ of child.stdout) break;
  await child.kill();
  expect(running(seconds)).toEqual([]);
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
}, 15_000);

test('a missing program is a domain error', async () => {
  const start = nodeProcesses.start({ program: '/nosuch/program', args: [], directory: '/', environment });
  await expect(start).rejects.toMatchObject({ code: 'process.not-started' });
});

test('a folder that was replaced by a link is not worked in', async () => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cwd-')));
  onTestFinished(() => rmSync(top, { recursive: true }));
  mkdirSync(join(top, 'd'));
  await using first = await bash('pwd; /bin/pwd', join(top, 'd'));
  expect(await textOf(first.stdout)).toBe(`${top}/d\n${top}/d\n`);
  renameSync(join(top, 'd'), join(top, 'e'));
  symlinkSync('/etc', join(top, 'd'));
  await expect(bash('pwd', join(top, 'd'))).rejects.toMatchObject({ code: 'file.moved' });
});

test('output that nobody takes makes the writer wait, not the memory grow', async () => {
  const child = await bash('yes');
  const before = process.memoryUsage().rss;
  let taken = 0;
  for await (const chunk of child.stdout) {
    taken += chunk.length;
    if (taken > 64 * 1024 * 1024) break;
  }
  await child.kill();
  expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
});
