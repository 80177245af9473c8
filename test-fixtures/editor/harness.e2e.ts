import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Editor, openEditor } from './open-editor.ts';
import { descendants, isAlive } from './process-tree.ts';

let editor: Editor;

beforeAll(async () => {
  process.env['OPENAI_API_KEY'] ??= 'not for the editor';
  editor = await openEditor({ env: { MILLRACE_PROBE: 'given' } });
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await editor.saveEvidence(task.name);
});

afterAll(() => editor[Symbol.asyncDispose]());

test('the chat is found after each way of losing it', async () => {
  const chat = await editor.chat();
  const first = editor.extensionHosts();
  await editor.reload();
  await editor.chat();
  await editor.killExtensionHost();
  await editor.chat();
  const second = editor.extensionHosts();
  expect(second).toHaveLength(1);
  expect(first).not.toContain(second[0]);
  await editor.restart();
  await editor.chat();
  expect(await chat.locator('body').getAttribute('class')).toContain('vscode-dark');
});

test('the editor has a home of its own and none of the keys of who runs the tests', async () => {
  const environ = await readFile(`/proc/${editor.extensionHosts()[0]}/environ`, 'utf8');
  const lines = environ.split('\0');
  expect(lines).toContain(`HOME=${editor.profile}/home`);
  expect(lines).toContain('MILLRACE_PROBE=given');
  expect(lines.filter((line) => /^\w*API_KEY=/.test(line))).toEqual([]);
});

test('themes change the webview, and the side bar takes the width asked for to the pixel', async () => {
  const chat = await editor.chat();
  const body = chat.locator('body');
  await editor.setTheme('light');
  await expect.poll(() => body.getAttribute('class')).toContain('vscode-light');
  await editor.setTheme('hc-dark');
  await expect.poll(() => body.getAttribute('class')).toContain('vscode-high-contrast');
  await editor.setTheme('dark');
  for (const width of [300, 517]) {
    await editor.sidebarWidth(width);
    const box = await editor.page.locator('.part.sidebar').boundingBox();
    expect(Math.round(box?.width ?? 0)).toBe(width);
  }
});

test('a file opens in the editor as it is on disk, and changed settings take effect at once', async () => {
  await editor.openFile('greet.ts');
  expect((await editor.editorText()).trim()).toBe((await editor.fileText('greet.ts')).trim());
  await editor.changeSettings({ 'editor.fontSize': 31 });
  const line = editor.page.locator('.editor-instance .view-lines').first();
  await expect.poll(() => line.evaluate((element) => getComputedStyle(element).fontSize)).toBe('31px');
});

test('a command that does not exist is refused by name', async () => {
  await expect(editor.command('Millrace: No Such Command')).rejects.toThrow('No Such Command');
});

test('the host log names the extension host, and a picture lands in the artifact folder', async () => {
  expect(await editor.hostLog()).toContain('Extension host with pid');
  expect(existsSync(await editor.screenshot('harness'))).toBe(true);
});

test('an editor that was closed leaves no process and no folder, and one without trust can be trusted', async () => {
  const own = process.env['MILLRACE_KEEP_EDITOR'];
  delete process.env['MILLRACE_KEEP_EDITOR'];
  const before = descendants(process.pid).map(({ pid }) => pid);
  const second = await openEditor({ trust: false });
  const started = descendants(process.pid)
    .map(({ pid }) => pid)
    .filter((pid) => !before.includes(pid));
  try {
    await second.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    expect(second.extensionHosts()).toHaveLength(1);
    await second.trust();
  } finally {
    await second[Symbol.asyncDispose]();
    if (own !== undefined) process.env['MILLRACE_KEEP_EDITOR'] = own;
  }
  expect(started.length).toBeGreaterThan(3);
  await expect.poll(() => started.filter(isAlive)).toEqual([]);
  expect(existsSync(second.profile)).toBe(false);
});
