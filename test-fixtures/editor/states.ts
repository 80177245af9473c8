import type { FrameLocator } from 'playwright-core';
import type { ModelServer } from '../model-server/server.ts';
import type { Editor, EditorOptions } from './open-editor.ts';

/** Where a state is brought about: a fresh editor, its chat shown, and the scripted model it talks to. */
export interface Stage {
  readonly editor: Editor;
  readonly chat: FrameLocator;
  readonly model: ModelServer;
}

/** One state of the UI that `npm run screenshots` pictures in every theme and width. */
export interface State {
  /** kebab-case; the pictures are called `<name>-<theme>[-narrow].png`. */
  readonly name: string;
  /** What the editor is opened with, beside the scripted model as the only provider. */
  readonly options?: EditorOptions;
  /** Brings the chat into the state and returns when it stands still there. */
  readonly prepare: (stage: Stage) => Promise<void>;
}

export const states: readonly State[] = [
  {
    name: 'empty',
    async prepare({ chat }) {
      await chat.getByRole('textbox', { name: 'Prompt' }).waitFor();
    },
  },
  {
    name: 'conversation',
    async prepare({ chat, editor }) {
      await editor.openFile('greet.ts');
      await send(chat, 'rename greet to welcome');
      await answer(chat, 'Allow once', 2);
      await chat.getByText('so the import path stays as it was').waitFor();
      await settled(chat);
    },
  },
];

/** Types a prompt and sends it. */
export async function send(chat: FrameLocator, text: string): Promise<void> {
  await chat.getByRole('textbox', { name: 'Prompt' }).fill(text);
  await chat.getByRole('button', { name: 'Send' }).click();
}

/** Begins a new session from the list under the title, and waits until the chat is empty. */
export async function newSession(chat: FrameLocator): Promise<void> {
  await chat.getByRole('button', { name: /^Sessions/ }).click();
  await chat.getByRole('button', { name: 'New session', exact: true }).click();
  await chat.getByRole('article').first().waitFor({ state: 'detached' });
}

/** Answers the next `count` permission cards by the button of that name, one after the other. */
export async function answer(chat: FrameLocator, button: string, count: number): Promise<void> {
  for (let answered = 0; answered < count; answered += 1) {
    const card = chat.getByRole('alertdialog', { name: 'Permission required' });
    const handle = await card.first().elementHandle();
    await card.first().getByRole('button', { name: button }).click();
    await handle?.waitForElementState('hidden');
  }
}

/** Waits until no run is going on: Stop is gone. */
export async function settled(chat: FrameLocator): Promise<void> {
  await chat.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
}
