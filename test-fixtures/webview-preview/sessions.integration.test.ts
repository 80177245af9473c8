import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  assistant,
  batch,
  folded,
  prompt,
  session,
  sessionID,
  text,
  toWebview,
  user,
  view,
} from './samples.ts';
import { usePreviews } from './use-previews.ts';

const { show } = await usePreviews();

const waitForFocus = (page: Page, label: string) =>
  page.waitForFunction((wanted) => document.activeElement?.ariaLabel === wanted, label);
const steer = prompt('Also run the linter.', 'steer');
const waiting = () =>
  show(
    view({ busy: true, messages: [user('go')], inbox: [steer, prompt('Then a changelog line.', 'queue')] }),
  );

test('a waiting prompt says what becomes of it, and is changed in its place by keyboard alone (RT-10)', async () => {
  await using preview = await waiting();
  const { page } = preview;
  const inbox = page.getByRole('region', { name: 'Waiting prompts' });
  await expect
    .poll(() => inbox.getByRole('article').allTextContents())
    .toEqual(['Also run the linter.Steers the run', 'Then a changelog line.Queued']);
  await inbox.getByRole('button', { name: 'Edit this prompt' }).first().press('Enter');
  await waitForFocus(page, 'Text of the waiting prompt');
  await page.keyboard.type(' And the types.');
  await page.keyboard.press('Enter');
  await expect(preview.waitForPost('input.edit')).resolves.toMatchObject({
    messageID: steer.id,
    text: 'Also run the linter. And the types.',
  });
  await waitForFocus(page, 'Edit this prompt');
  await page.keyboard.press('Enter');
  await waitForFocus(page, 'Text of the waiting prompt');
  await page.keyboard.type('x');
  await page.keyboard.press('Escape');
  await waitForFocus(page, 'Edit this prompt');
  const posted = await preview.posted();
  expect(posted.filter(({ type }) => type === 'input.edit')).toHaveLength(1);
});

test('a prompt that is promoted while it is edited gives what was typed to the prompt box (RT-10)', async () => {
  await using preview = await waiting();
  const { page, box } = preview;
  await page.getByRole('button', { name: 'Edit this prompt' }).first().click();
  await page.keyboard.type(' Quickly.');
  const messageID = steer.id;
  await preview.send(batch(1, { type: 'session.input.promoted', properties: { sessionID, messageID } }));
  await page.getByText('The model had read this prompt before your change came').waitFor();
  await expect.poll(() => box.inputValue()).toBe('Also run the linter. Quickly.');
});

test('a cancelled prompt comes back into the prompt box, with the focus (RT-10)', async () => {
  await using preview = await waiting();
  const { page, box } = preview;
  await page.getByRole('button', { name: 'Cancel this prompt' }).first().press('Enter');
  await expect(preview.waitForPost('input.cancel')).resolves.toMatchObject({ messageID: steer.id });
  const cancelled = { type: 'session.input.cancelled', properties: { sessionID, messageID: steer.id } };
  await preview.send(batch(1, cancelled), toWebview({ type: 'draft', text: steer.text }));
  await page.waitForFunction(() => document.activeElement?.id === 'prompt');
  await expect.poll(() => box.inputValue()).toBe(steer.text);
  await expect.poll(() => page.getByText('Steers the run').count()).toBe(0);
});

test('the menu beside Send queues a prompt by keyboard, and gives the focus back (RT-10)', async () => {
  await using preview = await show(view({ busy: true, messages: [user('go')] }));
  const { page, box } = preview;
  await box.fill('later');
  await page.getByRole('button', { name: 'Steer or queue' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Send after this run' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.role === 'menuitem');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(preview.waitForPost('prompt.submit')).resolves.toMatchObject({
    text: 'later',
    delivery: 'queue',
  });
  await page.waitForFunction(() => document.activeElement?.id === 'prompt');
});

test('/compact folds the conversation and is never sent as a prompt (RT-07)', async () => {
  await using preview = await show(view({ messages: [user('go')] }));
  await preview.box.fill('/compact');
  await preview.box.press('Enter');
  await expect(preview.waitForPost('session.compact')).resolves.toEqual({
    type: 'session.compact',
    sessionID,
  });
  await expect.poll(() => preview.box.inputValue()).toBe('');
  const posted = await preview.posted();
  expect(posted.some(({ type }) => type === 'prompt.submit')).toBe(false);
});

test('/compact before the first prompt says that there is nothing to fold', async () => {
  await using preview = await show(null, { sessions: [] });
  await preview.box.fill('/compact');
  await preview.box.press('Enter');
  await preview.page.getByText('There is no conversation to fold yet.').waitFor();
  const posted = await preview.posted();
  expect(posted.some(({ type }) => type === 'prompt.submit' || type === 'session.compact')).toBe(false);
});

test('a Compaction shows one line while it runs and opens to its summary when it is done (RT-07)', async () => {
  const open = folded('manual', '**Goal.** Half', { open: true, id: 'msg_summary' });
  await using preview = await show(
    view({ busy: true, messages: [user('go'), assistant([text('Done.')]), open] }),
  );
  const { page } = preview;
  await page.getByRole('log').getByText('Folding the conversation…').waitFor();
  // Who does not see it is told, too.
  await page
    .getByRole('status')
    .filter({ hasText: 'Folding the conversation…' })
    .waitFor({ state: 'attached' });
  await expect.poll(() => page.getByText('Goal.').count()).toBe(0);
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  const done = folded('manual', '**Goal.** The whole', { id: 'msg_summary' });
  await preview.send(
    batch(
      1,
      ...done.parts.map((part) => ({
        type: 'message.part.updated',
        properties: { sessionID, part: { ...part, id: open.parts[done.parts.indexOf(part)]?.['id'] } },
      })),
      { type: 'message.updated', properties: { sessionID, info: done.info } },
      { type: 'session.status', properties: { sessionID, status: { type: 'idle' } } },
    ),
  );
  await page.getByRole('button', { name: 'Conversation folded · manual' }).press('Enter');
  await page.getByText('The whole').waitFor();
});

test('the usage opens and closes by keyboard, with all five kinds of tokens (RT-20)', async () => {
  const tokens = { input: 1_000, output: 2_000, reasoning: 3_000, cache: { read: 4_000, write: 5_000 } };
  await using preview = await show(view({ messages: [user('go')], header: { tokens, cost: 0.5 } }));
  const { page } = preview;
  const button = page.getByRole('button', { name: 'Usage of this session' });
  await button.press('Enter');
  const details = page.getByRole('dialog', { name: 'Usage of this session' });
  await expect
    .poll(() => details.locator('.usage-row').allTextContents())
    .toEqual(['Input1.0k', 'Output2.0k', 'Reasoning3.0k', 'Cache read4.0k', 'Cache write5.0k', 'Cost$0.50']);
  await page.keyboard.press('Escape');
  await expect.poll(() => details.count()).toBe(0);
  await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
});

const titled = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...session,
    id: `ses_${index}`,
    title: `Session ${index}`,
  }));

test('a search asks on only after an answer, and then for what stands in the box (RT-19)', async () => {
  await using preview = await show(view(), { sessions: [session, ...titled(3)] });
  const { page } = preview;
  await page.getByRole('button', { name: /^Sessions:/u }).click();
  const search = page.getByRole('searchbox');
  await search.pressSequentially('abc');
  const queries = async () =>
    (await preview.posted()).flatMap((each) => (each.type === 'session.search' ? [each.query] : []));
  await expect.poll(() => queries()).toEqual(['a']);
  await page.getByText('Searching').waitFor();
  await preview.send(toWebview({ type: 'sessions.found', query: 'a', found: [] }));
  await page.waitForFunction(
    () => (globalThis as unknown as { posted: { query?: string }[] }).posted.at(-1)?.query === 'abc',
  );
  await preview.send(
    toWebview({
      type: 'sessions.found',
      query: 'abc',
      found: [{ id: 'ses_2', snippet: '…abc in an answer…' }],
    }),
  );
  await page.getByText('…abc in an answer…').waitFor();
  await search.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(preview.waitForPost('session.open')).resolves.toMatchObject({ sessionID: 'ses_2' });
  await expect.poll(() => queries()).toEqual(['a', 'abc']);
});

test('a session is renamed in its place: Enter keeps the title, Escape does not and leaves the list open (RT-19)', async () => {
  await using preview = await show(view(), { sessions: [session, ...titled(2)] });
  const { page } = preview;
  await page.getByRole('button', { name: /^Sessions:/u }).click();
  const line = page.getByRole('button', { name: /^Session 1/u });
  const title = page.getByRole('textbox', { name: 'Title' });
  await line.press('F2');
  await title.fill('Nothing');
  await title.press('Escape');
  await line.waitFor();
  await line.press('F2');
  await title.fill(' A better name ');
  await title.press('Enter');
  await expect(preview.waitForPost('session.rename')).resolves.toEqual({
    type: 'session.rename',
    sessionID: 'ses_1',
    title: 'A better name',
  });
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Session 1'));
  const posted = await preview.posted();
  expect(posted.filter(({ type }) => type === 'session.rename')).toHaveLength(1);
});

test.each([
  ['Fork', { type: 'session.fork', sessionID: 'ses_0', messageID: null }],
  ['Export…', { type: 'session.export', sessionID: 'ses_0' }],
  ['Archive', { type: 'session.archive', sessionID: 'ses_0', archived: true }],
  ['Delete…', { type: 'session.delete', sessionID: 'ses_0' }],
] as const)('%s is in the menu of each session, by keyboard (RT-19)', async (name, message) => {
  await using preview = await show(view(), { sessions: [session, ...titled(2)] });
  const { page } = preview;
  await page.getByRole('button', { name: /^Sessions:/u }).press('Enter');
  await page.getByRole('button', { name: 'Actions for Session 0' }).press('Enter');
  await page.getByRole('menuitem', { name }).press('Enter');
  await expect(preview.waitForPost(message.type)).resolves.toEqual(message);
  await page.getByRole('searchbox').waitFor();
});

test('of hundreds of sessions a part is drawn, and more when they are asked for', async () => {
  await using preview = await show(view(), { sessions: titled(500) });
  const { page } = preview;
  await page.getByRole('button', { name: /^Sessions:/u }).click();
  const drawn = page.locator('.session-line');
  await expect.poll(() => drawn.count()).toBe(50);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect.poll(() => drawn.count()).toBe(150);
});

test('archived sessions lie under a fold, and come back from there (RT-19)', async () => {
  const away = {
    ...session,
    id: 'ses_away',
    title: 'Put away',
    time: { created: 1, updated: 1, archived: 2 },
  };
  await using preview = await show(view(), { sessions: [session, away] });
  const { page } = preview;
  await page.getByRole('button', { name: /^Sessions:/u }).click();
  await expect.poll(() => page.getByText('Put away').count()).toBe(0);
  await page.getByRole('button', { name: 'Archived (1)' }).press('Enter');
  await page.getByRole('button', { name: 'Actions for Put away' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Unarchive' }).press('Enter');
  await expect(preview.waitForPost('session.archive')).resolves.toMatchObject({ archived: false });
});

test('a prompt is forked from and taken back to by keyboard (RT-19, RT-21)', async () => {
  const asked = user('go');
  await using preview = await show(view({ messages: [asked, assistant([text('Done.')])] }));
  const { page } = preview;
  const box = page.getByRole('article', { name: 'You' });
  const messageID = asked.info.id;
  await box.getByRole('button', { name: 'Fork from here' }).press('Enter');
  await expect(preview.waitForPost('session.fork')).resolves.toMatchObject({ sessionID, messageID });
  const back = box.getByRole('button', { name: 'Take back to here' });
  await back.focus();
  await expect(
    box.locator('.prompt-actions').evaluate((element) => getComputedStyle(element).opacity),
  ).resolves.toBe('1');
  await back.press('Enter');
  await expect(preview.waitForPost('session.revert')).resolves.toMatchObject({ sessionID, messageID });
});

test('what was taken back is not drawn, and is said until it is brought back (RT-21)', async () => {
  const second = user('and this');
  const messages = [user('go'), assistant([text('Done.')]), second, assistant([text('That too.')])];
  await using preview = await show(view({ messages }));
  const { page, box } = preview;
  const revert = { messageID: second.info.id, messages: 2, files: 1 };
  const header = (over: object) => ({
    type: 'session.updated',
    properties: { info: { ...session, ...over } },
  });
  await preview.send(batch(1, header({ revert })), toWebview({ type: 'draft', text: 'and this' }));
  await page.getByText('2 messages and 1 file taken back.').waitFor();
  await expect.poll(() => page.getByText('That too.').count()).toBe(0);
  await expect.poll(() => box.inputValue()).toBe('and this');
  await page.getByRole('button', { name: 'Bring back' }).press('Enter');
  await preview.waitForPost('session.unrevert');
  await expect.poll(() => box.inputValue()).toBe('');
  await preview.send(batch(2, header({})));
  await page.getByText('That too.').waitFor();
  await expect.poll(() => page.getByText('taken back').count()).toBe(0);
});

test('a changed prompt stays in the box when what was taken back is brought back', async () => {
  const messages = [user('go'), assistant([text('Done.')])];
  const revert = { messageID: messages[0]?.info.id, messages: 2, files: 0 };
  await using preview = await show(view({ messages, header: { revert } }));
  await preview.page.getByText('2 messages taken back.').waitFor();
  await preview.box.fill('go slowly');
  await preview.page.getByRole('button', { name: 'Bring back' }).click();
  await preview.waitForPost('session.unrevert');
  await expect.poll(() => preview.box.inputValue()).toBe('go slowly');
});

test.each([
  ['Adopt', 'sessions.adopt'],
  ['Not now', 'sessions.adopt.decline'],
] as const)('sessions of a moved folder are offered with the button %s', async (name, type) => {
  const data = { '0': '/old', '1': 3, storage: '/storage/of/old' };
  const notices = [{ key: 'adopt', level: 'info', code: 'sessions.adoptable', data }];
  await using preview = await show(view(), { notices });
  await preview.page.getByText('Sessions of /old seem to belong to this folder: 3.').waitFor();
  await preview.page.getByRole('button', { name, exact: true }).click();
  await expect(preview.waitForPost(type)).resolves.toEqual({ type, storage: '/storage/of/old' });
});

test('named characters are written as what they name, and unknown names as they stand', async () => {
  const answer = assistant([text('&copy; &AMP; &semi; &notit; &hearts;&nosuch; &amp;lt;')]);
  await using preview = await show(view({ messages: [user('go'), answer] }));
  await expect
    .poll(() => preview.page.getByRole('article', { name: 'build' }).textContent())
    .toBe('© & ; &notit; ♥&nosuch; &lt;');
});
