import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startOAuthServer } from '../test-fixtures/oauth-server/server.ts';
import { openAccounts } from './accounts.ts';
import type { Interaction } from './credential/interaction.ts';
import { memorySecrets } from './credential/testing/memory-secrets.ts';
import { deviceFlow } from './credential/testing/test-flows.ts';
import { tempFolder } from './location/testing/temp-folder.ts';
import { nodePorts } from './node/node-ports.ts';
import { openTestHost } from './testing/test-host.ts';

const { signal } = new AbortController();

test('a key that is entered brings the models of its provider, outlives a restart, and goes with the sign-out (LM-08)', async () => {
  const secrets = memorySecrets();
  await using rig = await openTestHost({ ports: (ports) => ({ ...ports, secrets }) });
  const offered = async () => {
    const { models } = await rig.host.choices(rig.workspace);
    return models.filter(({ ref }) => ref.providerID === 'anthropic').length;
  };
  const stateOf = async () => {
    const all = await rig.host.accounts.all(rig.workspace);
    return all.find(({ id }) => id === 'anthropic')?.state.type;
  };
  expect([await offered(), await stateOf()]).toEqual([0, 'none']);
  const interaction = { show: () => undefined, ask: async () => 'sk-ant-entered' };
  await rig.host.accounts.signIn('anthropic', 'key', { signal, interaction });
  expect(await offered()).toBeGreaterThan(3);
  await rig.reopen();
  expect(await offered()).toBeGreaterThan(3);
  expect(await stateOf()).toBe('signed-in');
  expect(JSON.stringify([await rig.host.accounts.all(rig.workspace), rig.events])).not.toContain(
    'sk-ant-entered',
  );
  await rig.host.accounts.signOut('anthropic', signal);
  expect([await offered(), await stateOf()]).toEqual([0, 'none']);
});

test('a key that is entered goes over the wire, and not where a project points (LM-08)', async () => {
  const secrets = memorySecrets();
  await using rig = await openTestHost({
    ports: (ports) => ({ ...ports, secrets }),
    provider: ({ url }) => ({ options: { baseURL: url } }),
  });
  const interaction = { show: () => undefined, ask: async () => 'entered-key' };
  await rig.host.accounts.signIn('scripted', 'key', { signal, interaction });
  await rig.run('say something');
  expect(rig.server.requests.at(-1)?.headers.authorization).toBe('Bearer entered-key');
  const elsewhere = { provider: { scripted: { options: { baseURL: 'http://127.0.0.1:1/v1' } } } };
  await writeFile(join(rig.workspace, 'opencode.json'), JSON.stringify(elsewhere));
  const { messages } = await rig.run('say something');
  expect(messages.at(-1)?.info).toMatchObject({ error: { data: { code: 'credential-withheld' } } });
});

test('a key goes where a project points once the user agreed to that address, and nowhere beside it (LM-08)', async () => {
  const secrets = memorySecrets();
  await using rig = await openTestHost({
    ports: (ports) => ({ ...ports, secrets }),
    provider: ({ url }) => ({ options: { baseURL: url } }),
  });
  const { accounts } = rig.host;
  const ref = { providerID: 'scripted', modelID: 'scripted' };
  const interaction = { show: () => undefined, ask: async () => 'entered-key' };
  await accounts.signIn('scripted', 'key', { signal, interaction });
  expect(await accounts.withheld(rig.workspace, ref)).toBeUndefined();
  const pointAt = (baseURL: string) =>
    writeFile(
      join(rig.workspace, 'opencode.json'),
      JSON.stringify({ provider: { scripted: { options: { baseURL, headers: { 'X-Team': 'a' } } } } }),
    );
  await pointAt(rig.server.url);
  const endpoint = await accounts.withheld(rig.workspace, ref);
  expect(endpoint).toEqual({ providerID: 'scripted', baseURL: rig.server.url, headers: ['X-Team'] });
  if (endpoint) await accounts.agree(endpoint);
  expect(await accounts.withheld(rig.workspace, ref)).toBeUndefined();
  await rig.run('say something');
  expect(rig.server.requests.at(-1)?.headers).toMatchObject({
    authorization: 'Bearer entered-key',
    'x-team': 'a',
  });
  await pointAt(`${rig.server.url}/beside`);
  expect(await accounts.withheld(rig.workspace, ref)).toMatchObject({
    baseURL: `${rig.server.url}/beside`,
  });
  await pointAt(rig.server.url);
  for (const each of accounts.agreed()) await accounts.revoke(each);
  expect(await accounts.withheld(rig.workspace, ref)).toEqual(endpoint);
});

test('a list of all providers begins with those that can be used, then those that most people have (LM-03)', async () => {
  await using rig = await openTestHost({});
  const all = await rig.host.accounts.all(rig.workspace);
  const ids = all.map(({ id }) => id);
  expect(ids[0]).toBe('scripted');
  expect(ids.slice(1, 4)).toEqual(['anthropic', 'openai', 'google']);
  const others = all.slice(13).map(({ name }) => name);
  expect(others).toEqual(others.toSorted((a, b) => a.localeCompare(b, 'en')));
});

const config = (options: object) => JSON.stringify({ provider: { acme: { options } } });

/** A sign-in that wants a client of the user's own and their tenant; the project is trusted. */
async function signInWith(
  files: { readonly user: object; readonly project: object },
  answers: readonly string[],
) {
  const home = tempFolder('accounts');
  const project = join(home, 'project');
  await mkdir(join(home, '.config/opencode'), { recursive: true });
  await mkdir(project);
  await writeFile(join(home, '.config/opencode/opencode.json'), config(files.user));
  await writeFile(join(project, 'opencode.json'), config(files.project));
  await using server = await startOAuthServer();
  server.plan.device = { interval: 0.01 };
  const log = { write: () => undefined, level: 'error' } as const;
  const node = nodePorts({ surface: 'test', isTrusted: () => true, log });
  const environment = { ...node.environment, homeDirectory: home, variable: () => undefined };
  await using accounts = await openAccounts({
    ports: { ...node, environment, secrets: memorySecrets() },
    flows: [
      deviceFlow(server.url, {
        client: { type: 'asked', how: 'Make one.', link: 'https://acme.test', secret: 'optional' },
        questions: [{ name: 'tenant', text: 'Your tenant', pattern: /^\w+$/, example: 'contoso' }],
        scopes: ['of-{tenant}'],
      }),
    ],
    directory: project,
    onDamaged: () => undefined,
  });
  const asked: string[] = [];
  const interaction: Interaction = {
    show: ({ code }) => void (code !== undefined && server.approve(code)),
    ask: async ({ text }) => {
      asked.push(text);
      return answers[asked.length - 1];
    },
  };
  expect(await accounts.all(project)).toContainEqual(expect.objectContaining({ id: 'acme' }));
  await accounts.signIn('acme', 'device', { signal, interaction });
  const [device] = server.requests('/device');
  const [token] = server.requests('/token');
  return { asked, device: device?.fields, authorization: token?.headers.authorization };
}

test('a client and answers of the user’s own configuration are not asked for (LM-08)', async () => {
  const own = {
    clientID: 'my-client',
    clientSecret: 'of-it',
    tenant: 'fabrikam',
    baseURL: 'http://127.0.0.1:1',
  };
  const { asked, device, authorization } = await signInWith({ user: own, project: {} }, []);
  expect(asked).toEqual([]);
  expect(device).toMatchObject({ client_id: 'my-client', scope: 'of-fabrikam' });
  expect(authorization).toBe(`Basic ${Buffer.from('my-client:of-it').toString('base64')}`);
});

test('a project’s configuration has no say in a sign-in, trusted or not (LM-08)', async () => {
  const foreign = {
    clientID: 'of-the-project',
    clientSecret: 'x',
    tenant: 'thief',
    baseURL: 'http://127.0.0.1:1',
  };
  const { asked, device } = await signInWith({ user: {}, project: foreign }, ['contoso', 'typed-client', '']);
  expect(asked).toEqual([
    'Your tenant',
    'The ID of your own client. Make one.',
    'The secret of that client, or nothing where it has none.',
  ]);
  expect(device).toMatchObject({ client_id: 'typed-client', scope: 'of-contoso' });
});
