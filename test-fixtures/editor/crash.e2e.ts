import { expect, test } from 'vitest';
import { newSession, send, settled } from './states.ts';
import { useStage } from './use-stage.ts';

// What a killed extension host, and a killed editor, leave behind.

const { editor, chat, model } = await useStage();

const log = () => chat.getByRole('log', { name: 'Conversation' });

async function expectInterrupted(prompt: string): Promise<void> {
  await log().getByRole('article', { name: 'You' }).getByText(prompt).waitFor();
  await log().getByText('Interrupted').waitFor();
  await log().getByRole('button', { name: 'Continue' }).waitFor();
  await settled(chat);
}

test('an extension host killed while it streams loses no prompt, and the turn is marked (RT-01, RT-12)', async () => {
  await send(chat, 'hang in the stream');
  await model.waitForRequest(1);
  await chat.getByRole('button', { name: 'Stop' }).waitFor();
  await editor.killExtensionHost();
  await editor.chat();
  await expectInterrupted('hang in the stream');
  expect(model.requests).toHaveLength(1);
});

test('an editor killed while a file is read keeps all that was settled (RT-12)', async () => {
  await newSession(chat);
  const before = model.requests.length;
  await send(chat, 'call three tools at once');
  await model.waitForRequest(before + 1);
  await settled(chat);
  await newSession(chat);
  await send(chat, 'hang in the stream');
  await model.waitForRequest(model.requests.length);
  await chat.getByRole('button', { name: 'Stop' }).waitFor();
  await editor.restart();
  await editor.chat();
  await expectInterrupted('hang in the stream');
});

test('after the crash the session goes on', async () => {
  await newSession(chat);
  await send(chat, 'say something');
  await settled(chat);
  await log().getByRole('article', { name: 'build' }).waitFor();
});
