import { HostError } from '#shared/host-error.ts';

interface Everywhere {
  readonly format: 'text' | 'json';
  /** The folder whose sessions are meant. Absent: the current one. */
  readonly dir?: string;
}

/** What `millrace session` was asked to do. */
export type SessionArguments = Everywhere &
  (
    | { readonly type: 'list' }
    | { readonly type: 'show'; readonly id: string }
    /** Always JSON. Without an id: the newest. Without a file: to standard output. */
    | { readonly type: 'export'; readonly id?: string; readonly output?: string }
    /** `-` is standard input. */
    | { readonly type: 'import'; readonly file: string }
    | { readonly type: 'delete'; readonly id: string; readonly confirmed: boolean }
    | { readonly type: 'adopt'; readonly confirmed: boolean }
  );

/** Options that each command knows, besides those that every one does. */
export const sessionOptions: Readonly<Record<SessionArguments['type'], readonly string[]>> = {
  list: ['dir', 'format'],
  show: ['dir', 'format'],
  export: ['dir', 'format', 'output'],
  import: ['dir', 'format'],
  delete: ['dir', 'format', 'yes'],
  adopt: ['dir', 'format', 'yes'],
};

interface Values {
  readonly dir?: string;
  readonly format: 'text' | 'json';
  readonly output?: string;
  readonly yes?: boolean;
}

/** Reads what stands behind `millrace session`. @throws HostError `cli.usage` */
export function sessionArguments(words: readonly string[], values: Values): SessionArguments {
  const [command = '', ...rest] = words;
  const { format } = values;
  const where = values.dir === undefined ? { format } : { format, dir: values.dir };
  const confirmed = values.yes ?? false;
  switch (command) {
    case 'list':
      return { ...where, type: 'list', ...none(command, rest) };
    case 'show':
      return { ...where, type: 'show', id: idOf(command, rest) };
    case 'export': {
      const { output } = values;
      const id = rest.length === 0 ? {} : { id: idOf(command, rest) };
      return { ...where, type: 'export', ...id, ...(output === undefined ? {} : { output }) };
    }
    case 'import':
      return { ...where, type: 'import', file: single(command, 'a file, or - for standard input', rest) };
    case 'delete':
      return { ...where, type: 'delete', id: idOf(command, rest), confirmed };
    case 'adopt':
      return { ...where, type: 'adopt', confirmed, ...none(command, rest) };
    default:
      throw usage(command === '' ? 'session needs a command.' : `There is no command "session ${command}".`);
  }
}

function idOf(command: string, words: readonly string[]): string {
  return sessionID(single(command, 'the id of a session', words));
}

/** @throws HostError `cli.usage` for what is no session id */
export function sessionID(text: string): string {
  if (text.startsWith('ses_')) return text;
  throw usage(`"${text}" is not a session id: they begin with ses_.`);
}

function single(command: string, what: string, words: readonly string[]): string {
  const [word] = words;
  if (word === undefined || words.length > 1) throw usage(`session ${command} takes ${what}.`);
  return word;
}

function none(command: string, words: readonly string[]): object {
  if (words.length > 0) throw usage(`session ${command} takes no "${words[0]}".`);
  return {};
}

function usage(problem: string): HostError {
  return new HostError('cli.usage', problem);
}
