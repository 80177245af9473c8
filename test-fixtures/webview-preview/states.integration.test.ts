import { expect, test } from 'vitest';
import { findViolations } from './axe.ts';
import type { PageOptions } from './page.ts';
import { reach } from './reach.ts';
import { states } from './states.ts';
import { usePreviews } from './use-previews.ts';

const { built, open } = await usePreviews();

/** A page in the state of that name. */
async function reached(name: string, options: PageOptions = {}) {
  const state = states[name];
  if (!state) throw new Error(`no state ${name}`);
  const preview = await open(options);
  await reach(preview, state);
  return preview;
}

test.each(Object.keys(states))(
  'the state "%s" is accessible and breaks no rule of the page, light and narrow (QA-03)',
  async (name) => {
    await using preview = await reached(name, { theme: 'light', width: 300 });
    expect([...(await findViolations(preview.page)), ...preview.complaints]).toEqual([]);
  },
);

const inHighContrast = [
  ...['finished', 'permission-edit', 'permission-hostile', 'error-auth', 'sessions', 'queued'],
  ...['queued-edit', 'send-menu', 'compacted', 'usage', 'session-menu', 'session-search', 'reverted'],
  ...['session-rename', 'usage-nearly-full'],
];
test.each(inHighContrast)('the state "%s" is accessible in high contrast (QA-03)', async (name) => {
  await using preview = await reached(name, { theme: 'hc-black', width: 420 });
  expect([...(await findViolations(preview.page)), ...preview.complaints]).toEqual([]);
});

const inEveryWidth = [
  ...['finished', 'permission-hostile', 'tools-ended', 'markdown', 'error-auth', 'queued', 'queued-edit'],
  ...['send-menu', 'compacted', 'usage', 'session-menu', 'session-search', 'session-rename', 'reverted'],
];

test.each([250, 300, 420, 900])('nothing is wider than the view at %d px', async (width) => {
  for (const name of inEveryWidth) {
    await using preview = await reached(name, { width });
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
    await using preview = await reached('finished', { width });
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
  await using preview = await reached('waiting', { reducedMotion: true });
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
