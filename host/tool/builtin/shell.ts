import * as Schema from 'effect/Schema';
import type { ToolMetadata } from '#shared/part.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OwnedProcess, ProcessEnd } from '../../ports/processes.ts';
import { type Reached, reach, requireGranted } from '../reach.ts';
import { needsEyes } from '../shell/command-floor.ts';
import { createOutputWindow, type FinishedOutput, type OutputWindow } from '../shell/output-window.ts';
import { outsideFolders } from '../shell/path-words.ts';
import { createShellEnvironment, type ShellEnvironment } from '../shell/shell-environment.ts';
import {
  type AnyTool,
  defineTool,
  type ExecutionContext,
  type PermissionNeed,
  ToolFailure,
  type ToolResult,
} from '../tool.ts';
import type { ShellWorld } from '../tool-world.ts';

const Parameters = Schema.Struct({
  command: Schema.String,
  timeout: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).annotate({
      description: 'Milliseconds; default 120000, at most 600000',
    }),
  ),
  workdir: Schema.optionalKey(
    Schema.String.annotate({ description: 'Default the workspace; use it instead of cd' }),
  ),
  description: Schema.optionalKey(Schema.String.annotate({ description: 'What it does, in a few words' })),
});
type Parameters = typeof Parameters.Type;

const defaultTimeoutMs = 120_000;
const maxTimeoutMs = 600_000;
const tailBytes = 4_096;
const progressEveryMs = 100;
const maxTitle = 100;

/** Runs a command in a bash of its own and waits for its end. */
export function shellTool(world: ShellWorld): AnyTool {
  const shellEnvironment = createShellEnvironment(world);
  return defineTool<Parameters>({
    id: 'shell',
    permissionKey: 'shell',
    description:
      'Runs a bash command and waits for it. Each call is a new shell without input or terminal; background processes end with it. Shows output and exit code; long output is cut in the middle and kept in a file. To read, search or edit files use the other tools.',
    parameters: Parameters,
    effects: true,
    title: titleOf,
    touches: () => Promise.resolve([]),
    permission: async (args) => {
      refuseCommand(args.command);
      return needsOf(args, await reach(world.authority, args.workdir ?? '.', 'list'), world);
    },
    execute: async (args, context) => {
      const reached = await reach(world.authority, args.workdir ?? '.', 'list');
      requireGranted(await needsOf(args, reached, world), context);
      return run(args, { directory: reached.path.real, context, world, shellEnvironment });
    },
  });
}

function titleOf({ command, description }: Parameters): string {
  const text = description ?? command;
  const [line = ''] = text.trim().split('\n');
  return line.length > maxTitle ? `${line.slice(0, maxTitle).toWellFormed()}…` : line;
}

function refuseCommand(command: string): void {
  if (command.trim() === '') throw new ToolFailure('The command is empty.');
  if (command.includes('\0') || !command.isWellFormed()) {
    throw new ToolFailure('The command has a NUL or half a surrogate pair, which no shell can be given.');
  }
}

async function needsOf(
  { command }: Parameters,
  reached: Reached,
  world: ShellWorld,
): Promise<readonly PermissionNeed[]> {
  const workdir = reached.path.real;
  if (reached.path.facts?.type !== 'directory')
    throw new ToolFailure(`The folder ${reached.path.shown} does not exist.`);
  const subject = { type: 'command', command, workdir } as const;
  const named = await outsideFolders(command, { workdir, authority: world.authority });
  const folders = reached.path.place === 'external' ? [workdir, ...named] : named;
  const shell: PermissionNeed = {
    permission: 'shell',
    patterns: [command],
    always: [],
    subject,
    ...(needsEyes(command) && { floor: 'unparsed command' }),
  };
  if (folders.length === 0) return [shell];
  const patterns = [...new Set(folders.map((folder) => (folder === '/' ? '/*' : `${folder}/*`)))];
  return [{ permission: 'external_directory', patterns, always: [], subject }, shell];
}

interface Running {
  /** Real path. */
  readonly directory: string;
  readonly context: ExecutionContext;
  readonly world: ShellWorld;
  readonly shellEnvironment: ShellEnvironment;
}

async function run(args: Parameters, running: Running): Promise<ToolResult> {
  const { context, world } = running;
  const timeoutMs = Math.min(args.timeout ?? defaultTimeoutMs, maxTimeoutMs);
  await using process = await startBash(args.command, running);
  using ending = endOnAbort(process, { clock: world.clock, timeoutMs, signal: context.signal });
  const window = createOutputWindow(() => world.output.begin(context.callID));
  let output: FinishedOutput;
  try {
    await pump(process, window, running);
  } finally {
    output = await window.finish();
  }
  const end = await process.ended;
  const metadata = metadataOf(end, output);
  // The letter is the registry's; the file of what came so far is named by the metadata.
  if (context.signal.aborted) throw new ToolFailure('The command was interrupted.', metadata);
  const text = [output.text.trimEnd() || '(no output)', '', ...lastLines(end)].join('\n');
  if (ending.isTimedOut()) {
    throw new ToolFailure(`The command was ended after ${timeoutMs} ms, its time limit.\n${text}`, metadata);
  }
  return { output: text, title: titleOf(args), metadata, ...(output.kept && { bounded: true }) };
}

/**
 * The outer bash gives the inner one, which is the program, a real pipe for both outputs: a command may open
 * /dev/stderr, which the socket that it would inherit does not allow, and both stay in order. The relay carries what
 * was written to its end: from its first moment it is marked, and ignores the signals that end the others.
 */
const outer = [
  'trap "" TERM INT HUP',
  'exec > >(exec cat) 2>&1',
  'trap - TERM INT HUP',
  'unset MILLRACE_RELAY',
  'exec -a bash "$0" --noprofile --norc -c "$1"',
].join('; ');

async function startBash(
  command: string,
  { directory, world, shellEnvironment, context }: Running,
): Promise<OwnedProcess> {
  const bash = await world.search.program('bash', await world.authority.root());
  if (bash === undefined)
    throw new ToolFailure('There is no bash on this machine, so no command can be run.');
  const environment = { ...(await shellEnvironment()), MILLRACE_RELAY: '1' };
  context.signal.throwIfAborted();
  const args = ['--noprofile', '--norc', '-c', outer, bash, command];
  return world.processes.start({ program: bash, args, directory, environment });
}

interface Ending extends Disposable {
  isTimedOut(): boolean;
}

/** Ends the command when its time is over or the call is interrupted; the first reason counts. */
function endOnAbort(
  process: OwnedProcess,
  {
    clock,
    timeoutMs,
    signal,
  }: { readonly clock: Clock; readonly timeoutMs: number; readonly signal: AbortSignal },
): Ending {
  let timedOut = false;
  const kill = () => void process.kill();
  const timer = clock.after(timeoutMs, () => {
    timedOut = !signal.aborted;
    kill();
  });
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  return {
    isTimedOut: () => timedOut,
    [Symbol.dispose]: () => {
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', kill);
    },
  };
}

/** Takes the output as it comes and shows its tail, at most ten times a second. */
async function pump(process: OwnedProcess, window: OutputWindow, { context, world }: Running): Promise<void> {
  let timer: Disposable | undefined;
  let isDirty = false;
  const show = () => {
    timer = isDirty ? world.clock.after(progressEveryMs, show) : undefined;
    if (isDirty) context.progress({ tail: window.tail(tailBytes) });
    isDirty = false;
  };
  try {
    for await (const chunk of process.stdout) {
      await window.push(chunk);
      isDirty = true;
      if (timer === undefined) show();
    }
  } finally {
    timer?.[Symbol.dispose]();
  }
}

function lastLines({ code, signal, leftovers }: ProcessEnd): readonly string[] {
  const exit =
    code === undefined ? `Command was ended by signal ${signal}.` : `Command exited with code ${code}.`;
  if (leftovers === 0) return [exit];
  const processes = leftovers === 1 ? '1 background process was' : `${leftovers} background processes were`;
  return [exit, `${processes} ended with it.`];
}

function metadataOf({ code }: ProcessEnd, { kept }: FinishedOutput): ToolMetadata {
  return {
    ...(code !== undefined && { exit: code }),
    ...(kept !== undefined && { truncated: true }),
    ...(kept?.type === 'kept' && { outputPath: kept.path }),
    ...(kept?.type === 'lost' && { outputLost: true }),
  };
}
