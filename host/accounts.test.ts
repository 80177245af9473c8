import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Secrets } from './ports/secrets.ts';
import { openTestHost } from './testing/test-host.ts';

const { signal } = new AbortController();

/** A storage that outlives the host. */
function memorySecrets(): Secrets {
  const kept = new Map<string, string>();
  return {
    get: async (key) => kept.get(key),
    set: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
    onDidChange: () => ({ [Symbol.dispose]: () => undefined }),
    lock: async () => ({ [Symbol.dispose]: () => undefined }),
  };
}

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
