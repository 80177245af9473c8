import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { type ModelServer, startModelServer } from '../model-server/server.ts';
import { type Editor, type EditorOptions, openEditor } from './open-editor.ts';
import { scriptedConfig } from './scripted-config.ts';

/** Where a state is brought about: a fresh editor, its chat shown, and the scripted model it talks to. */
export interface Stage {
  readonly editor: Editor;
  /** Stays good over reloads; where the view may be hidden after one, `editor.chat()` shows it again. */
  readonly chat: FrameLocator;
  readonly model: ModelServer;
}

const scripts = join(import.meta.dirname, '../model-server/scripts');

/** Starts the model and opens an editor that has it as its only provider; `options` may say otherwise. */
export async function openStage(options: EditorOptions = {}): Promise<Stage & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const model = opened.use(await startModelServer({ scripts }));
  const editor = opened.use(await openEditor({ userConfig: scriptedConfig(model.url), ...options }));
  const chat = await editor.chat().catch(async (error: unknown) => {
    await editor.saveEvidence('chat');
    throw error;
  });
  const kept = opened.move();
  return { model, editor, chat, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
