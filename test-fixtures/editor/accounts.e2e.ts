import { expect, test } from 'vitest';
import { modelList, openModelList } from './model-list.ts';
import { useStage } from './use-stage.ts';

// Keys are entered in the editor's own boxes and kept in its secret storage.

const { editor, chat } = await useStage({ userConfig: {} });
const { page } = editor;

const row = (name: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
const password = () => page.locator('.quick-input-widget input[type="password"]');

test('from an empty chat a key is entered at a provider, whose models are shown then (LM-08)', async () => {
  await chat.getByText('Add a model to begin').waitFor();
  await chat.getByRole('button', { name: 'Choose a model', exact: true }).click();
  const list = await modelList(page);
  await list.take('anthropic · sign in');
  await password().fill('sk-ant-entered');
  await password().press('Enter');
  await page.getByText('You are signed in at Anthropic.').first().waitFor();
  const brought = await modelList(page);
  await brought.row('anthropic/claude-').waitFor();
  await brought.take('anthropic/claude-opus-4-5');
  await chat.getByRole('button', { name: /^Model: Claude Opus 4\.5/ }).waitFor();
});

test('signing out takes the models of the provider away (LM-08)', async () => {
  await editor.command('Millrace: Sign Out…');
  await row('Anthropic').click();
  await page.getByText('You are signed out of Anthropic.').first().waitFor();
  const list = await openModelList(editor);
  await list.search('anthropic · sign in');
  expect(await row('anthropic/claude-').count()).toBe(0);
  await list.close();
});

test('a sign-in that is given up changes nothing, and says nothing', async () => {
  await editor.command('Millrace: Sign In…');
  await page.locator('.quick-input-widget:visible input').first().fill('anthropic');
  await row('Anthropic').click();
  await password().press('Escape');
  await password().waitFor({ state: 'hidden' });
  const list = await openModelList(editor);
  await list.search('anthropic · sign in');
  await list.close();
  expect(await page.getByText('The sign-in was given up').count()).toBe(0);
});
