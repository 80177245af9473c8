import { expect, test } from 'vitest';
import { answer, send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

// The first story, whole: a prompt in the sidebar changes a real file in a real editor.

const { editor, chat } = await useStage();

test('a prompt in the sidebar renames a function in an open file, after asking', async () => {
  await editor.openFile('greet.ts');
  await send(chat, 'rename greet to welcome');
  const card = chat.getByRole('alertdialog', { name: 'Permission required' });
  await card.first().waitFor();
  expect(await editor.fileText('greet.ts')).toContain('function greet(');
  await answer(chat, 'Allow once', 2);
  await settled(chat);
  expect(await editor.fileText('greet.ts')).toContain('function welcome(');
  expect(await editor.fileText('main.ts')).toContain('welcome(');
  expect(await editor.editorText()).toContain('function welcome(');
  const log = chat.getByRole('log', { name: 'Conversation' });
  await log.getByRole('article', { name: 'You' }).first().waitFor();
  await log.getByRole('article', { name: 'build' }).first().waitFor();
  expect(await log.getByRole('group', { name: /^read/ }).count()).toBe(2);
  expect(await log.getByRole('group', { name: /^edit/ }).count()).toBe(2);
});

test('the edit of an open file is one step of its undo', async () => {
  await editor.openFile('greet.ts');
  await editor.page.keyboard.press('Control+z');
  await expect.poll(() => editor.editorText()).toContain('function greet(');
  await editor.page.keyboard.press('Control+Shift+z');
  await expect.poll(() => editor.editorText()).toContain('function welcome(');
});

test('after a reload of the window the whole conversation is there', async () => {
  await editor.reload();
  await editor.chat();
  const log = chat.getByRole('log', { name: 'Conversation' });
  await log.getByRole('article', { name: 'You' }).getByText('rename greet to welcome').waitFor();
  await log.getByRole('group', { name: /^edit/ }).nth(1).waitFor();
  await log.getByText('so the import path stays as it was').waitFor();
  expect(await log.getByRole('group', { name: /^edit/ }).count()).toBe(2);
});
