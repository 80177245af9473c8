import { HostError } from '#shared/host-error.ts';

interface Everywhere {
  readonly format: 'text' | 'json';
  /** The folder whose configuration is read, named by the user and so trusted (decision 8). Absent: the user's alone. */
  readonly dir?: string;
  readonly provider?: string;
}

/** What `millrace auth` was asked to do. */
export type AuthArguments = Everywhere &
  (
    | { readonly type: 'list' }
    | { readonly type: 'login'; readonly method?: string }
    | { readonly type: 'logout' }
  );

/** Options that each command knows. */
export const authOptions: Readonly<Record<AuthArguments['type'], readonly string[]>> = {
  list: ['dir', 'format'],
  login: ['dir', 'method'],
  logout: ['dir'],
};

interface Values {
  readonly dir?: string;
  readonly format: 'text' | 'json';
  readonly method?: string;
}

/** Reads what stands behind `millrace auth`. @throws HostError `cli.usage` */
export function authArguments(words: readonly string[], values: Values): AuthArguments {
  const [command = '', provider, other] = words;
  const { format, dir, method } = values;
  if (other !== undefined)
    throw usage(`"millrace auth ${command}" takes one provider, and "${other}" is a second one.`);
  const where = {
    format,
    ...(dir === undefined ? {} : { dir }),
    ...(provider === undefined ? {} : { provider }),
  };
  switch (command) {
    case 'list':
    case 'logout':
      return { ...where, type: command };
    case 'login':
      return { ...where, type: 'login', ...(method === undefined ? {} : { method }) };
    default:
      throw usage(command === '' ? 'auth needs a command.' : `There is no command "auth ${command}".`);
  }
}

function usage(problem: string): HostError {
  return new HostError('cli.usage', problem);
}
