import { basename, delimiter, isAbsolute } from 'node:path';
import { hasCode } from '#shared/host-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Environment } from '../../ports/environment.ts';
import type { Log } from '../../ports/log.ts';
import type { Processes } from '../../ports/processes.ts';

export type Variables = Readonly<Record<string, string>>;

export interface ShellEnvironmentOptions {
  readonly processes: Processes;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The environment that commands run in: what the user's login shell has and this process lacks (PATH and friends),
 * asked for once, within 2 s; without what runs code unasked or is a secret (decision 6).
 */
export type ShellEnvironment = () => Promise<Variables>;

const probeMs = 2_000;
const loginShells: readonly string[] = ['bash', 'zsh', 'fish', 'sh', 'dash', 'ksh'];

export function createShellEnvironment(options: ShellEnvironmentOptions): ShellEnvironment {
  let made: Promise<Variables> | undefined;
  return () => {
    made ??= make(options);
    return made;
  };
}

async function make(options: ShellEnvironmentOptions): Promise<Variables> {
  const own = stripped(options.processes.environment());
  const login = stripped(await probe(own, options));
  const path = mergedPath(own['PATH'], login['PATH']);
  return { ...login, ...own, ...quiet, ...(path !== '' && { PATH: path }) };
}

/** Nobody sits at a terminal: no pager, no colour, no question. */
const quiet: Variables = { TERM: 'dumb', PAGER: 'cat', GIT_PAGER: 'cat', GIT_TERMINAL_PROMPT: '0' };

const dangerousNames: readonly string[] = [
  'BASH_ENV',
  'ENV',
  'PROMPT_COMMAND',
  'SHELLOPTS',
  'BASHOPTS',
  'CDPATH',
  'GLOBIGNORE',
  'IFS',
  'PS4',
  'NODE_OPTIONS',
  'PERL5OPT',
  'PYTHONSTARTUP',
  'GIT_SSH_COMMAND',
  'GIT_EDITOR',
  'GIT_DIR',
  'GIT_WORK_TREE',
];
/** Loaders, programs that git runs, functions that shadow commands, and what the editor and we use ourselves. */
const dangerousName =
  /^(?:LD_|DYLD_|BASH_FUNC_|VSCODE_|ELECTRON_|MILLRACE_)|^GIT_.*(?:PAGER|EXTERNAL|ASKPASS|CONFIG)/;
const secretName =
  /KEY|TOKEN|SECRET|PASS|_PWD|(?:^|_)PAT$|CREDENTIAL|AUTH(?!OR(?:S?_|$))|COOKIE|DSN|WEBHOOK|DATABASE_URL/i;
/** A socket, and no secret: without it nothing is fetched or pushed over SSH. */
const neededNames: readonly string[] = ['SSH_AUTH_SOCK'];

/** Without what would run code unasked, and without secrets. */
export function stripped(variables: Variables): Variables {
  return Object.fromEntries(
    Object.entries(variables).filter(
      ([name]) => !dangerousNames.includes(name) && !dangerousName.test(name) && !isSecret(name),
    ),
  );
}

function isSecret(name: string): boolean {
  return secretName.test(name) && !neededNames.includes(name);
}

/** Our own entries first: a terminal or editor may have chosen another version of a tool than the login shell has. */
function mergedPath(...paths: readonly (string | undefined)[]): string {
  const entries = paths.flatMap((path) => path?.split(delimiter) ?? []);
  return [...new Set(entries)].filter(isAbsolute).join(delimiter);
}

const mark = '\u241Emillrace\u241E';

async function probe(
  own: Variables,
  { processes, environment, clock, log }: ShellEnvironmentOptions,
): Promise<Variables> {
  const shell = environment.variable('SHELL') ?? '';
  if (!isAbsolute(shell) || !loginShells.includes(basename(shell))) return {};
  const script = `printf '%s' '${mark}'; command env -0; printf '%s' '${mark}'`;
  try {
    await using process = await processes.start({
      program: shell,
      args: ['-l', '-c', script],
      directory: '/',
      environment: own,
    });
    using _limit = clock.after(probeMs, () => void process.kill());
    return parse(await textOf(process.stdout));
  } catch (error) {
    if (!hasCode(error, 'process.not-started')) throw error;
    log.warn('the login shell could not be asked for its environment', { shell });
    return {};
  }
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** What a profile prints stands outside the marks; a shell that was cut off has no second one. */
function parse(text: string): Variables {
  const [, listed, end] = text.split(mark);
  if (listed === undefined || end === undefined) return {};
  const pairs = listed.split('\0').map((line) => line.split(assignment, 2));
  return Object.fromEntries(
    pairs.flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The first `=` only. */
const assignment = /=(.*)/s;
