import { expect, test } from 'vitest';
import { useStage } from './use-stage.ts';

// Keys are entered in the editor's own boxes and kept in its secret storage.

const { editor, chat } = await useStage();
const { page } = editor;

const row = (name: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
const offered = () => chat.locator('option', { hasText: 'Claude' }).count();

test('a key that is entered brings the models of its provider, and signing out takes them away (LM-08)', async () => {
  await chat.getByRole('textbox', { name: 'Prompt' }).waitFor();
  expect(await offered()).toBe(0);
  await editor.command('Millrace: Sign In…');
  await page.locator('.quick-input-widget:visible input').first().fill('anthropic');
  await row('Anthropic').click();
  const box = page.locator('.quick-input-widget input[type="password"]');
  await box.fill('sk-ant-entered');
  await box.press('Enter');
  await expect.poll(offered).toBeGreaterThan(3);
  await page.getByText('You are signed in at Anthropic.').first().waitFor();
  await editor.command('Millrace: Sign Out…');
  await row('Anthropic').click();
  await expect.poll(offered).toBe(0);
});

test('a sign-in that is given up changes nothing, and says nothing', async () => {
  await editor.command('Millrace: Sign In…');
  await page.locator('.quick-input-widget:visible input').first().fill('anthropic');
  await row('Anthropic').click();
  await page.locator('.quick-input-widget input[type="password"]').press('Escape');
  await page.locator('.quick-input-widget input[type="password"]').waitFor({ state: 'hidden' });
  expect(await offered()).toBe(0);
  expect(await page.getByText('The sign-in was given up').count()).toBe(0);
});
