import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import type { Account } from '../accounts.ts';
import type { AuthWorld } from './auth.ts';
import type { AuthArguments } from './auth-arguments.ts';
import { chosenAccount } from './chosen-account.ts';

type Arguments<T extends AuthArguments['type']> = Extract<AuthArguments, { type: T }>;
type Method = Account['methods'][number];

/** `millrace auth login`: keeps a key, or signs in in one of the provider's ways. */
export async function logIn({ provider, method }: Arguments<'login'>, world: AuthWorld): Promise<number> {
  const { accounts, directory, interaction, tell, signal } = world;
  const all = await accounts.all(directory);
  const account = chosenAccount(all, provider ?? (await askedProvider(world)));
  const way = method === undefined ? await askedMethod(account, world) : namedMethod(account, method);
  if (way.remark !== undefined) tell(way.remark);
  if (!way.verified) tell(say({}, 'account.unverified'));
  await accounts.signIn(account.id, way.method, { signal, interaction });
  tell(say({}, 'account.signed-in', [account.name]));
  return 0;
}

/** `millrace auth logout`: forgets it, and takes it back at the provider where that can be done. */
export async function logOut({ provider }: Arguments<'logout'>, world: AuthWorld): Promise<number> {
  const { accounts, directory, tell, signal } = world;
  const all = await accounts.all(directory);
  const kept = all.filter(({ state }) => state.type === 'signed-in' || state.type === 'signed-out');
  if (kept.length === 0) {
    tell(say({}, 'cli.auth.nothing'));
    return 1;
  }
  if (provider === undefined) tell(kept.map(({ id }) => id).join('\n'));
  const account = chosenAccount(all, provider ?? (await askedProvider(world)));
  if (!kept.includes(account)) {
    tell(say({}, 'cli.auth.not-kept', [account.name]));
    return 1;
  }
  const revocation = await accounts.signOut(account.id, signal);
  tell(revocation.type === 'failed' ? revocation.text : say({}, 'account.signed-out', [account.name]));
  return 0;
}

function askedProvider({ interaction, isAttended, signal }: AuthWorld): Promise<string> {
  if (!isAttended)
    throw new HostError('cli.usage', 'Name the provider, as in "millrace auth login anthropic".');
  return answerTo({ text: say({}, 'cli.auth.provider'), secret: false }, { interaction, signal });
}

function namedMethod({ id, methods }: Account, named: string): Method {
  const found = methods.find(({ method }) => method === named);
  if (found) return found;
  const names = methods.map(({ method }) => method).join(', ');
  throw new HostError(
    'cli.usage',
    `There is no way to sign in at ${id} called "${named}". There are: ${names}.`,
  );
}

/** The only way there is; what is piped is a key; else the user chooses. */
async function askedMethod(account: Account, world: AuthWorld): Promise<Method> {
  const { methods } = account;
  const [first] = methods;
  const key = methods.find(({ type }) => type === 'key');
  if (first && methods.length === 1) return first;
  if (key && !world.isAttended) return key;
  world.tell(say({}, 'cli.auth.ways', [account.name]));
  for (const [index, { name, method }] of methods.entries())
    world.tell(`  ${index + 1}  ${name} (${method})`);
  const answer = await answerTo({ text: say({}, 'cli.auth.way'), secret: false }, world);
  return methods[Number(answer) - 1] ?? namedMethod(account, answer);
}

type Question = Parameters<AuthWorld['interaction']['ask']>[0];

/** The trimmed answer. @throws HostError `credential.cancelled` */
async function answerTo(
  question: Question,
  { interaction, signal }: Pick<AuthWorld, 'interaction' | 'signal'>,
): Promise<string> {
  const answer = (await interaction.ask(question, signal))?.trim() ?? '';
  if (answer === '') throw new HostError('credential.cancelled', say({}, 'cli.auth.stopped'));
  return answer;
}
