import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { modelList, openModelList } from './model-list.ts';
import type { EditorOptions } from './open-editor.ts';
import type { Stage } from './stage.ts';

/** One state of the UI that `npm run screenshots` pictures in every theme and width. */
export interface State {
  /** kebab-case; the pictures are called `<name>-<theme>[-narrow].png`. */
  readonly name: string;
  /** What the editor is opened with, beside the scripted model as the only provider. */
  readonly options?: EditorOptions;
  /** Brings the chat into the state and returns when it stands still there. */
  readonly prepare: (stage: Stage) => Promise<void>;
  /** Brings up what a change of the theme or of the width closes; called before each picture. */
  readonly show?: (stage: Stage) => Promise<void>;
}

const keys = { ANTHROPIC_API_KEY: 'not-a-key', OPENROUTER_API_KEY: 'not-a-key' };

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
  {
    name: 'no-provider',
    options: { userConfig: {} },
    async prepare({ chat }) {
      await chat.getByText('Add a model to begin').waitFor();
    },
  },
  {
    name: 'models',
    options: { userConfig: { model: 'anthropic/claude-opus-4-5' }, env: keys },
    async prepare({ chat }) {
      await chat.getByRole('button', { name: /^Model: Claude Opus/ }).waitFor();
    },
    async show({ editor }) {
      await (await openModelList(editor)).row('Claude Opus').waitFor();
    },
  },
  {
    name: 'models-search',
    options: { userConfig: { model: 'anthropic/claude-opus-4-5' }, env: keys },
    async prepare({ chat }) {
      await chat.getByRole('combobox', { name: 'Variant' }).selectOption('high');
    },
    async show({ editor }) {
      await (await openModelList(editor)).search('qwen3');
    },
  },
  {
    name: 'sign-in',
    options: { userConfig: {} },
    async prepare({ chat }) {
      await chat.getByText('Add a model to begin').waitFor();
    },
    async show({ editor, chat }) {
      await chat.getByRole('button', { name: 'Choose a model', exact: true }).click();
      await (await modelList(editor.page)).take('xai · sign in');
      await editor.page.locator('.quick-input-widget:visible .monaco-list-row').first().waitFor();
    },
  },
  {
    name: 'refused-key',
    async prepare({ chat }) {
      await send(chat, 'fail with 401');
      await chat.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    },
  },
  {
    name: 'withheld-key',
    options: { userConfig: { model: 'anthropic/claude-opus-4-5' }, env: keys },
    async prepare({ chat, editor, model }) {
      const project = { provider: { anthropic: { options: { baseURL: model.url } } } };
      await writeFile(join(editor.workspace, 'opencode.json'), JSON.stringify(project));
      await send(chat, 'say something');
      await chat.getByRole('button', { name: 'Allow this address…' }).waitFor();
    },
    async show({ chat, editor }) {
      await chat.getByRole('button', { name: 'Allow this address…' }).click();
      await editor.page.getByRole('button', { name: 'Allow and go on' }).waitFor();
    },
  },
  {
    name: 'untrusted',
    options: { trust: false },
    async prepare({ chat }) {
      await chat.getByText('This folder is not trusted').waitFor();
    },
  },
  {
    name: 'permission',
    async prepare({ chat, editor }) {
      await editor.openFile('greet.ts');
      await send(chat, 'rename greet to welcome');
      await chat.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'command',
    async prepare({ chat }) {
      await send(chat, 'run a command');
      await chat.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'streaming',
    async prepare({ chat, model }) {
      await send(chat, 'hang in the stream');
      await model.waitForRequest(1);
      await chat.getByRole('button', { name: 'Stop' }).waitFor();
      await chat.getByText('This answer begins').waitFor();
    },
  },
  {
    name: 'interrupted',
    async prepare({ chat }) {
      await send(chat, 'hang in the stream');
      await chat.getByText('This answer begins').waitFor();
      await chat.getByRole('button', { name: 'Stop' }).click();
      await chat.getByRole('button', { name: 'Continue' }).waitFor();
    },
  },
  {
    name: 'error',
    async prepare({ chat }) {
      await send(chat, 'fail with 429');
      await chat.getByRole('button', { name: 'Try again' }).waitFor();
    },
  },
  {
    name: 'markdown',
    async prepare({ chat }) {
      await send(chat, 'show all markdown');
      await settled(chat);
    },
  },
  {
    name: 'sessions',
    async prepare({ chat }) {
      for (const prompt of ['say something', 'show all markdown', 'fail with 401']) {
        await send(chat, prompt);
        await chat.getByRole('article', { name: 'You' }).first().waitFor();
        await settled(chat);
        await newSession(chat);
      }
      await chat.getByRole('button', { name: /^Sessions/ }).click();
    },
  },
  {
    name: 'session-search',
    async prepare({ chat }) {
      for (const prompt of ['say something', 'show all markdown']) {
        await send(chat, prompt);
        await chat.getByRole('button', { name: 'Copy answer' }).waitFor();
        await newSession(chat);
      }
      await chat.getByRole('button', { name: /^Sessions/ }).click();
      await chat.getByRole('searchbox').fill('markdown');
      await chat.getByRole('status').filter({ hasText: 'found' }).waitFor({ state: 'attached' });
    },
  },
  {
    name: 'compaction-failed',
    async prepare({ chat, model }) {
      await send(chat, 'say something');
      await chat.getByRole('button', { name: 'Copy answer' }).waitFor();
      await model[Symbol.asyncDispose]();
      await send(chat, '/compact');
      await chat.getByText('The conversation could not be folded.').first().waitFor();
    },
  },
  {
    name: 'queued',
    async prepare({ chat }) {
      await send(chat, 'hang in the stream');
      await chat.getByText('This answer begins').waitFor();
      await send(chat, 'also run the linter');
      await chat.getByText('Steers the run').waitFor();
      await chat.getByRole('textbox', { name: 'Prompt', exact: true }).fill('then write a changelog line');
      await chat.getByRole('button', { name: 'Steer or queue' }).click();
      await chat.getByRole('menuitem', { name: 'Send after this run' }).click();
      await chat.getByText('Queued', { exact: true }).waitFor();
    },
  },
  {
    name: 'compacting',
    async prepare({ chat, model }) {
      await send(chat, 'say something, then fold slowly');
      await chat.getByRole('button', { name: 'Copy answer' }).waitFor();
      await send(chat, '/compact');
      await model.reached('fold');
      await chat.getByRole('log').getByText('Folding the conversation…').waitFor();
    },
  },
  {
    name: 'compacted',
    async prepare({ chat }) {
      await send(chat, 'say something');
      await chat.getByRole('button', { name: 'Copy answer' }).waitFor();
      await send(chat, '/compact');
      await chat.getByRole('button', { name: 'Conversation folded · manual' }).click();
      await chat.getByText('Here nothing was removed').waitFor();
    },
  },
  {
    name: 'reverted',
    async prepare({ chat }) {
      await send(chat, 'say something');
      await chat.getByRole('button', { name: 'Copy answer' }).waitFor();
      await send(chat, 'show all markdown');
      await chat.getByRole('button', { name: 'Copy answer' }).nth(1).waitFor();
      await chat.getByRole('button', { name: 'Take back to here' }).last().click();
      await chat.getByText('taken back').waitFor();
    },
  },
  {
    name: 'usage',
    async prepare({ chat }) {
      await send(chat, 'say something');
      await chat.getByRole('button', { name: 'Copy answer' }).waitFor();
      await chat.getByRole('button', { name: 'tokens of context used' }).click();
      await chat.getByRole('dialog', { name: 'Usage of this session' }).waitFor();
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
