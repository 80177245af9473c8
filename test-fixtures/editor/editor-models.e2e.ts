import { expect, test } from 'vitest';
import { packCompanion } from './companion.ts';
import { openModelList } from './model-list.ts';
import { newSession, send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

// The models that the editor has from other extensions: one of them is a companion's, which does what a prompt says.

const { editor, chat } = await useStage({
  companions: [await packCompanion('model-vendor')],
  userConfig: { agent: { title: { disable: true } } },
});

const log = chat.getByRole('log', { name: 'Conversation' });
const picker = chat.getByRole('button', { name: 'Model: Echo. Choose another.' });

test('a model of another extension is offered, and a turn with a tool call runs on it (LM-03)', async () => {
  await picker.waitFor();
  const list = await openModelList(editor);
  const row = await list.search('vscode/test-vendor/echo');
  expect(await row.textContent()).toContain('100k context · sees images');
  await list.take('vscode/test-vendor/echo');
  await send(chat, 'read greet.ts');
  await log.getByText('The file begins:').waitFor();
  await settled(chat);
  expect(await log.getByRole('group', { name: /^read/ }).count()).toBe(1);
  expect(await log.getByText('The file begins:').textContent()).toContain('export function greet');
});

test('what a session has said goes along, what the system says first (LM-03)', async () => {
  await send(chat, 'count');
  await log.getByText('6 messages, the first one says You are').waitFor();
  await settled(chat);
});

test('Stop cancels the request at the extension that answers it', async () => {
  await send(chat, 'wait');
  await log.getByText('One moment.').waitFor();
  await chat.getByRole('button', { name: 'Stop' }).click();
  await settled(chat);
  await expect.poll(() => editor.fileText('cancelled.txt').catch(() => '')).toBe('cancelled\n');
});

test('what the extension refuses is told in the conversation, in its own words (LM-11)', async () => {
  await send(chat, 'refuse');
  await log.getByText('Your editor says the quota is used up.').waitFor();
  await log.getByRole('button', { name: 'Details' }).last().click();
  await log.getByText('The vendor of this model blocks requests for now. Too many requests.').waitFor();
  await settled(chat);
});

test('a model that its extension takes away is not offered any more, and comes back with it', async () => {
  await newSession(chat);
  await picker.waitFor();
  await editor.command('Model vendor: Sign In or Out');
  await picker.waitFor({ state: 'detached' });
  await editor.command('Model vendor: Sign In or Out');
  await picker.waitFor();
});
