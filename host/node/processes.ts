import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { HostError } from '#shared/host-error.ts';
import type { Command, OwnedProcess, ProcessEnd, Processes } from '../ports/processes.ts';
import { anchor } from './anchor.ts';
import { queueBytes } from './byte-queue.ts';
import { systemCode } from './file-errors.ts';
import { createTree } from './process-tree.ts';

/** Names every process of one command, whatever group or session it moves to. */
const marker = 'MILLRACE_COMMAND';

/** How long output may still come after the program itself has ended, before its leftovers are ended. */
const lastWordsMs = 100;

/** How long a pipe may stay open after that, held by a process that could not be found. */
const orphanedPipeMs = 1_000;

/** Child processes of this process. */
export const nodeProcesses: Processes = {
  start: startProcess,
  environment: () =>
    Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
};

async function startProcess(command: Command): Promise<OwnedProcess> {
  const id = randomBytes(12).toString('hex');
  // The child changes into the directory that was verified, through the descriptor that it holds until it execs.
  await using directory = await anchor(command.directory);
  const child = spawn(command.program, command.args, {
    cwd: directory.at('.'),
    env: { ...command.environment, PWD: command.directory, [marker]: id },
    // A group and session of its own: it can be ended as a whole, and has no terminal to ask questions on.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const exited = exitOf(child);
  await spawned(child, command);
  return own(child, { exited, mark: `${marker}=${id}` });
}

function own(
  child: ChildProcess,
  { exited, mark }: { readonly exited: Promise<Exit>; readonly mark: string },
): OwnedProcess {
  const { stdout, stderr, pid } = child;
  if (stdout === null || stderr === null || pid === undefined) throw new Error('A child without pipes.');
  const tree = createTree({ leader: pid, mark });
  const out = queueBytes(stdout);
  const err = queueBytes(stderr);
  const closed = Promise.all([out.closed, err.closed]);
  const end = async (): Promise<ProcessEnd> => {
    const exit = await exited;
    await within(lastWordsMs, closed);
    // What the command left in the background ends with it, so that the pipes close and nothing is orphaned.
    const leftovers = await tree.end();
    await within(orphanedPipeMs, closed);
    stdout.destroy();
    stderr.destroy();
    return { ...exit, leftovers };
  };
  const ended = end();
  const kill = async () => {
    await Promise.all([tree.end(), ended]);
  };
  return { stdout: out.bytes, stderr: err.bytes, ended, kill, [Symbol.asyncDispose]: kill };
}

async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  const tooLate = pause(ms, undefined, { signal: late.signal }).catch((error: unknown) => {
    if (!late.signal.aborted) throw error;
  });
  await Promise.race([done, tooLate]);
  late.abort();
}

interface Exit {
  readonly code?: number;
  readonly signal?: string;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ ...(code !== null && { code }), ...(signal !== null && { signal }) }),
    );
  });
}

function spawned(child: ChildProcess, { program }: Command): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new HostError(
          'process.not-started',
          `${program} could not be started (${systemCode(cause) || cause.message}).`,
          { data: { program }, cause },
        ),
      ),
    );
  });
}
