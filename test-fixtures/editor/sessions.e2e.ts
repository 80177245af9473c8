import { expect, test } from 'vitest';
import { answer, newSession, send } from './states.ts';
import { useStage } from './use-stage.ts';

// What one does with sessions, in the real editor: with the files of the workspace and the editor's own dialogs.

const { editor, chat } = await useStage();

const button = (name: string | RegExp) => chat.getByRole('button', { name });

test('a prompt is taken back with the files that it changed, and both come back (RT-21)', async () => {
  await send(chat, 'rename greet to welcome');
  await answer(chat, 'Allow once', 2);
  await button('Copy answer').waitFor();
  await expect.poll(() => editor.fileText('greet.ts')).toContain('function welcome(');
  await button('Take back to here').click();
  await chat.getByText('2 files taken back').waitFor();
  await expect.poll(() => editor.fileText('greet.ts')).toContain('function greet(');
  await expect
    .poll(() => chat.getByRole('textbox', { name: 'Prompt' }).inputValue())
    .toBe('rename greet to welcome');
  await button('Bring back').click();
  await button('Copy answer').waitFor();
  await expect.poll(() => editor.fileText('greet.ts')).toContain('function welcome(');
});

test('a prompt that waits is changed where it stands and cancelled there (RT-10)', async () => {
  await newSession(chat);
  await send(chat, 'hang in the stream');
  await chat.getByText('This answer begins').waitFor();
  await send(chat, 'also run the linter');
  await chat.getByText('Steers the run').waitFor();
  await button(/^Edit/).click();
  await chat.getByRole('textbox', { name: /waiting|change/i }).fill('do not run the linter');
  await button(/^Save/).click();
  await chat.getByText('do not run the linter').waitFor();
  await button(/^Cancel/).click();
  await chat.getByText('Steers the run').waitFor({ state: 'detached' });
  await expect
    .poll(() => chat.getByRole('textbox', { name: 'Prompt' }).inputValue())
    .toBe('do not run the linter');
  await button('Stop').click();
  await button('Continue').waitFor();
  await chat.getByRole('textbox', { name: 'Prompt' }).fill('');
});

test('a conversation is folded on demand, and its turns can be looked into (RT-07, RT-15)', async () => {
  await newSession(chat);
  await send(chat, 'say something');
  await button('Copy answer').waitFor();
  await send(chat, '/compact');
  await button('Conversation folded · manual').waitFor();
  await editor.command('Millrace: Show Turn Trace');
  await editor.page.locator('.quick-input-list .monaco-list-row').last().click();
  await editor.page.locator('.tab.active', { hasText: '.md' }).waitFor();
  await expect.poll(() => editor.editorText()).toContain('# Turn trace');
  expect(await editor.editorText()).not.toContain('key-of');
  await editor.command('View: Close Editor');
});

test('the trace of a turn is opened from its end (RT-15)', async () => {
  await button('Show turn trace').press('Enter');
  await editor.page.locator('.tab.active', { hasText: '.md' }).waitFor();
  await expect.poll(() => editor.editorText()).toContain('# Turn trace');
  await expect.poll(() => editor.editorText()).toContain('Model scripted/scripted, agent build');
  await editor.command('View: Close Editor');
});

test('a title is changed where it stands, and stays after a reload of the window (RT-19)', async () => {
  await button(/^Sessions/).press('F2');
  await chat.getByRole('textbox', { name: 'Title' }).fill('A better name');
  await editor.page.keyboard.press('Enter');
  await button('Sessions: A better name').waitFor();
  await expect
    .poll(() => button(/^Sessions/).evaluate((element) => element === document.activeElement))
    .toBe(true);
  await editor.reload();
  await editor.chat();
  await button('Sessions: A better name').waitFor();
});

test('a session is found by its words, forked and deleted for good (RT-19)', async () => {
  await editor.command('Millrace: Fork Session');
  await button(/^Sessions.*fork 1/).click();
  await chat.getByRole('searchbox').fill('scripted model');
  await chat.getByRole('status').filter({ hasText: 'found' }).waitFor({ state: 'attached' });
  await chat.locator('mark', { hasText: 'scripted model' }).first().waitFor();
  await editor.page.keyboard.press('Escape');
  await editor.command('Millrace: Delete Session');
  await editor.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' }).click();
  await button(/^Sessions.*fork 1/).waitFor({ state: 'detached' });
});
