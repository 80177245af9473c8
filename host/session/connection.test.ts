import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelServer } from '../../test-fixtures/model-server/server.ts';
import { startFront } from '../../test-fixtures/network/front.ts';
import { openTestHost, type TestHost } from '../testing/test-host.ts';

const apiKey = 'key-of-the-user';

/** The scripted model as it is spoken to by each protocol. */
const ways: Readonly<Record<string, (server: ModelServer) => object>> = {
  'chat completions': ({ url }) => ({ options: { baseURL: url, apiKey } }),
  Responses: ({ url }) => ({ npm: '@ai-sdk/openai', options: { baseURL: url, apiKey } }),
  Messages: ({ url }) => ({ npm: '@ai-sdk/anthropic', options: { baseURL: url, apiKey } }),
  Gemini: ({ origin }) => ({ npm: '@ai-sdk/google', options: { baseURL: `${origin}/v1beta`, apiKey } }),
  Converse: ({ origin }) => ({
    npm: '@ai-sdk/amazon-bedrock',
    options: { baseURL: origin, apiKey, region: 'us-east-1' },
  }),
};

/** The user's file names another port from now on. */
async function moveModel({ workspace, server }: TestHost, port: number): Promise<void> {
  const path = join(dirname(workspace), '.config/opencode/opencode.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replaceAll(new URL(server.origin).host, `127.0.0.1:${port}`));
}

test.each(Object.entries(ways))('turns by %s use one connection', async (_, provider) => {
  await using rig = await openTestHost({ provider, config: { permission: { edit: 'allow' } } });
  await using front = await startFront(rig.server.origin);
  await moveModel(rig, front.port);
  const { session } = await rig.run('rename greet to welcome');
  await rig.server.requests.at(-1)?.done;
  await rig.run('say something', { sessionID: session.id });
  expect(rig.server.requests.length).toBeGreaterThan(3);
  expect(front.connections).toBe(1);
});
