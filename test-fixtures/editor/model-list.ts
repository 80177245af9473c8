import type { Locator, Page } from 'playwright-core';
import type { Editor } from './open-editor.ts';

/** The editor's own list over the window, in which models and providers are chosen. */
export interface ModelList {
  /** The line with these words, of those that are drawn. */
  row(words: string): Locator;
  /** Leaves only the lines that have these words, and waits for the first of them. */
  search(words: string): Promise<Locator>;
  /** Searches, and takes the first line. */
  take(words: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the model picker by its command. */
export async function openModelList(editor: Editor): Promise<ModelList> {
  await editor.command('Millrace: Choose Model…');
  return modelList(editor.page);
}

/** The model picker that something else has opened. */
export async function modelList(page: Page): Promise<ModelList> {
  const widget = page.locator('.quick-input-widget:visible');
  const input = widget.getByPlaceholder('Choose a model');
  await input.waitFor();
  const row = (words: string) => widget.locator('.monaco-list-row', { hasText: words }).first();
  const search = async (words: string) => {
    await input.fill(words);
    await row(words).waitFor();
    return row(words);
  };
  return {
    row,
    search,
    async take(words) {
      await (await search(words)).click();
      await input.waitFor({ state: 'hidden' });
    },
    async close() {
      await input.press('Escape');
      await input.waitFor({ state: 'hidden' });
    },
  };
}
