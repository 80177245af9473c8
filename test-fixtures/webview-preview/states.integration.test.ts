import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findViolations } from './axe.ts';
import { buildWebview, type WebviewBuild } from './build.ts';
import { launchBrowser, openPage } from './page.ts';
import { reach } from './reach.ts';
import { states } from './states.ts';

let built: WebviewBuild;
let browser: Browser;
beforeAll(async () => {
  [built, browser] = await Promise.all([buildWebview(), launchBrowser()]);
});
afterAll(() => browser.close());

for (const [name, state] of Object.entries(states)) {
  test(`the state "${name}" is accessible and breaks no rule of the page, light and narrow (QA-03)`, async () => {
    await using preview = await openPage(browser, built, { theme: 'light', width: 300 });
    await reach(preview, state);
    expect([...(await findViolations(preview.page)), ...preview.complaints]).toEqual([]);
  });
}

const inHighContrast = [
  ...['finished', 'permission-edit', 'permission-hostile', 'error-auth', 'sessions', 'queued'],
  ...['queued-edit', 'send-menu', 'compacted', 'usage', 'session-menu', 'session-search', 'reverted'],
];
test.each(inHighContrast)('the state "%s" is accessible in high contrast (QA-03)', async (name) => {
  const state = states[name];
  if (!state) throw new Error(`no state ${name}`);
  await using preview = await openPage(browser, built, { theme: 'hc-black', width: 420 });
  await reach(preview, state);
  expect([...(await findViolations(preview.page)), ...preview.complaints]).toEqual([]);
});

const inEveryWidth = [
  ...['finished', 'permission-hostile', 'tools-ended', 'markdown', 'error-auth', 'queued', 'queued-edit'],
  ...['send-menu', 'compacted', 'usage', 'session-menu', 'session-search', 'reverted'],
];

test.each([250, 300, 420, 900])('nothing is wider than the view at %d px', async (width) => {
  for (const name of inEveryWidth) {
    const state = states[name];
    if (!state) throw new Error(`no state ${name}`);
    await using preview = await openPage(browser, built, { width });
    await reach(preview, state);
    const wide = await preview.page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((element) => !element.closest('.visually-hidden, pre, .md-table, .picker'))
        .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 100)),
    );
    expect(wide, `${name} at ${width}`).toEqual([]);
  }
});

test.each([250, 300, 420, 765, 775, 900, 1600])(
  'the answer stands over the prompt box at %d px',
  async (width) => {
    const { finished } = states;
    if (!finished) throw new Error('no state finished');
    await using preview = await openPage(browser, built, { width });
    await reach(preview, finished);
    const edges = (selector: string) =>
      preview.page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { left, right } = element.getBoundingClientRect();
          return [Math.round(left), Math.round(right)];
        });
    expect(await edges('.prompt')).toEqual(await edges('.composer-box'));
  },
);

test('nothing turns while motion is unwanted', async () => {
  const { waiting } = states;
  if (!waiting) throw new Error('no state waiting');
  await using preview = await openPage(browser, built, { reducedMotion: true });
  await reach(preview, waiting);
  const moving = await preview.page.evaluate(
    () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
  );
  expect(moving).toBe(0);
});

test('the page is small enough to be there at once', () => {
  const [script, style] = [built.read('main.js'), built.read('main.css')];
  expect(script.byteLength).toBeLessThanOrEqual(260 * 1024);
  expect(style.byteLength).toBeLessThanOrEqual(32 * 1024);
});
