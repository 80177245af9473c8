import { afterAll, afterEach, expect, test } from 'vitest';
import { startModelServer } from '../model-server/server.ts';
import { startProxy } from '../network/proxy.ts';
import { openEditor } from './open-editor.ts';
import { scriptedConfig } from './scripted-config.ts';

// The model is at an address that nobody but the proxy of the editor's settings knows.

const model = await startModelServer({ scripts: `${import.meta.dirname}/../model-server/scripts` });
const proxy = await startProxy({ 'models.test': model.origin });
const editor = await openEditor({
  userConfig: scriptedConfig('http://models.test/v1'),
  settings: { 'http.proxy': proxy.url, 'http.proxySupport': 'override' },
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await editor.saveEvidence(task.name);
});
afterAll(async () => {
  await editor[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

test('a model is asked through the proxy of the editor’s settings', async () => {
  const chat = await editor.chat();
  const prompt = chat.getByRole('textbox', { name: 'Prompt' });
  await prompt.fill('say something');
  await prompt.press('Enter');
  await expect.poll(() => model.requests.length).toBeGreaterThan(0);
  await model.requests[0]?.done;
  expect(proxy.targets.some((target) => target.startsWith('models.test'))).toBe(true);
});
