import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../model-server/server.ts';
import { type Editor, openEditor } from './open-editor.ts';
import { scriptedConfig } from './scripted-config.ts';
import { answer, send, settled } from './states.ts';

// The first story, whole: a prompt in the sidebar changes a real file in a real editor.

let model: ModelServer;
let editor: Editor;

beforeAll(async () => {
  model = await startModelServer({ scripts: 'test-fixtures/model-server/scripts' });
  editor = await openEditor({ userConfig: scriptedConfig(model.url) });
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await editor.saveEvidence(task.name);
});
afterAll(async () => {
  await editor?.[Symbol.asyncDispose]();
  await model?.[Symbol.asyncDispose]();
});

test('a prompt in the sidebar renames a function in an open file, after asking', async () => {
  await editor.openFile('greet.ts');
  const chat = await editor.chat();
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
  const chat = await editor.chat();
  const log = chat.getByRole('log', { name: 'Conversation' });
  await log.getByRole('article', { name: 'You' }).getByText('rename greet to welcome').waitFor();
  await log.getByRole('group', { name: /^edit/ }).nth(1).waitFor();
  await log.getByText('so the import path stays as it was').waitFor();
  expect(await log.getByRole('group', { name: /^edit/ }).count()).toBe(2);
});
