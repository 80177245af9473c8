import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import { type CliArguments, parseArguments } from './arguments.ts';
import { auth } from './auth.ts';
import { models } from './models.ts';
import { run } from './run.ts';
import { session } from './session.ts';
import { useProxy } from './use-proxy.ts';
import { version } from './version.ts';

/** Exit codes: 0 it ended well, 1 it did not, 2 wrong usage, 130 and 143 interrupted by a signal. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let parsed: CliArguments;
  try {
    parsed = parseArguments(argv);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    process.stderr.write(`${error.message}\n${say({}, 'cli.usage')}\n`);
    return 2;
  }
  useProxy(process.env, (line) => process.stderr.write(`${line}\n`));
  switch (parsed.type) {
    case 'version':
      process.stdout.write(`${version}\n`);
      return 0;
    case 'help':
      process.stdout.write(`${say({}, 'cli.usage')}\n`);
      return 0;
    case 'run':
      return run(parsed.run);
    case 'session':
      return session(parsed.session);
    case 'models':
      return models(parsed.models);
    case 'auth':
      return auth(parsed.auth);
  }
}
