import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EditorInstall } from './code-server.ts';
import { pause } from './pause.ts';
import { descendants, isAlive, killTree } from './process-tree.ts';

export interface ServerOptions {
  readonly install: EditorInstall;
  /** code-server's `--user-data-dir` and `--extensions-dir`. */
  readonly data: string;
  readonly extensions: string;
  /** The whole environment of the editor. */
  readonly env: NodeJS.ProcessEnv;
  /** false: the editor's workspace trust is on, and it starts in restricted mode. */
  readonly trust: boolean;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly signal: AbortSignal;
}

/** A running code-server process and all it started. */
export interface EditorServer {
  readonly pid: number;
  readonly port: number;
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
}

/**
 * Starts code-server and waits until it listens. It runs in a process group of its own, its output in
 * `<data>/server.log`; whoever starts it stops it with `stopServer`. Throws with that output if it does not come up.
 */
export async function startServer(options: ServerOptions): Promise<EditorServer> {
  mkdirSync(options.data, { recursive: true });
  const log = join(options.data, 'server.log');
  const output = openSync(log, 'w');
  const child = spawn(options.install.node, [options.install.entry, ...serverArguments(options)], {
    env: options.env,
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  child.unref();
  const pid = await startedPid(child);
  try {
    const port = await listening(child, { log, signal: options.signal });
    return { pid, port, url: `http://127.0.0.1:${port}/` };
  } catch (error) {
    killTree(pid);
    throw error;
  }
}

/** Ends the server and everything below it, terminals and extension hosts included, and waits until they are gone. */
export async function stopServer(server: EditorServer): Promise<void> {
  const pids = [server.pid, ...descendants(server.pid).map((row) => row.pid)];
  killTree(server.pid);
  const deadline = Date.now() + 5_000;
  while (pids.some(isAlive)) {
    if (Date.now() > deadline)
      throw new Error(`Processes ${pids.filter(isAlive).join(', ')} survived SIGKILL.`);
    await delay(20);
  }
}

/** The extension hosts of a server: one per open window, and dying ones of windows just closed or reloaded. */
export function extensionHosts(server: EditorServer): readonly number[] {
  const hosts = descendants(server.pid).filter((row) => row.command.includes('--type=extensionHost'));
  // A child that a host has just forked bears the host's name until it becomes its own program.
  return hosts.filter(({ parent }) => !hosts.some(({ pid }) => pid === parent)).map(({ pid }) => pid);
}

function serverArguments(options: ServerOptions): readonly string[] {
  return [
    ...['--config', join(options.data, 'code-server.yaml')],
    ...['--user-data-dir', options.data, '--extensions-dir', options.extensions],
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${options.port}`],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
    ...(options.trust ? ['--disable-workspace-trust'] : []),
  ];
}

async function startedPid(child: ChildProcess): Promise<number> {
  if (child.pid !== undefined) return child.pid;
  const [error] = await once(child, 'error');
  throw new Error('code-server could not be started', { cause: error });
}

async function listening(
  child: ChildProcess,
  { log, signal }: { readonly log: string; readonly signal: AbortSignal },
): Promise<number> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const text = readFileSync(log, 'utf8');
    const match = /HTTP server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
    if (match) return Number(match[1]);
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`code-server ended:\n${text}`);
    await pause(50, signal);
  }
  throw new Error(`code-server did not listen within 60 s:\n${readFileSync(log, 'utf8')}`);
}
