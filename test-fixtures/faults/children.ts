import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Break } from '#host/store/testing/breaking-fs.ts';
import { Violation } from '#host/store/testing/oracle.ts';
import type { ChildOptions, StoreLine } from './store-lines.ts';

/** A process of ours that says what it did, one JSON line each. It is killed when it is disposed of. */
export interface Child<Line> extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Everything it said. */
  readonly lines: readonly Line[];
  /** Resolves once `count` of its lines fit, or it has ended. */
  said(fits: (line: Line) => boolean, count?: number): Promise<void>;
  /** Resolves with its exit code, or with the signal that ended it, when all it said is read. */
  readonly ended: Promise<number | string>;
  tell(command: object): void;
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly program: string;
  readonly options: object;
  /** The moment at which it ends by itself. */
  readonly at?: Break | undefined;
  /** Started through this command of bash, whose `"$@"` is the program. */
  readonly shell?: string;
}

const longestWait = 60_000;

/** Thousands of processes of one program: half of their time would be spent on compiling it. */
const compiled = { NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-faults-compiled') };

export function startChild<Line>({ program, options, at, shell }: StartOptions): Child<Line> {
  const args = [fileURLToPath(new URL(program, import.meta.url)), JSON.stringify(options)];
  const env = {
    ...process.env,
    ...compiled,
    ...(at === undefined ? {} : { MILLRACE_BREAK: JSON.stringify(at) }),
  };
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const child =
    shell === undefined
      ? spawn(process.execPath, args, { stdio: [...stdio], env })
      : spawn('bash', ['-c', shell, 'bash', process.execPath, ...args], { stdio: [...stdio], env });
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  // It may be killed while it is being told something.
  child.stdin.on('error', () => child.stdin.destroy());
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (text) => {
    // A killed process may leave half a line: then it had not finished saying it.
    if (text.endsWith('}')) lines.push(JSON.parse(text) as Line);
    for (const check of [...waiting]) check();
  });
  const ended = Promise.all([once(reader, 'close'), once(child, 'exit')]).then(
    ([, [code, signal]]): number | string => code ?? signal,
  );
  return {
    process: child,
    lines,
    ended,
    async said(fits, count = 1) {
      const enough = Promise.withResolvers<void>();
      const check = (): void => {
        if (lines.filter(fits).length >= count) enough.resolve();
      };
      // A child that hangs is found wrong, not waited for.
      const limit = setTimeout(
        () => enough.reject(new Violation(`nothing more was said in ${longestWait} ms`)),
        longestWait,
      );
      waiting.add(check);
      check();
      try {
        await Promise.race([enough.promise, ended]);
      } finally {
        clearTimeout(limit);
        waiting.delete(check);
      }
    },
    tell: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export function startStore(
  options: ChildOptions,
  more: Pick<StartOptions, 'at' | 'shell'> = {},
): Child<StoreLine> {
  return startChild<StoreLine>({ program: 'store-child.ts', options, ...more });
}
