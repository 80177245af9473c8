import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ModelServer, startModelServer } from '../../../test-fixtures/model-server/server.ts';
import { nodePorts } from '../../node/node-ports.ts';
import type { Ports } from '../../ports/ports.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `millrace` as users start it: the built program, a home of its own, a scripted model over real HTTP. */
export interface CliRig extends AsyncDisposable {
  /** Real path; HOME of the program. */
  readonly home: string;
  /** A copy of the sample workspace. */
  readonly workspace: string;
  readonly model: ModelServer;
  start(args: readonly string[], cwd?: string): ChildProcess;
  /** Runs the program to its end. `input` is its standard input; without it that is empty. */
  millrace(args: readonly string[], input?: string): Promise<Ended>;
  /** In the environment of what is started from now on. */
  readonly variables: Record<string, string>;
  /** Ports of a host in this process, on the same home; of an editor, by its name. */
  ports(surface: string): Ports;
}

export async function openCliRig(): Promise<CliRig> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'millrace-cli-')));
  const workspace = join(home, 'workspace');
  const model = await startModelServer({
    scripts: join(root, 'test-fixtures/model-server/scripts'),
    pace: 0,
  });
  await cp(join(root, 'test-fixtures/workspaces/sample'), workspace, { recursive: true });
  await mkdir(join(home, 'config/opencode'), { recursive: true });
  await writeFile(join(home, 'config/opencode/opencode.json'), JSON.stringify(configOf(model.url)));
  const variables: Record<string, string> = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: home },
    ...{ XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data') },
  };
  const start = (args: readonly string[], cwd = root, stdin: 'ignore' | 'pipe' = 'ignore') =>
    spawn(process.execPath, [join(root, 'dist/cli.js'), ...args], {
      ...{ cwd, env: variables, stdio: [stdin, 'pipe', 'pipe'] },
    });
  return {
    home,
    workspace,
    model,
    variables,
    start: (args, cwd) => start(args, cwd),
    millrace(args, input) {
      const child = start(args, root, input === undefined ? 'ignore' : 'pipe');
      child.stdin?.end(input);
      return ended(child);
    },
    ports(surface) {
      const log = { write: () => undefined, level: 'error' } as const;
      const node = nodePorts({ surface, isTrusted: () => true, log });
      const variable = (name: string) => variables[name];
      return { ...node, environment: { ...node.environment, homeDirectory: home, variable } };
    },
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function configOf(baseURL: string): object {
  const options = { baseURL, apiKey: 'key-of-the-user' };
  return {
    model: 'scripted/scripted',
    provider: { scripted: { name: 'Scripted', options, models: { scripted: {} } } },
  };
}

/** Everything that a program says until its end. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}
