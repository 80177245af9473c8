import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answer, newSession, send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

// The sample workspace says `edit: ask`: what each answer on the card does to the file, and to the next edit.

const rename = 'rename greet to welcome';
const { editor, chat, model } = await useStage();

/** As the sample has them: a file that changed on the disk is read anew by each session. */
async function restoreFiles(): Promise<void> {
  const sample = 'test-fixtures/workspaces/sample';
  for (const name of ['greet.ts', 'main.ts'])
    await copyFile(join(sample, name), join(editor.workspace, name));
}

const card = () => chat.getByRole('alertdialog', { name: 'Permission required' });

test('a rejected edit changes nothing and stops the agent (TL-09)', async () => {
  await send(chat, rename);
  await card().waitFor();
  await answer(chat, 'Reject', 1);
  await settled(chat);
  expect(await editor.fileText('greet.ts')).toContain('function greet(');
  await chat.getByRole('group', { name: /^edit/ }).getByText('rejected').waitFor();
});

test('a pending question survives a reload of the window, and its answer goes on (TL-09)', async () => {
  await newSession(chat);
  await send(chat, rename);
  await card().waitFor();
  const requests = model.requests.length;
  await editor.reload();
  await editor.chat();
  await card().waitFor();
  expect(model.requests).toHaveLength(requests);
  await answer(chat, 'Allow once', 1);
  await settled(chat);
  expect(await editor.fileText('greet.ts')).toContain('function welcome(');
});

test('always allow does not ask for the same file again, also in a new session (TL-09)', async () => {
  await restoreFiles();
  await newSession(chat);
  await send(chat, rename);
  await answer(chat, 'Always allow', 1);
  await answer(chat, 'Allow once', 1);
  await settled(chat);
  await restoreFiles();
  await newSession(chat);
  await send(chat, rename);
  await card().getByText('main.ts').first().waitFor();
  expect(await editor.fileText('greet.ts')).toContain('function welcome(');
});

test('never allow is a deny that the next session meets without a question (TL-09)', async () => {
  await answer(chat, 'Never allow', 1);
  await settled(chat);
  await restoreFiles();
  await newSession(chat);
  await send(chat, rename);
  await chat
    .getByRole('group', { name: /^edit main.ts/ })
    .getByText('denied')
    .first()
    .waitFor();
  await settled(chat);
  expect(await editor.fileText('main.ts')).not.toContain('welcome');
});

test('a command is asked for, shows what will run, and offers no always', async () => {
  await newSession(chat);
  await send(chat, 'run a command');
  await card().waitFor();
  expect(await card().getByRole('button', { name: 'Always allow' }).count()).toBe(0);
  await answer(chat, 'Allow once', 1);
  await settled(chat);
  await chat.getByRole('group', { name: /^shell/ }).waitFor();
});

test('a path outside the folder is asked for and not read without an answer (TL-05)', async () => {
  await newSession(chat);
  await send(chat, 'read outside');
  await card().waitFor();
  await answer(chat, 'Reject', 1);
  await settled(chat);
  await chat.getByRole('group', { name: /^read/ }).getByText('rejected').waitFor();
});
