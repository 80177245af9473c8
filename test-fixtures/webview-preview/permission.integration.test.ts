import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import type { PreviewPage } from './page.ts';
import {
  assistant,
  batch,
  folder,
  permission,
  running,
  sampleDiff,
  sessionID,
  user,
  view,
} from './samples.ts';
import { usePreviews } from './use-previews.ts';

const { show } = await usePreviews();

const request = (over: Readonly<Record<string, unknown>> = {}) =>
  permission({
    subject: { type: 'command', command: 'git push', workdir: `${folder}/app` },
    tool: { messageID: 'msg_ask', callID: 'call_0', name: 'shell' },
    ...over,
  });
type Request = ReturnType<typeof request>;

const calls = (count: number) => [
  user('push it'),
  assistant(
    Array.from({ length: count }, (_, index) =>
      running('shell', { command: `command ${index}` }, { callID: `call_${index}` }),
    ),
    { id: 'msg_ask', open: true },
  ),
];

/** A page whose clock stands still, in which requests come as events. */
async function ask(...requests: readonly Request[]) {
  const preview = await show(view({ busy: true, messages: calls(Math.max(1, requests.length)) }));
  await preview.page.clock.install({ time: 1_000_000 });
  await preview.page.clock.pauseAt(1_100_000);
  const card = preview.page.getByRole('alertdialog', { name: 'Permission required', exact: true });
  const appear = async () => {
    const events = requests.map((each) => ({
      type: 'permission.asked',
      properties: { sessionID, request: each },
    }));
    await preview.send(batch(1, ...events));
    await card.waitFor();
  };
  const button = (name: string) => card.getByRole('button', { name, exact: true });
  return { ...preview, card, appear, button, pass: (time: number) => preview.page.clock.runFor(time) };
}

const replies = async ({ posted }: Pick<PreviewPage, 'posted'>) =>
  (await posted()).flatMap((each) => (each.type === 'permission.reply' ? [each.reply] : []));

const replied = (seq: number, { id }: Readonly<Record<string, unknown>>, type = 'once') =>
  batch(seq, { type: 'permission.replied', properties: { sessionID, id, reply: { type } } });

const hasFocus = (locator: Locator) =>
  locator.evaluate((element) => element.contains(document.activeElement));

test('the card shows what will run, why it asks and the four answers; a click answers once (TL-09)', async () => {
  await using preview = await ask(request({ always: ['git push *'] }));
  await preview.appear();
  const words = (await preview.card.textContent()) ?? '';
  expect(words).toMatch(/Run a command\?[\s\S]*git push[\s\S]*build in \.\/app[\s\S]*Asks by default/u);
  expect(words).toContain('Always saves: shell git push *, for this project and build.');
  for (const name of ['Allow once', 'Always allow', 'Reject', 'Never allow']) {
    await expect.poll(() => preview.button(name).count()).toBe(1);
  }
  await preview.button('Always allow').click();
  await preview.button('Never allow').click({ force: true });
  expect(await replies(preview)).toEqual([{ type: 'always' }]);
});

test('what cannot be allowed for good says so instead of offering it', async () => {
  await using preview = await ask(request());
  await preview.appear();
  await expect.poll(() => preview.card.textContent()).toContain('Cannot be allowed for good.');
  await expect.poll(() => preview.button('Always allow').count()).toBe(0);
  await preview.button('Allow once').focus();
  await preview.pass(400);
  await preview.page.keyboard.press('2');
  expect(await replies(preview)).toEqual([]);
});

test('a card that appears takes no focus, and what is being typed goes on into the prompt', async () => {
  await using preview = await ask(request());
  const box = preview.page.getByRole('textbox', { name: 'Prompt' });
  await box.focus();
  await preview.page.keyboard.type('1 2');
  await preview.appear();
  await preview.page.keyboard.type(' 3 1');
  await expect.poll(() => box.inputValue()).toBe('1 2 3 1');
  expect(await replies(preview)).toEqual([]);
});

test('keys do nothing in the first 400 milliseconds, and answer after them', async () => {
  await using preview = await ask(request());
  await preview.appear();
  await preview.button('Allow once').focus();
  for (const key of ['Enter', '1', 'Space', '4']) await preview.page.keyboard.press(key);
  await preview.pass(399);
  await preview.page.keyboard.press('Enter');
  await preview.page.keyboard.press('3');
  expect(await replies(preview)).toEqual([]);
  await preview.pass(1);
  await preview.page.keyboard.press('3');
  expect(await replies(preview)).toEqual([{ type: 'reject' }]);
});

test('Enter on a button answers once the card hears keys', async () => {
  await using preview = await ask(request());
  await preview.appear();
  await preview.button('Allow once').focus();
  await preview.pass(400);
  await preview.page.keyboard.press('Enter');
  await preview.card.press('3');
  expect(await replies(preview)).toEqual([{ type: 'once' }]);
});

test('a key that is held down when the card comes never answers', async () => {
  await using preview = await ask(request());
  await preview.appear();
  await preview.button('Allow once').focus();
  await preview.page.keyboard.down('Enter');
  await preview.pass(1_000);
  // A second "down" without an "up" is the repetition of a held key.
  await preview.page.keyboard.down('Enter');
  await preview.page.keyboard.down('Enter');
  await preview.page.keyboard.up('Enter');
  expect(await replies(preview)).toEqual([]);
});

test('keys outside of the card do not answer it', async () => {
  await using preview = await ask(request());
  await preview.appear();
  await preview.pass(1_000);
  await preview.page.getByRole('log').focus();
  await preview.page.keyboard.press('1');
  expect(await replies(preview)).toEqual([]);
});

test('a rejection can carry words for the model', async () => {
  await using preview = await ask(request());
  await preview.appear();
  await preview.button('Say what to do instead').click();
  await preview.page.keyboard.type('use 1 branch first');
  expect(await replies(preview)).toEqual([]);
  await preview.page.keyboard.press('Enter');
  expect(await replies(preview)).toEqual([{ type: 'reject', message: 'use 1 branch first' }]);
});

test('several requests are asked one after the other, with the focus kept and the keys deaf again', async () => {
  const requests = [0, 1, 2].map((index) =>
    request({
      subject: { type: 'command', command: `command ${index}`, workdir: folder },
      tool: { messageID: 'msg_ask', callID: `call_${index}`, name: 'shell' },
    }),
  );
  await using preview = await ask(...requests);
  const { page, card } = preview;
  await preview.appear();
  await expect.poll(() => card.count()).toBe(1);
  await expect.poll(() => card.textContent()).toMatch(/1 of 3[\s\S]*command 0/u);
  await expect
    .poll(() => page.getByRole('group', { name: /^shell command 1/u }).textContent())
    .toContain('waiting for you');
  await preview.button('Allow once').focus();
  await preview.pass(400);
  await page.keyboard.press('1');
  await preview.send(replied(2, requests[0] ?? {}));
  await card.getByText('command 1').waitFor();
  await preview.pass(50);
  await expect.poll(() => hasFocus(card)).toBe(true);
  await page.keyboard.press('1');
  await expect(replies(preview)).resolves.toHaveLength(1);
  await preview.pass(400);
  await page.keyboard.press('4');
  expect(await replies(preview)).toEqual([{ type: 'once' }, { type: 'never' }]);
});

test('when the last card goes, the focus that was in it goes to the prompt', async () => {
  const only = request();
  await using preview = await ask(only);
  await preview.appear();
  await preview.button('Reject').focus();
  await preview.send(replied(2, only, 'reject'));
  await preview.card.waitFor({ state: 'detached' });
  await preview.pass(50);
  await expect.poll(() => hasFocus(preview.page.getByRole('textbox', { name: 'Prompt' }))).toBe(true);
});

test('there is one filled button on the screen, and it is on the card', async () => {
  await using preview = await ask(request());
  await preview.appear();
  const filled = preview.page.locator('.button-primary');
  await expect.poll(() => filled.allInnerTexts()).toEqual(['Allow once']);
});

test('nothing in a command is hidden: control characters and direction marks are spelled out', async () => {
  const command = 'echo a\u001b[2Kb \u202egnp.exe\u2069 c\u200bd\r\nrm -rf x';
  await using preview = await ask(request({ subject: { type: 'command', command, workdir: folder } }));
  await preview.appear();
  await expect
    .poll(() => preview.card.locator('.permission-whole').textContent())
    .toBe('echo a\\x1b[2Kb \\u202egnp.exe\\u2069 c\\u200bd\\x0d\nrm -rf x');
});

test('a long command is shown whole, wrapped, and never cut', async () => {
  const command = Array.from({ length: 60 }, (_, index) => `echo ${'x'.repeat(200)} ${index}`).join('\n');
  await using preview = await ask(request({ subject: { type: 'command', command, workdir: folder } }));
  await preview.appear();
  const cut = await preview.card
    .locator('.permission-whole')
    .evaluate(
      (element) => element.scrollHeight > element.clientHeight || element.scrollWidth > element.clientWidth,
    );
  expect(cut).toBe(false);
});

test('an edit is asked with its diff and the rule that made it ask', async () => {
  const edit = request({
    permission: 'edit',
    always: ['greet.ts'],
    origin: { layer: 'project', rule: { permission: 'edit', pattern: '*', action: 'ask' } },
    subject: { type: 'edit', filePath: `${folder}/greet.ts`, diff: sampleDiff, additions: 3, deletions: 1 },
    tool: { messageID: 'msg_ask', callID: 'call_0', name: 'edit' },
  });
  await using preview = await ask(edit);
  await preview.appear();
  await expect.poll(() => preview.card.locator('.diff-added').count()).toBe(3);
  await expect
    .poll(() => preview.card.textContent())
    .toMatch(
      /Edit this file\?[\s\S]*greet\.ts[\s\S]*Asks because of the rule edit \* in this project's configuration\./u,
    );
});
