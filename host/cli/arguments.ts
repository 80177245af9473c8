import { parseArgs } from 'node:util';
import { HostError } from '#shared/host-error.ts';
import { parseModel } from '#shared/parse-model.ts';
import { type AuthArguments, authArguments, authOptions } from './auth-arguments.ts';
import type { ModelsArguments } from './models.ts';
import { type SessionArguments, sessionArguments, sessionID, sessionOptions } from './session-arguments.ts';

/** What `millrace run` was asked to do. */
export interface RunArguments {
  readonly prompt: string;
  readonly format: 'text' | 'json';
  /** Named by the user, and so trusted (decision 8). Absent: the current folder, which is not. */
  readonly dir?: string;
  readonly model?: string;
  /** How the model is run, by the catalogue's name. */
  readonly variant?: string;
  readonly agent?: string;
  /** Goes on with this session, or with the newest one of the folder. */
  readonly session?: { readonly type: 'id'; readonly id: string } | { readonly type: 'newest' };
  readonly autoApprove: boolean;
  readonly untrusted: boolean;
}

export type CliArguments =
  | { readonly type: 'run'; readonly run: RunArguments }
  | { readonly type: 'session'; readonly session: SessionArguments }
  | { readonly type: 'models'; readonly models: ModelsArguments }
  | { readonly type: 'auth'; readonly auth: AuthArguments }
  | { readonly type: 'version' }
  | { readonly type: 'help' };

const options = {
  format: { type: 'string' },
  dir: { type: 'string' },
  model: { type: 'string', short: 'm' },
  variant: { type: 'string' },
  agent: { type: 'string' },
  session: { type: 'string', short: 's' },
  continue: { type: 'boolean', short: 'c' },
  'auto-approve': { type: 'boolean' },
  untrusted: { type: 'boolean' },
  output: { type: 'string', short: 'o' },
  method: { type: 'string' },
  yes: { type: 'boolean', short: 'y' },
  local: { type: 'boolean' },
  check: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Values = ReturnType<typeof parsed>['values'];
export type OptionName = keyof typeof options;

const runOptions: readonly OptionName[] = [
  ...([
    'format',
    'dir',
    'model',
    'variant',
    'agent',
    'session',
    'continue',
    'auto-approve',
    'untrusted',
  ] as const),
];

/** Reads the command line; `-` or no prompt means: it comes on standard input. @throws HostError `cli.usage` */
export function parseArguments(argv: readonly string[]): CliArguments {
  const { values, positionals } = parsed(argv);
  if (values.version) return { type: 'version' };
  const [command, ...words] = positionals;
  if (values.help || command === undefined || command === 'help') return { type: 'help' };
  switch (command) {
    case 'run':
      refuseOthers('run', values, runOptions);
      return { type: 'run', run: runArguments(words.join(' '), values) };
    case 'session': {
      const session = sessionArguments(words, { ...values, format: formatOf(values) });
      refuseOthers(`session ${session.type}`, values, sessionOptions[session.type]);
      return { type: 'session', session };
    }
    case 'auth': {
      const auth = authArguments(words, { ...values, format: formatOf(values) });
      refuseOthers(`auth ${auth.type}`, values, authOptions[auth.type]);
      return { type: 'auth', auth };
    }
    case 'models':
      refuseOthers('models', values, ['dir', 'format', 'local', 'check']);
      return { type: 'models', models: modelsArguments(words, values) };
    default:
      throw usage(`There is no command "${command}".`);
  }
}

function runArguments(prompt: string, values: Values): RunArguments {
  const { dir, model, variant, agent, session, untrusted = false } = values;
  if (session !== undefined && values.continue) {
    throw usage('--session names a session, and --continue means the newest one: pass one of them.');
  }
  return {
    prompt,
    format: formatOf(values),
    untrusted,
    autoApprove: values['auto-approve'] ?? false,
    ...(dir === undefined ? {} : { dir }),
    ...(model === undefined ? {} : { model }),
    ...(variant === undefined ? {} : { variant }),
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session: { type: 'id', id: sessionID(session) } }),
    ...(values.continue ? { session: { type: 'newest' } } : {}),
  };
}

function modelsArguments([provider, other]: readonly string[], values: Values): ModelsArguments {
  if (other !== undefined)
    throw usage(`"millrace models" takes one provider, and "${other}" is a second one.`);
  const check = values.check === undefined ? undefined : parseModel(values.check);
  if (values.check !== undefined && !check)
    throw usage(`--check takes a model as PROVIDER/MODEL, not "${values.check}".`);
  if (check && provider !== undefined)
    throw usage(`--check looks at one model: name no provider ("${provider}") beside it.`);
  return {
    format: formatOf(values),
    local: values.local ?? false,
    ...(check ? { check } : {}),
    ...(values.dir === undefined ? {} : { dir: values.dir }),
    ...(provider === undefined ? {} : { provider }),
  };
}

function formatOf({ format = 'text' }: Values): 'text' | 'json' {
  if (format !== 'text' && format !== 'json') throw usage(`--format is "text" or "json", not "${format}".`);
  return format;
}

/** An option that a command does not know would be a wish that is not fulfilled. */
function refuseOthers(command: string, values: Values, allowed: readonly string[]): void {
  const other = Object.keys(values).find((name) => !allowed.includes(name));
  if (other !== undefined) throw usage(`"millrace ${command}" knows no option --${other}.`);
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
