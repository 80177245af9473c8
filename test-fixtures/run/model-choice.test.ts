import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseModel } from './model-choice.ts';

const provider = '// mine\n{ "provider": { "local": { "npm": "@ai-sdk/openai-compatible" } }, }';

test.each([
  ['OPENAI_API_KEY', 'openai'],
  ['ANTHROPIC_API_KEY', 'anthropic'],
  ['OPENROUTER_API_KEY', 'openrouter'],
])('the key %s in the environment is a real model', async (name, provider) => {
  await using place = await makePlace({ 'workspace/readme.md': '' });
  const source = `what the environment has for ${provider}`;
  expect(await place.choose({ [name]: 'k' })).toEqual({ type: 'real', source });
});

test('with no key and no provider the model is scripted', async () => {
  await using place = await makePlace({ 'workspace/opencode.json': '{ "permission": { "edit": "ask" } }' });
  expect(await place.choose({ OPENAI_API_KEY: '' })).toEqual({ type: 'scripted' });
});

test("a provider in the user's opencode.jsonc is a real model", async () => {
  await using place = await makePlace({ 'config/opencode/opencode.jsonc': provider });
  expect(await place.choose({})).toEqual({
    type: 'real',
    source: place.path('config/opencode/opencode.jsonc'),
  });
});

test("a provider in the workspace's opencode.json is a real model", async () => {
  await using place = await makePlace({ 'workspace/opencode.json': provider });
  expect(await place.choose({})).toEqual({ type: 'real', source: place.path('workspace/opencode.json') });
});

test('an empty provider table is no model', async () => {
  await using place = await makePlace({ 'workspace/opencode.json': '{ "provider": {} }' });
  expect(await place.choose({})).toEqual({ type: 'scripted' });
});

async function makePlace(files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return {
    path: (name: string) => join(root, name),
    choose: (env: NodeJS.ProcessEnv) =>
      chooseModel(join(root, 'workspace'), { HOME: root, XDG_CONFIG_HOME: join(root, 'config'), ...env }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
