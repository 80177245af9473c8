import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type OAuthServer, startOAuthServer } from '../../test-fixtures/oauth-server/server.ts';
import { openAccounts } from '../accounts.ts';
import { memorySecrets } from '../credential/testing/memory-secrets.ts';
import { browserFlow, deviceFlow } from '../credential/testing/test-flows.ts';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodePorts } from '../node/node-ports.ts';
import { parseArguments } from './arguments.ts';
import type { AuthWorld } from './auth.ts';
import { logIn, logOut } from './auth-change.ts';
import { accountTable, methodTable } from './auth-list.ts';
import { chosenAccount } from './chosen-account.ts';

const { signal } = new AbortController();

interface Rig {
  readonly world: AuthWorld;
  readonly server: OAuthServer;
  /** What was told, the pages of the sign-in among it. */
  readonly told: string[];
  readonly asked: string[];
}

/** A provider with two sign-ins, at a real authorization server. */
async function openRig(answers: readonly (string | undefined)[], isAttended = true): Promise<Rig> {
  const home = tempFolder('auth');
  await mkdir(join(home, '.config/opencode'), { recursive: true });
  const provider = { acme: { name: 'Acme Models', options: { baseURL: 'http://127.0.0.1:1/v1' } } };
  await writeFile(join(home, '.config/opencode/opencode.json'), JSON.stringify({ provider }));
  const server = await startOAuthServer();
  server.plan.device = { interval: 0.01 };
  const told: string[] = [];
  const asked: string[] = [];
  const log = { write: () => undefined, level: 'error' } as const;
  const node = nodePorts({ surface: 'test', isTrusted: () => false, log });
  const environment = { ...node.environment, homeDirectory: home, variable: () => undefined };
  const visit = async (address: string) => {
    void server.visit(address);
    return true;
  };
  const accounts = await openAccounts({
    ports: {
      ...{ ...node, environment, secrets: memorySecrets() },
      browser: { open: visit, asExternal: (address) => Promise.resolve(address) },
    },
    flows: [browserFlow(server.url), deviceFlow(server.url, { remark: 'Ask your admin.', verified: false })],
    directory: home,
    onDamaged: () => undefined,
  });
  onTestFinished(async () => {
    await accounts[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const interaction: AuthWorld['interaction'] = {
    show: ({ code }) => void (code !== undefined && server.approve(code)),
    ask: ({ text }) => {
      asked.push(text);
      return Promise.resolve(answers[asked.length - 1]);
    },
  };
  const tell = (line: string) => void told.push(line);
  return { world: { accounts, directory: home, interaction, isAttended, tell, signal }, server, told, asked };
}

const login = { type: 'login', format: 'text' } as const;
const logout = { type: 'logout', format: 'text' } as const;

async function stateOf({ accounts, directory }: AuthWorld) {
  return chosenAccount(await accounts.all(directory), 'acme').state;
}

test('the provider and the way are chosen on the terminal, and a browser’s sign-in is kept and taken back (LM-08)', async () => {
  const { world, told, asked, server } = await openRig(['acme models', '1']);
  expect(await logIn(login, world)).toBe(0);
  expect(asked).toEqual(['Which provider? Its id, such as anthropic', 'Which? Its number']);
  expect(told).toEqual([
    ...['Ways to sign in at Acme Models:', '  1  Acme account (browser)', '  2  Acme account (device)'],
    ...['  3  API key (key)', 'You are signed in at Acme Models.'],
  ]);
  expect(await stateOf(world)).toMatchObject({ type: 'signed-in', account: 'ada@example.org' });
  expect(await logOut({ ...logout, provider: 'acme' }, world)).toBe(0);
  expect(told.at(-1)).toBe('You are signed out of Acme Models.');
  expect(server.requests('/revoke')).toHaveLength(1);
  expect(await stateOf(world)).toEqual({ type: 'none' });
});

test('a way that is named is taken, and what is to know of it is said before (LM-08)', async () => {
  const { world, told, asked } = await openRig([]);
  expect(await logIn({ ...login, provider: 'acme', method: 'device' }, world)).toBe(0);
  expect([asked, told]).toEqual([
    [],
    ['Ask your admin.', 'Nobody has tried this at the service yet.', 'You are signed in at Acme Models.'],
  ]);
  expect(await stateOf(world)).toMatchObject({ type: 'signed-in', method: 'device' });
});

test('where nobody is there, what is piped is a key, and the provider has to be named (LM-08)', async () => {
  const { world, asked } = await openRig(['sk-piped'], false);
  expect(await logIn({ ...login, provider: 'acme' }, world)).toBe(0);
  expect(asked).toEqual(['API key for acme']);
  expect(await stateOf(world)).toEqual({ type: 'signed-in', method: 'key' });
  await expect(logIn(login, world)).rejects.toMatchObject({ code: 'cli.usage' });
});

test('what is not there is said with what is, and giving up changes nothing (LM-08)', async () => {
  const { world, told } = await openRig([undefined, '', '7']);
  await expect(logIn({ ...login, provider: 'acmee' }, world)).rejects.toThrow(
    /no provider "acmee".*mean acme/,
  );
  await expect(logIn({ ...login, provider: 'acme', method: 'sso' }, world)).rejects.toThrow(
    /called "sso"\. There are: browser, device, key\./,
  );
  await expect(logIn(login, world)).rejects.toMatchObject({ code: 'credential.cancelled' });
  await expect(logIn({ ...login, provider: 'acme' }, world)).rejects.toThrow('Nothing was changed');
  await expect(logIn({ ...login, provider: 'acme' }, world)).rejects.toThrow(/called "7"/);
  expect(await logOut({ ...logout, provider: 'acme' }, world)).toBe(1);
  expect(told.at(-1)).toBe('There is no key and no sign-in that Millrace keeps in this place.');
  expect(await stateOf(world)).toEqual({ type: 'none' });
});

test('accounts are listed by provider, way, account and state, and the ways in with where keys are made', async () => {
  const { world } = await openRig([]);
  await logIn({ ...login, provider: 'acme', method: 'device' }, world);
  const account = chosenAccount(await world.accounts.all(world.directory), 'acme');
  const environment = {
    ...account,
    id: 'other',
    state: { type: 'environment', variable: 'OTHER_KEY' },
  } as const;
  expect(accountTable([account, environment], undefined)).toBe(
    [
      'Provider  By         Account          State',
      'acme      device     ada@example.org  signed in',
      'other     OTHER_KEY                   a key in the environment',
      '',
    ].join('\n'),
  );
  expect(methodTable([account], undefined)).toContain('device   Acme account');
});

test('the words behind auth are read, and what does not belong there is refused', () => {
  expect(parseArguments(['auth', 'list', '--format', 'json'])).toEqual({
    type: 'auth',
    auth: { type: 'list', format: 'json' },
  });
  expect(parseArguments(['auth', 'login', 'azure', '--method', 'entra', '--dir', '/x'])).toEqual({
    type: 'auth',
    auth: { type: 'login', format: 'text', provider: 'azure', method: 'entra', dir: '/x' },
  });
  expect(() => parseArguments(['auth'])).toThrow(/needs a command/);
  expect(() => parseArguments(['auth', 'add'])).toThrow(/no command "auth add"/);
  expect(() => parseArguments(['auth', 'logout', 'a', 'b'])).toThrow(/takes one provider/);
  expect(() => parseArguments(['auth', 'logout', 'a', '--method', 'key'])).toThrow(/no option --method/);
  expect(() => parseArguments(['auth', 'login', '--format', 'json'])).toThrow(/no option --format/);
});
