import { say } from '#shared/words.ts';
import type { Account } from '../accounts.ts';
import type { AuthWorld } from './auth.ts';
import type { AuthArguments } from './auth-arguments.ts';
import { chosenAccount } from './chosen-account.ts';
import { plainLine } from './plain-text.ts';
import { table } from './table.ts';
import { writeOut } from './write-out.ts';

/** `millrace auth list`: what is kept or stands in the environment; of one provider also the ways to sign in. */
export async function listAccounts(
  { provider, format }: AuthArguments,
  { accounts, directory, tell }: AuthWorld,
): Promise<number> {
  const all = await accounts.all(directory);
  const listed =
    provider === undefined
      ? all.filter(({ state }) => state.type !== 'none')
      : [chosenAccount(all, provider)];
  const { columns } = process.stdout;
  if (format === 'json') await writeOut(process.stdout, `${JSON.stringify(listed.map(plainFacts))}\n`);
  else if (listed.length === 0) tell(say({}, 'cli.auth.none'));
  else await writeOut(process.stdout, accountTable(listed, columns));
  if (format === 'text' && provider !== undefined)
    await writeOut(process.stdout, `\n${methodTable(listed, columns)}`);
  return 0;
}

function plainFacts({ id, name, state, methods }: Account) {
  return { provider: id, name, state, methods };
}

export function accountTable(listed: readonly Account[], columns: number | undefined): string {
  const heading = [
    say({}, 'cli.column.provider'),
    say({}, 'cli.column.way'),
    say({}, 'cli.column.account'),
    say({}, 'cli.column.state'),
  ];
  return table([heading, ...listed.map(cells)], columns);
}

function cells({ id, state }: Account): readonly string[] {
  const provider = plainLine(id);
  switch (state.type) {
    case 'none':
      return [provider, '', '', say({}, 'cli.auth.state.out')];
    case 'environment':
      return [provider, state.variable, '', say({}, 'cli.auth.state.environment')];
    case 'signed-in':
      return [provider, state.method, plainLine(state.account ?? ''), say({}, 'account.state.in')];
    case 'signed-out':
      return [provider, state.method ?? '', plainLine(state.account ?? ''), state.problem.text];
  }
}

export function methodTable(listed: readonly Account[], columns: number | undefined): string {
  const heading = [say({}, 'cli.column.method'), say({}, 'cli.column.name'), say({}, 'cli.column.link')];
  const rows = listed.flatMap(({ methods }) =>
    methods.map(({ method, name, link = '' }) => [method, name, link]),
  );
  return table([heading, ...rows], columns);
}
