import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../model-server/server.ts';
import { type Editor, openEditor } from './open-editor.ts';
import { scriptedConfig } from './scripted-config.ts';
import { send, settled } from './states.ts';

let model: ModelServer;
let editor: Editor;

beforeAll(async () => {
  model = await startModelServer({ scripts: 'test-fixtures/model-server/scripts' });
  editor = await openEditor({ userConfig: scriptedConfig(model.url), trust: false });
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await editor.saveEvidence(task.name);
});
afterAll(async () => {
  await editor?.[Symbol.asyncDispose]();
  await model?.[Symbol.asyncDispose]();
});

test('in a folder that is not trusted one can chat and read, and nothing is changed (QA-02)', async () => {
  const chat = await editor.chat();
  await chat.getByText('This folder is not trusted').waitFor();
  await send(chat, 'rename greet to welcome');
  await settled(chat);
  await chat.getByRole('group', { name: /^read/ }).first().waitFor();
  expect(await editor.fileText('greet.ts')).toContain('function greet(');
  expect(await chat.getByRole('alertdialog').count()).toBe(0);
});

test('once it is trusted, its configuration holds: the edit asks', async () => {
  await editor.trust();
  const chat = await editor.chat();
  await chat.getByText('This folder is not trusted').waitFor({ state: 'detached' });
  await send(chat, 'rename greet to welcome');
  await chat.getByRole('alertdialog', { name: 'Permission required' }).waitFor();
});
