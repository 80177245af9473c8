import { parseArgs } from 'node:util';
import { HostError } from '#shared/host-error.ts';

/** What `millrace run` was asked to do. */
export interface RunArguments {
  readonly prompt: string;
  readonly format: 'text' | 'json';
  /** Named by the user, and so trusted (decision 8). Absent: the current folder, which is not. */
  readonly dir?: string;
  readonly model?: string;
  readonly agent?: string;
  readonly session?: string;
  readonly autoApprove: boolean;
  readonly untrusted: boolean;
}

export type CliArguments =
  | { readonly type: 'run'; readonly run: RunArguments }
  | { readonly type: 'version' }
  | { readonly type: 'help' };

const options = {
  format: { type: 'string', default: 'text' },
  dir: { type: 'string' },
  model: { type: 'string', short: 'm' },
  agent: { type: 'string' },
  session: { type: 'string', short: 's' },
  'auto-approve': { type: 'boolean', default: false },
  untrusted: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const;

/** Reads the command line; `-` or no prompt means: it comes on standard input. @throws HostError `cli.usage` */
export function parseArguments(argv: readonly string[]): CliArguments {
  const { values, positionals } = parsed(argv);
  if (values.version) return { type: 'version' };
  const [command, ...words] = positionals;
  if (values.help || command === undefined || command === 'help') return { type: 'help' };
  if (command !== 'run') throw usage(`There is no command "${command}".`);
  const { format, dir, model, agent, session, untrusted } = values;
  if (format !== 'text' && format !== 'json') throw usage(`--format is "text" or "json", not "${format}".`);
  return {
    type: 'run',
    run: {
      prompt: words.join(' '),
      format,
      untrusted,
      autoApprove: values['auto-approve'],
      ...(dir === undefined ? {} : { dir }),
      ...(model === undefined ? {} : { model }),
      ...(agent === undefined ? {} : { agent }),
      ...(session === undefined ? {} : { session }),
    },
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (error instanceof TypeError) throw usage(error.message);
    throw error;
  }
}

function usage(problem: string): HostError {
  return new HostError('cli.usage', problem);
}
