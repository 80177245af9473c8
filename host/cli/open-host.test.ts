import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHost } from '../host.ts';
import { openCliHost, openStorage } from './open-host.ts';
import { type CliRig, openCliRig } from './testing/cli-rig.ts';

let rig: CliRig;
beforeEach(async () => {
  rig = await openCliRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

test('the configuration to open is the one that the user has, opencode.json before opencode.jsonc', async () => {
  const ports = rig.ports('test');
  const other = { ...ports.environment, variable: () => undefined };
  const folder = join(rig.home, '.config/opencode');
  await mkdir(folder, { recursive: true });
  const options = { ports: { ...ports, environment: other }, directory: rig.workspace, version: 'test' };
  await using host = await openCliHost(options);
  expect(await host.userConfigPath()).toBe(join(folder, 'opencode.json'));
  await writeFile(join(folder, 'opencode.jsonc'), '{}');
  expect(await host.userConfigPath()).toBe(join(folder, 'opencode.jsonc'));
  await writeFile(join(folder, 'opencode.json'), '{}');
  expect(await host.userConfigPath()).toBe(join(folder, 'opencode.json'));
});

test('a store that is opened for one session sets none of its others going', {
  timeout: 30_000,
}, async () => {
  await writeFile(join(rig.workspace, 'opencode.json'), '{ "permission": { "edit": "ask" } }');
  const storage = join(rig.home, 'editor');
  const world = { ports: rig.ports('test'), directory: rig.workspace, version: 'test' };
  const { signal } = new AbortController();
  const editor = await openHost({ ...world, storage, ownership: 'take-over', signal });
  const closed = Promise.withResolvers<void>();
  using _events = editor.subscribe((event) => {
    // Before the answer is acted on.
    if (event.type === 'permission.replied') closed.resolve(editor[Symbol.asyncDispose]());
    if (event.type === 'permission.asked')
      void editor.sessions.reply(event.properties.request.id, { type: 'once' });
  });
  const model = { providerID: 'scripted', modelID: 'scripted' };
  const prompt = { text: 'rename greet to welcome', delivery: 'steer', agent: 'build', model } as const;
  const { sessionID } = await editor.sessions.prompt({ ...prompt, directory: rig.workspace });
  await closed.promise;
  const requests = rig.model.requests.length;

  await using host = await openStorage({ storage, sessionID }, world);
  await host.sessions.awaitIdle(sessionID);
  using watch = await host.sessions.watch(sessionID, { limit: 10, listener: () => undefined });
  const last = watch.view.messages.at(-1)?.info;
  expect(last?.role === 'assistant' && last.time.completed).toBeUndefined();
  expect(rig.model.requests).toHaveLength(requests);
});
