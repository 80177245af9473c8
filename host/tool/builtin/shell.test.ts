import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeClock } from '../../node/clock.ts';
import { nodeProcesses } from '../../node/processes.ts';
import { textOf, toolBench } from '../testing/tool-bench.ts';

function running(word: string): readonly string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(word));
}

let words = 0;
const uniqueSeconds = () => `${172_800 + process.pid}.${++words}`;

/** A command, and what the model is told. */
const shapes: readonly (readonly [command: string, told: string])[] = [
  ['echo hi', 'hi\n\nCommand exited with code 0.'],
  ['true', '(no output)\n\nCommand exited with code 0.'],
  ['exit 3', '(no output)\n\nCommand exited with code 3.'],
  ['false || exit 4', '(no output)\n\nCommand exited with code 4.'],
  ['(exit 5)', '(no output)\n\nCommand exited with code 5.'],
  ['echo "one two"\necho three', 'one two\nthree\n\nCommand exited with code 0.'],
  ['echo a; echo b >&2; echo c', 'a\nb\nc\n\nCommand exited with code 0.'],
  ['echo x > /dev/stderr; echo y | tee /dev/stderr', 'x\ny\ny\n\nCommand exited with code 0.'],
  ['read line; echo "got: $line, $?"', 'got: , 1\n\nCommand exited with code 0.'],
  ['cat', '(no output)\n\nCommand exited with code 0.'],
  ['cat <<EOF\nhere\nEOF', 'here\n\nCommand exited with code 0.'],
  ['echo $((6 * 7))', '42\n\nCommand exited with code 0.'],
  ['echo "$0"', 'bash\n\nCommand exited with code 0.'],
  ['for i in 1 2; do echo $i; done', '1\n2\n\nCommand exited with code 0.'],
  ['f() { echo "in $1"; }; f x', 'in x\n\nCommand exited with code 0.'],
  ['diff <(echo a) <(echo a) && echo same', 'same\n\nCommand exited with code 0.'],
  ['set -o pipefail; false | true', '(no output)\n\nCommand exited with code 1.'],
  ['kill -TERM $$', '(no output)\n\nCommand was ended by signal SIGTERM.'],
  ["{ bash -c 'kill -SEGV $$'; } 2>/dev/null; echo $?", '139\n\nCommand exited with code 0.'],
  ['nosuchprogram', 'bash: line 1: nosuchprogram: command not found\n\nCommand exited with code 127.'],
  ['echo "$BASH_VERSINFO" | grep -c .', '1\n\nCommand exited with code 0.'],
  ['printf "\\033[31mred\\033[0m\\n"', 'red\n\nCommand exited with code 0.'],
  ['printf "a\\0b\\377c\\n"', 'ab\uFFFDc\n\nCommand exited with code 0.'],
  ['wait; echo waited', 'waited\n\nCommand exited with code 0.'],
  ['tty', 'not a tty\n\nCommand exited with code 1.'],
];

describe('what the model is told', () => {
  for (const [command, told] of shapes) {
    test(`${JSON.stringify(command).slice(0, 60)} has its whole output and exit code (TL-02)`, async () => {
      const { call } = toolBench();
      const state = await call('shell', { command });
      expect(textOf(state)).toBe(told);
    });
  }

  test('an unclosed quote is an error of the shell, not a hang', async () => {
    const { call } = toolBench();
    expect(textOf(await call('shell', { command: 'echo "open' }))).toMatch(
      /unexpected EOF[\s\S]*Command exited with code 2\.$/,
    );
  });
});

describe('how a command ends', () => {
  test('a child in the background neither delays the end nor survives it', async () => {
    const { call } = toolBench();
    const seconds = uniqueSeconds();
    const text = textOf(await call('shell', { command: `sleep ${seconds} & echo started` }));
    expect(text).toBe('started\n\nCommand exited with code 0.\n1 background process was ended with it.');
    expect(running(seconds)).toEqual([]);
  });

  test('a command that takes too long is ended with its tree, and what it said is kept', async () => {
    const { call } = toolBench();
    const seconds = uniqueSeconds();
    const state = await call('shell', {
      command: `echo before; sleep ${seconds} | sleep ${seconds}`,
      timeout: 300,
    });
    expect(state).toMatchObject({ status: 'error', failure: 'failed' });
    expect(textOf(state)).toContain('The command was ended after 300 ms, its time limit.\nbefore\n');
    expect(running(seconds)).toEqual([]);
  });

  test('an interrupt ends the whole tree', async () => {
    const bench = toolBench();
    const seconds = uniqueSeconds();
    const stop = new AbortController();
    const started = Promise.withResolvers<void>();
    const state = bench.call(
      'shell',
      { command: `echo go; (sleep ${seconds} & sleep ${seconds}); sleep ${seconds}` },
      {
        signal: stop.signal,
        onProgress: () => started.resolve(),
      },
    );
    await started.promise;
    stop.abort(new Error('stop'));
    expect(await state).toMatchObject({ failure: 'interrupted' });
    expect(running(seconds)).toEqual([]);
  });

  test('a call leaves no listener on its signal', async () => {
    const { call } = toolBench();
    const { signal } = new AbortController();
    const listening = { added: 0, removed: 0 };
    const [add, remove] = [signal.addEventListener, signal.removeEventListener];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening.added++;
      return add.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening.removed++;
      return remove.apply(signal, args);
    };
    await call('shell', { command: 'true' }, { signal });
    expect(listening.added).toBeGreaterThan(0);
    expect(listening.removed).toBe(listening.added);
  });
});

describe('output that is long', () => {
  test('keeps its beginning and end, and the whole in a file (RT-06, TL-04)', async () => {
    const { call, outputFolder } = toolBench();
    const state = await call('shell', { command: 'seq 1 100000; exit 9' }, { callID: 'call_seq' });
    const text = textOf(state);
    const path = join(outputFolder, 'call_seq.txt');
    expect(text).toMatch(/^1\n2\n3\n/);
    expect(text).toMatch(/\n99999\n100000\n\nCommand exited with code 9\.$/);
    expect(Buffer.byteLength(text)).toBeLessThan(32_000);
    expect(text.split('\n').length).toBeLessThan(2_000);
    expect(text).toContain(`the whole output is in ${path}`);
    expect(state.metadata).toEqual({ exit: 9, truncated: true, outputPath: path });
    expect(readFileSync(path, 'utf8')).toBe(
      Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join(''),
    );
  });

  test('100 MB pass through in bounded memory (RT-06)', async () => {
    const { call, outputFolder } = toolBench();
    await call('shell', { command: 'true' });
    const before = process.memoryUsage().rss;
    const state = await call(
      'shell',
      { command: 'head -c 100000000 /dev/zero | tr "\\0" x; echo; echo end' },
      { callID: 'big' },
    );
    expect(textOf(state)).toMatch(/end\n\nCommand exited with code 0\.$/);
    expect(statSync(join(outputFolder, 'big.txt')).size).toBe(100_000_005);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  }, 60_000);

  test('that cannot be kept does not make the call fail (TL-07)', async () => {
    const { call, outputFolder, root } = toolBench();
    mkdirSync(join(root, 'd'));
    symlinkSync('/proc', outputFolder);
    const state = await call('shell', { command: 'seq 1 100000' });
    expect(state).toMatchObject({ status: 'completed', metadata: { truncated: true, outputLost: true } });
    expect(textOf(state)).toContain('the whole output could not be kept');
  });

  test('its tail is shown while it runs, at most ten times a second and 4 KiB (TL-08)', async () => {
    const { call, progress } = toolBench();
    await call('shell', { command: 'for i in $(seq 1 30); do seq 1 1000; sleep 0.01; done' });
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.length).toBeLessThan(60);
    for (const { tail = '' } of progress) expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(4_096);
  });
});

describe('where and with what it runs', () => {
  test('in the Location, or in the folder that is given', async () => {
    const { call, root, file } = toolBench();
    file('sub/x', '');
    expect(textOf(await call('shell', { command: 'pwd' }))).toContain(`${root}\n`);
    expect(textOf(await call('shell', { command: 'pwd', workdir: 'sub' }))).toContain(`${root}/sub\n`);
    expect(textOf(await call('shell', { command: 'pwd', workdir: 'nosuch' }))).toContain(
      'The folder nosuch does not exist',
    );
    expect(textOf(await call('shell', { command: '  ' }))).toContain('The command is empty');
    expect(textOf(await call('shell', { command: 'echo \0' }))).toContain('has a NUL');
  });

  test('with what the login shell has, without secrets and without what runs code unasked', async () => {
    const { root, file } = toolBench();
    // The login shell of a user who sets variables in their profile, and prints a greeting.
    const shell = file(
      'bin/bash',
      '#!/bin/sh\necho welcome\nFROM_PROFILE=yes PATH=/profile/bin:/usr/bin SHELL_TOKEN=t exec /bin/sh -c "$3"\n',
    );
    execFileSync('chmod', ['+x', shell]);
    const variables = {
      PATH: `/own/bin:relative:${process.env['PATH']}`,
      OPENAI_API_KEY: 'sk-1',
      GITHUB_TOKEN: 't',
      DB_PASSWORD: 'p',
      BASH_ENV: '/evil',
      NODE_OPTIONS: '--require /evil',
      LD_PRELOAD: '',
      GIT_EXTERNAL_DIFF: '/evil',
      VSCODE_IPC_HOOK: 'x',
      'BASH_FUNC_git%%': '() { echo shadowed; }',
      KEPT: 'yes',
    };
    const { call } = toolBench({
      world: {
        processes: { ...nodeProcesses, environment: () => variables },
        environment: {
          platform: 'linux',
          homeDirectory: '/',
          surface: 't',
          variable: (name) => (name === 'SHELL' ? shell : undefined),
        },
      },
    });
    const text = textOf(
      await call('shell', {
        command: 'env -0 | tr "\\0" "\\n" | sort; command -v git >/dev/null; type -t git || true',
        workdir: '.',
      }),
    );
    const names = text.split('\n').map((line) => line.split('=')[0] ?? '');
    expect(names).toEqual(expect.arrayContaining(['FROM_PROFILE', 'KEPT', 'PATH', 'GIT_TERMINAL_PROMPT']));
    const dropped = Object.keys(variables).filter((name) => !['PATH', 'KEPT'].includes(name));
    expect(names.filter((name) => dropped.includes(name) || name === 'SHELL_TOKEN')).toEqual([]);
    expect(text).not.toContain('shadowed');
    const path = /^PATH=(.*)$/m.exec(text)?.[1] ?? '';
    expect(path).toMatch(/^\/own\/bin:/);
    expect(path).toContain('/profile/bin');
    expect(path).not.toContain('relative');
    expect(root).not.toBe('');
  });

  test('a login shell that hangs is given up, and commands run all the same', async () => {
    const { file } = toolBench();
    const shell = file('bin/zsh', '#!/bin/sh\nexec sleep 1000\n');
    execFileSync('chmod', ['+x', shell]);
    const { call } = toolBench({
      world: {
        environment: {
          platform: 'linux',
          homeDirectory: '/',
          surface: 't',
          variable: (name) => (name === 'SHELL' ? shell : undefined),
        },
        clock: { ...nodeClock, after: (ms, fire) => nodeClock.after(ms === 2_000 ? 50 : ms, fire) },
      },
    });
    expect(textOf(await call('shell', { command: 'echo fine' }))).toContain('fine');
  });
});

describe('what it needs', () => {
  test('a command is asked for whole and cannot be allowed for good', async () => {
    const { call, asked, root } = toolBench();
    await call('shell', { command: 'echo hi' });
    expect(asked).toEqual([
      {
        permission: 'shell',
        patterns: ['echo hi'],
        always: [],
        subject: { type: 'command', command: 'echo hi', workdir: root },
      },
    ]);
  });

  test('a folder outside needs leaving the Location, whether it is worked in or named (TL-05)', async () => {
    const { call, asked, outside } = toolBench({ answer: () => Promise.resolve({ type: 'denied' }) });
    await call('shell', { command: 'ls', workdir: outside });
    await call('shell', { command: `cat ${outside}/x.txt ../outside/y ~/.ssh/id_rsa 2>/dev/null` });
    expect(asked.map(({ permission, patterns, always }) => [permission, patterns, always])).toEqual([
      ['external_directory', [`${outside}/*`], []],
      ['external_directory', [`${outside}/*`, `${process.env['HOME']}/.ssh/*`], []],
    ]);
  });

  test('a refused command does not run', async () => {
    const { call, root } = toolBench({ answer: () => Promise.resolve({ type: 'rejected' }) });
    expect(await call('shell', { command: 'touch made' })).toMatchObject({ failure: 'rejected' });
    expect(existsSync(join(root, 'made'))).toBe(false);
  });
});
