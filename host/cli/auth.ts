import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import { type Accounts, openAccounts } from '../accounts.ts';
import type { Interaction } from '../host.ts';
import type { AuthArguments } from './auth-arguments.ts';
import { logIn, logOut } from './auth-change.ts';
import { listAccounts } from './auth-list.ts';
import { cliPorts } from './cli-ports.ts';
import { folderOf } from './folder-of.ts';
import { onSignals } from './on-signals.ts';
import { pipedInteraction, terminalInteraction } from './terminal-interaction.ts';

/** What the commands work with. */
export interface AuthWorld {
  readonly accounts: Accounts;
  /** Whose configuration counts. */
  readonly directory: string;
  readonly interaction: Interaction;
  /** Somebody is there to choose. */
  readonly isAttended: boolean;
  /** Tells the user, on standard error. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** `millrace auth …`: keys and sign-ins at providers. Returns the exit code, as `runCli` says. */
export async function auth(args: AuthArguments): Promise<number> {
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const stop = new AbortController();
  using signals = onSignals(async () => stop.abort());
  try {
    const directory = await folderOf(args.dir ?? '.');
    const ports = cliPorts({ isTrusted: () => args.dir !== undefined, tell });
    const onDamaged = (path: string) => tell(say({}, 'notice.models.damaged', [path]));
    await using accounts = await openAccounts({ ports, directory, onDamaged });
    const isAttended = process.stdin.isTTY && process.stderr.isTTY;
    const interaction = isAttended
      ? terminalInteraction({ input: process.stdin, output: process.stderr, interrupt })
      : pipedInteraction({ input: process.stdin, tell });
    return await perform(args, { accounts, directory, interaction, isAttended, tell, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) {
      tell(say({}, 'cli.auth.stopped'));
      return signals.code ?? 1;
    }
    if (!(error instanceof HostError)) throw error;
    tell(error.message);
    return error.code === 'cli.usage' ? 2 : 1;
  }
}

/** A terminal that is read letter by letter turns Ctrl+C into a letter: this makes it the signal again. */
function interrupt(): void {
  process.emit('SIGINT');
}

function perform(args: AuthArguments, world: AuthWorld): Promise<number> {
  switch (args.type) {
    case 'list':
      return listAccounts(args, world);
    case 'login':
      return logIn(args, world);
    case 'logout':
      return logOut(args, world);
  }
}
