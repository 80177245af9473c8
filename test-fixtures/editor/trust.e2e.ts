import { expect, test } from 'vitest';
import { send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

const { editor, chat } = await useStage({ trust: false });

test('in a folder that is not trusted one can chat and read, and nothing is changed (QA-02)', async () => {
  await chat.getByText('This folder is not trusted').waitFor();
  await send(chat, 'rename greet to welcome');
  await settled(chat);
  await chat.getByRole('group', { name: /^read/ }).first().waitFor();
  expect(await editor.fileText('greet.ts')).toContain('function greet(');
  expect(await chat.getByRole('alertdialog').count()).toBe(0);
});

test('once it is trusted, its configuration holds: the edit asks', async () => {
  await editor.trust();
  await editor.chat();
  await chat.getByText('This folder is not trusted').waitFor({ state: 'detached' });
  await send(chat, 'rename greet to welcome');
  await chat.getByRole('alertdialog', { name: 'Permission required' }).waitFor();
});
