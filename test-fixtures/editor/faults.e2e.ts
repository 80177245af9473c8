import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scriptedConfig } from './scripted-config.ts';
import { newSession, send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

// Every fault is told in the conversation with what to do, and the session goes on.

const { editor, chat, model } = await useStage({ userConfig: {} });

const log = () => chat.getByRole('log', { name: 'Conversation' });

test('without a provider the chat says how to add one, and a prompt is kept', async () => {
  await chat.getByText('Add a model to begin').waitFor();
  await chat.getByRole('button', { name: 'Open configuration' }).waitFor();
  await send(chat, 'say something');
  await log().getByText('No model is configured.').waitFor();
  await log().getByRole('article', { name: 'You' }).getByText('say something').waitFor();
});

test('a provider that is added meanwhile works in the same session with Try again', async () => {
  await editor.setUserConfig(scriptedConfig(model.url));
  await log().getByRole('button', { name: 'Try again' }).click();
  await model.waitForRequest(1);
  await settled(chat);
  expect(await log().getByRole('article', { name: 'You' }).count()).toBe(1);
});

test.for([
  ['fail with 401', 'did not accept the key'],
  ['fail with 404', 'does not know the model'],
  ['fail with 429', 'asks to slow down'],
  ['fail with 500', 'had a fault of its own'],
  ['cut in the stream', 'was cut in the middle of the answer'],
] as const)('the fault %j is told, with a button to try again', async ([prompt, words]) => {
  await newSession(chat);
  await send(chat, prompt);
  await log().getByText(words).waitFor();
  await log().getByRole('button', { name: 'Try again' }).waitFor();
  await log().getByRole('article', { name: 'You' }).getByText(prompt).waitFor();
  await settled(chat);
});

test('after a fault that passed the answer comes by itself, with the prompt there once (LM-11)', async () => {
  await newSession(chat);
  await send(chat, 'fail once');
  await log().getByText('The second attempt went through.').waitFor();
  await settled(chat);
  expect(await log().getByRole('article', { name: 'You' }).count()).toBe(1);
});

test('Stop ends a running answer, keeps what arrived, and offers Continue', async () => {
  await newSession(chat);
  await send(chat, 'hang in the stream');
  await chat.getByRole('button', { name: 'Stop' }).click();
  await log().getByText('Interrupted').waitFor();
  await log().getByRole('button', { name: 'Continue' }).waitFor();
  await settled(chat);
});

test('a malformed opencode.json is told with its line, and defaults apply (QA-01)', async () => {
  await writeFile(
    join(editor.workspace, 'opencode.json'),
    '{\n  "permission": { "edit": "ask" }\n  "model": "x/y"\n}\n',
  );
  await newSession(chat);
  await send(chat, 'say something');
  await chat.getByText(/opencode\.json:3: comma expected/).waitFor();
  await settled(chat);
});

test('a server that is gone is told with its address', async () => {
  await model[Symbol.asyncDispose]();
  await newSession(chat);
  await send(chat, 'say something');
  await log().getByText('cannot be reached').waitFor();
  await log().getByRole('button', { name: 'Try again' }).waitFor();
});
