import { afterAll } from 'vitest';
import { buildWebview, type WebviewBuild } from './build.ts';
import { launchBrowser, openPage, type PageOptions, type PreviewPage } from './page.ts';
import { stateWith } from './samples.ts';

/** What the tests of a file open pages with. */
export interface Previews {
  readonly built: WebviewBuild;
  /** A page that the host has told nothing yet. */
  readonly open: (options?: PageOptions) => Promise<PreviewPage>;
  /** A page that shows one window; `over` is laid over the whole state. */
  readonly show: (
    window: unknown,
    over?: Readonly<Record<string, unknown>>,
    options?: PageOptions,
  ) => Promise<PreviewPage>;
}

/** The webview as it is now, and a browser for it; to be awaited above the tests of a file, and closed after them. */
export async function usePreviews(): Promise<Previews> {
  const built = await buildWebview();
  const browser = await launchBrowser();
  afterAll(() => browser.close());
  const open = (options: PageOptions = {}) => openPage(browser, built, options);
  return {
    built,
    open,
    async show(window, over = {}, options = {}) {
      const preview = await open(options);
      await preview.waitForPost('ready');
      await preview.send(stateWith(window, over));
      await preview.waitForPost('ack');
      return preview;
    },
  };
}
