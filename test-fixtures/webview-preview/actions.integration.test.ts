import { expect, test } from 'vitest';
import { findViolations } from './axe.ts';
import {
  assistant,
  batch,
  failure,
  folded,
  session,
  sessionID,
  stateWith,
  text,
  toWebview,
  user,
  view,
} from './samples.ts';
import { usePreviews } from './use-previews.ts';

// Small things that are done with a session and its turns, and how they are reached without a pointer that hovers.

const { show } = await usePreviews();

const other = { ...session, id: 'ses_other', title: 'Another one' };
const opened = (width = 420) =>
  show(view({ messages: [user('go')] }), { sessions: [session, other] }, { width });
const renames = async ({ posted }: Awaited<ReturnType<typeof opened>>) =>
  (await posted()).flatMap((each) => (each.type === 'session.rename' ? [each] : []));

test('the title is edited in its place by F2: Enter keeps it, Escape does not, and the focus comes back (RT-19)', async () => {
  await using preview = await opened();
  const { page } = preview;
  const title = page.getByRole('button', { name: 'Sessions: Fix the flaky login test' });
  const field = page.getByRole('textbox', { name: 'Title' });
  const hasFocus = () => title.evaluate((element) => element === document.activeElement);
  await title.press('F2');
  await expect
    .poll(() => field.evaluate((element) => element === document.activeElement && String(getSelection())))
    .toBe(session.title);
  await page.keyboard.type('Not this');
  await page.keyboard.press('Escape');
  await expect.poll(hasFocus).toBe(true);
  await page.keyboard.press('F2');
  await page.keyboard.type('  The login test ');
  await page.keyboard.press('Enter');
  await expect.poll(hasFocus).toBe(true);
  await expect(renames(preview)).resolves.toEqual([
    { type: 'session.rename', sessionID, title: 'The login test' },
  ]);
  await preview.send(
    batch(1, { type: 'session.updated', properties: { info: { ...session, title: 'The login test' } } }),
  );
  await page.getByRole('button', { name: 'Sessions: The login test' }).waitFor();
  await expect.poll(() => page.getByRole('heading', { level: 1 }).count()).toBe(1);
});

test('the pencil opens the title by keyboard; an empty title and the old one are no new title', async () => {
  await using preview = await opened();
  const { page } = preview;
  const pencil = page.getByRole('button', { name: 'Rename session' });
  for (const typed of ['   ', session.title]) {
    await pencil.focus();
    await expect(pencil.evaluate((element) => getComputedStyle(element).opacity)).resolves.toBe('1');
    await pencil.press('Enter');
    await page.getByRole('textbox', { name: 'Title' }).fill(typed);
    await page.keyboard.press('Enter');
  }
  await pencil.waitFor();
  await expect(renames(preview)).resolves.toEqual([]);
});

test('a title that is left by the pointer is kept, and the focus stays where it went', async () => {
  await using preview = await opened();
  const { page, box } = preview;
  await page.getByRole('button', { name: 'Rename session' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Kept');
  await box.click();
  await page.getByRole('button', { name: /^Sessions/u }).waitFor();
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
  await expect(page.evaluate(() => document.activeElement?.id)).resolves.toBe('prompt');
  await expect(renames(preview)).resolves.toMatchObject([{ sessionID, title: 'Kept' }]);
});

test('a session that comes in the middle of editing is not renamed', async () => {
  await using preview = await opened();
  const { page, box } = preview;
  await page.getByRole('button', { name: 'Rename session' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Of the first');
  await preview.send(stateWith(view({ header: other }), { sessions: [session, other] }));
  await page.getByRole('button', { name: 'Sessions: Another one' }).waitFor();
  await box.click();
  expect((await renames(preview)).map((each) => each.sessionID)).not.toContain(other.id);
});

test('a session without a prompt has no title to edit', async () => {
  await using preview = await show(null, { sessions: [session] });
  await preview.page.getByRole('button', { name: 'Sessions: New session' }).press('F2');
  await expect.poll(() => preview.page.getByRole('textbox', { name: 'Title' }).count()).toBe(0);
  await expect.poll(() => preview.page.getByRole('button', { name: 'Rename session' }).count()).toBe(0);
});

test.each([250, 300, 420])(
  'at %d px what a search found is plain text, marked and in sight (RT-19)',
  async (width) => {
    await using preview = await opened(width);
    const { page } = preview;
    await page.getByRole('button', { name: /^Sessions/u }).click();
    await page.getByRole('searchbox').fill('redirect');
    await preview.waitForPost('session.search');
    const snippet =
      '…**Why.** It raced the `redirect` in `tests/login.test.ts`. - It waits for the page now, and pas…';
    await preview.send(
      toWebview({ type: 'sessions.found', query: 'redirect', found: [{ id: 'ses_other', snippet }] }),
    );
    const line = page.locator('.session-snippet');
    await expect
      .poll(() => line.textContent())
      .toBe('…It raced the redirect in tests/login.test.ts. It waits for the page now, and pas…');
    await expect.poll(() => line.locator('mark').allTextContents()).toEqual(['redirect']);
    const [box, mark] = await Promise.all([line.boundingBox(), line.locator('mark').boundingBox()]);
    // The last 12 pixels may be those of the ellipsis.
    expect((mark?.x ?? 0) + (mark?.width ?? 0)).toBeLessThan((box?.x ?? 0) + (box?.width ?? 0) - 12);
  },
);

test.each([
  ['answered', assistant([text('Done.')], { id: 'msg_last' })],
  ['failed', assistant([], { id: 'msg_last', error: failure('server') })],
  ['interrupted', assistant([text('Do')], { id: 'msg_last', error: failure('x', 'MessageAbortedError') })],
] as const)(
  'the trace of a turn that was %s is opened from its end, by keyboard (RT-15)',
  async (_, last) => {
    const messages = [
      user('go'),
      assistant([text('First.')], { id: 'msg_first' }),
      last,
      folded('manual', 'All.'),
    ];
    await using preview = await show(view({ messages }));
    await preview.page.getByRole('button', { name: 'Show turn trace', exact: true }).press('Enter');
    await expect(preview.waitForPost('trace.show')).resolves.toEqual({
      type: 'trace.show',
      sessionID,
      messageID: 'msg_last',
    });
  },
);

test('a turn that runs, and one that nothing answered, have no trace to open', async () => {
  await using preview = await show(
    view({ busy: true, messages: [user('go'), assistant([text('Do', true)], { open: true })] }),
  );
  const trace = preview.page.getByRole('button', { name: 'Show turn trace' });
  await expect.poll(() => trace.count()).toBe(0);
  await preview.send(stateWith(view({ messages: [user('go')] })));
  await expect.poll(() => trace.count()).toBe(0);
});

const actions = [
  'Take back to here',
  'Fork from here',
  'Copy prompt',
  'Copy answer',
  'Show turn trace',
  'Rename session',
  'Actions for Another one',
];

test.each(['light', 'dark', 'hc-black', 'hc-light'] as const)(
  'where nothing hovers every action is seen, large enough for a finger, and covers no text: %s (QA-03)',
  async (theme) => {
    const turn = () => [user('go and look at everything that there is'), assistant([text('Done.')])];
    const messages = [...turn(), ...turn()];
    const sessions = [session, other];
    await using preview = await show(view({ messages }), { sessions }, { touch: true, theme, width: 300 });
    const { page } = preview;
    await page.getByRole('button', { name: /^Sessions/u }).click();
    for (const name of actions) {
      const button = page.getByRole('button', { name, exact: true }).first();
      const seen = await button.evaluate((element) => {
        let opacity = 1;
        for (let at: Element | null = element; at; at = at.parentElement)
          opacity *= Number(getComputedStyle(at).opacity);
        const { width, height } = element.getBoundingClientRect();
        return { opacity, isLarge: width >= 24 && height >= 24 };
      });
      expect(seen, name).toEqual({ opacity: 1, isLarge: true });
    }
    const bottom = await page
      .locator('.prompt-text')
      .first()
      .evaluate((element) => element.getBoundingClientRect().bottom);
    const top = await page
      .locator('.prompt-actions')
      .first()
      .evaluate((element) => element.getBoundingClientRect().top);
    expect(top).toBeGreaterThanOrEqual(bottom);
    await expect(findViolations(page)).resolves.toEqual([]);
  },
);

test('where a pointer hovers the actions of a prompt wait for it', async () => {
  await using preview = await show(view({ messages: [user('go'), assistant([text('Done.')])] }));
  const { page } = preview;
  const opacity = () =>
    page.locator('.prompt-actions').evaluate((element) => getComputedStyle(element).opacity);
  await page.mouse.move(5, 700);
  await expect.poll(opacity).toBe('0');
  await page.getByRole('article', { name: 'You' }).hover();
  await expect.poll(opacity).toBe('1');
});

test.each([
  [352_000, 1],
  [136_000, 0],
])('the usage says what to do when the context is nearly full: %d of 400,000', async (tokens, told) => {
  await using preview = await show(view({ messages: [user('go'), assistant([text('Done.')], { tokens })] }));
  await preview.page.getByRole('button', { name: 'tokens of context used' }).click();
  await preview.page.getByRole('dialog', { name: 'Usage of this session' }).waitFor();
  await expect.poll(() => preview.page.getByText('/compact folds the conversation').count()).toBe(told);
});
