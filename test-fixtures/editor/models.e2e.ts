import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelList, openModelList } from './model-list.ts';
import type { Settings } from './profile.ts';
import { scriptedConfig } from './scripted-config.ts';
import { newSession, send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

// Models are chosen in the editor's own list: those of the catalogue, of a configuration, and of nobody yet.

const { editor, chat, model } = await useStage({
  userConfig: {},
  env: { ANTHROPIC_API_KEY: 'key-of-the-user' },
});
const { page } = editor;

const manyModels = Object.fromEntries(
  Array.from({ length: 700 }, (_, index) => [
    `acme-${index}`,
    { name: `Acme ${index}`, limit: { context: 64_000, output: 8_000 }, cost: { input: 1, output: 2 } },
  ]),
);

/** A provider that no catalogue has, as a user writes it. */
const acme = (): Settings => ({
  agent: { title: { disable: true } },
  provider: {
    acme: { name: 'Acme', options: { baseURL: model.url, apiKey: 'acme-key' }, models: manyModels },
  },
});

test('the list shows size, price, status and variants, under providers with their sign-in state (LM-09)', async () => {
  await chat.getByRole('textbox', { name: 'Prompt' }).waitFor();
  const list = await openModelList(editor);
  await list.row('Anthropic · ANTHROPIC_API_KEY').waitFor();
  const row = await list.search('anthropic/claude-opus-4-5');
  expect(await row.textContent()).toMatch(
    /200k context · \$\d+ in \/ \$\d+ out per M · sees images · thinks · variants /,
  );
  await list.close();
});

test('providers without a key stand in the same list, to sign in at', async () => {
  const list = await openModelList(editor);
  expect(await (await list.search('Mistral')).textContent()).toContain('sign in');
  await list.take('Mistral');
  await page.locator('.quick-input-widget input[type="password"]').press('Escape');
});

test('a provider from opencode.json alone is chosen among 700 models, and answers (LM-07)', async () => {
  await editor.setUserConfig(acme());
  const list = await openModelList(editor);
  await list.take('Acme 432');
  await chat.getByRole('button', { name: 'Model: Acme 432. Choose another.' }).waitFor();
  await send(chat, 'say something');
  await model.waitForRequest(1);
  await settled(chat);
  const sent = model.requests.at(-1);
  expect(sent?.body).toMatchObject({ model: 'acme-432' });
  expect(sent?.headers.authorization).toBe('Bearer acme-key');
});

test('what was used last is the first thing that the list offers, also after a reload', async () => {
  await editor.reload();
  await editor.chat();
  await chat.getByRole('button', { name: 'Model: Acme 432. Choose another.' }).click();
  const list = await modelList(page);
  await list.row('Used last').waitFor();
  await list.row('Acme 432').waitFor();
  await list.close();
});

test('a variant is chosen beside the model and goes with the next request (UI-05)', async () => {
  const list = await openModelList(editor);
  await list.take('anthropic/claude-opus-4-5');
  await chat.getByRole('combobox', { name: 'Variant' }).selectOption('high');
  await expect.poll(() => chat.getByRole('combobox', { name: 'Variant' }).inputValue()).toBe('high');
  const again = await openModelList(editor);
  await again.row('· high').waitFor();
  await again.close();
});

test('a key goes where a project points only after the user agreed to that address (LM-08)', async () => {
  const address = model.url;
  const project = { provider: { anthropic: { options: { baseURL: address } } } };
  await writeFile(join(editor.workspace, 'opencode.json'), JSON.stringify(project));
  await newSession(chat);
  const before = model.requests.length;
  await send(chat, 'say something');
  await chat.getByText('The key for anthropic was not sent.').waitFor();
  await chat.getByRole('button', { name: 'Allow this address…' }).click();
  const dialog = page.getByRole('dialog', { name: /Send your key for anthropic to/ });
  expect(await dialog.textContent()).toContain(address);
  await expect.poll(() => dialog.locator(':focus').textContent()).toBe('Do not send');
  expect(model.requests).toHaveLength(before);
  await dialog.getByRole('button', { name: 'Allow and go on' }).click();
  await model.waitForRequest(before + 1);
  await settled(chat);
  expect(model.requests.at(-1)?.headers['x-api-key']).toBe('key-of-the-user');
});

test('an address that was allowed is taken back with Sign Out', async () => {
  await editor.command('Millrace: Sign Out…');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'is allowed for anthropic' }).click();
  await page.getByText('Your key for anthropic is not sent to').first().waitFor();
  await newSession(chat);
  await send(chat, 'say something');
  await chat.getByText('The key for anthropic was not sent.').waitFor();
  expect(await readFile(join(editor.workspace, 'opencode.json'), 'utf8')).toContain(model.url);
});

test('the scripted model comes back with its configuration', async () => {
  await editor.setUserConfig(scriptedConfig(model.url));
  const list = await openModelList(editor);
  await list.take('scripted/scripted');
  await chat.getByRole('button', { name: 'Model: Scripted. Choose another.' }).waitFor();
});
