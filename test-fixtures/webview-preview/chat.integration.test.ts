import { expect, test } from 'vitest';
import {
  assistant,
  batch,
  choices,
  completed,
  failure,
  folder,
  permission,
  prompt,
  running,
  sampleDiff,
  session,
  sessionID,
  stateWith,
  text,
  toWebview,
  user,
  view,
} from './samples.ts';
import { usePreviews } from './use-previews.ts';

const { show } = await usePreviews();

const status = (type: 'idle' | 'busy') => ({
  type: 'session.status',
  properties: { sessionID, status: { type } },
});
const partUpdated = (part: unknown) => ({ type: 'message.part.updated', properties: { sessionID, part } });
const finished = () => [
  user('rename greet to welcome'),
  assistant([
    completed('read', { filePath: `${folder}/greet.ts` }, { metadata: { count: 12 }, output: '1: export' }),
    completed(
      'edit',
      { filePath: `${folder}/greet.ts` },
      { metadata: { additions: 3, deletions: 1, diff: sampleDiff } },
    ),
  ]),
  assistant([
    text('Renamed, see [greet.ts](greet.ts#L3) and [docs](https://example.com/x).\n\n```ts\nwelcome();\n```'),
  ]),
];

test('roles and names are those that tests and screen readers rely on (QA-03)', async () => {
  await using preview = await show(view({ messages: finished() }));
  const { page } = preview;
  const log = page.getByRole('log', { name: 'Conversation', exact: true });
  await expect.poll(() => log.getByRole('article', { name: 'You', exact: true }).count()).toBe(1);
  await expect.poll(() => log.getByRole('article', { name: 'build', exact: true }).count()).toBe(2);
  await expect(
    log.getByRole('group').evaluateAll((all) => all.map((each) => each.ariaLabel)),
  ).resolves.toEqual(['read greet.ts', 'edit greet.ts']);
  await expect
    .poll(() => page.getByRole('combobox', { name: 'Agent', exact: true }).inputValue())
    .toBe('build');
  await expect
    .poll(() =>
      page.getByRole('button', { name: 'Model: GPT-5.5. Choose another.', exact: true }).textContent(),
    )
    .toBe('GPT-5.5');
  await expect.poll(() => page.getByRole('combobox', { name: 'Variant', exact: true }).inputValue()).toBe('');
  await expect.poll(() => page.getByRole('button', { name: 'Send', exact: true }).count()).toBe(1);
  await expect.poll(() => page.getByRole('button', { name: 'Stop', exact: true }).count()).toBe(0);
  await expect(
    page.getByRole('heading', { level: 2, name: 'rename greet to welcome' }).count(),
  ).resolves.toBe(1);
  expect(preview.complaints).toEqual([]);
});

test('a missing batch is answered by asking for the state, and the chat goes on from it', async () => {
  await using preview = await show(view());
  await preview.send(batch(1, status('idle')), batch(3, status('busy')));
  await preview.waitForPost('resync');
  const messages = [user('hello')];
  await preview.send(stateWith(view({ messages }), { seq: 3 }), batch(4, status('busy')));
  await preview.page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  const posted = await preview.posted();
  expect(posted.filter(({ type }) => type === 'resync')).toHaveLength(1);
});

test('every batch is acknowledged once it is painted', async () => {
  await using preview = await show(view());
  for (const seq of [1, 2, 3]) {
    await preview.send(batch(seq, status(seq % 2 === 0 ? 'idle' : 'busy')));
    await preview.painted(seq);
  }
});

test('a sent prompt is in the conversation at once and leaves the box free; when refused it is back in the box', async () => {
  await using preview = await show(null, { sessions: [] });
  const { box, page } = preview;
  await box.fill('do it');
  await box.press('Enter');
  const submitted = await preview.waitForPost('prompt.submit');
  expect(submitted).toMatchObject({ sessionID: null, text: 'do it', delivery: 'steer', agent: 'build' });
  const article = page.getByRole('article', { name: 'You', exact: true });
  await article.waitFor();
  await expect.poll(() => box.inputValue()).toBe('');
  await box.pressSequentially('next');
  await preview.send(
    toWebview({
      type: 'prompt.refused',
      messageID: submitted.messageID,
      code: 'store.readonly',
      detail: 'disk full',
    }),
  );
  await page.getByRole('alert').waitFor();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('disk full');
  await expect.poll(() => box.inputValue()).toBe('do it\nnext');
  await expect.poll(() => article.count()).toBe(0);
});

test('the session that the first prompt makes is followed from its admission on', async () => {
  await using preview = await show(null, { sessions: [] });
  const { box, page } = preview;
  await box.fill('do it');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const { messageID } = await preview.waitForPost('prompt.submit');
  await preview.send(
    batch(
      1,
      { type: 'session.created', properties: { info: session } },
      {
        type: 'session.input.admitted',
        properties: { sessionID, prompt: { ...prompt('do it', 'steer'), id: messageID } },
      },
    ),
    batch(2, { type: 'session.input.promoted', properties: { sessionID, messageID } }, status('busy'), {
      type: 'message.updated',
      properties: { sessionID, info: user('do it', messageID).info },
    }),
  );
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  await expect.poll(() => page.getByRole('article', { name: 'You' }).count()).toBe(1);
});

test('Shift+Enter breaks the line, and Enter inside an input method composition sends nothing', async () => {
  await using preview = await show(view());
  const { box, page } = preview;
  await box.focus();
  await page.keyboard.type('a');
  await page.keyboard.press('Shift+Enter');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  await box.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true });
  await devtools.send('Input.insertText', { text: '日' });
  await expect.poll(() => box.inputValue()).toBe('a\n日');
  await page.keyboard.press('Enter');
  await expect(preview.waitForPost('prompt.submit')).resolves.toMatchObject({ text: 'a\n日' });
  const posted = await preview.posted();
  expect(posted.filter(({ type }) => type === 'prompt.submit')).toHaveLength(1);
});

test('Tab in an empty prompt switches the agent; with text it leaves, and Shift+Tab always leaves (UI-02)', async () => {
  await using preview = await show(view());
  const { box, page } = preview;
  await box.focus();
  await page.keyboard.press('Tab');
  await expect(preview.waitForPost('choices.change')).resolves.toMatchObject({ agent: 'plan' });
  await expect.poll(() => page.getByRole('combobox', { name: 'Agent' }).inputValue()).toBe('plan');
  await expect.poll(() => box.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('Shift+Tab');
  await expect.poll(() => box.evaluate((element) => element === document.activeElement)).toBe(false);
  await box.fill('text');
  await page.keyboard.press('Tab');
  await expect.poll(() => box.evaluate((element) => element === document.activeElement)).toBe(false);
  const posted = await preview.posted();
  expect(posted.filter(({ type }) => type === 'choices.change')).toHaveLength(1);
});

test('while a turn runs Stop stands beside Send, Enter steers and Alt+Enter queues', async () => {
  await using preview = await show(view({ busy: true, messages: [user('go')] }));
  const { box, page } = preview;
  await box.fill('also');
  await box.press('Enter');
  await box.fill('later');
  await box.press('Alt+Enter');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(preview.waitForPost('run.stop')).resolves.toMatchObject({ sessionID });
  const posted = await preview.posted();
  expect(posted.flatMap((each) => (each.type === 'prompt.submit' ? [each.delivery] : []))).toEqual([
    'steer',
    'queue',
  ]);
});

test('Up in an empty prompt brings back the last one', async () => {
  await using preview = await show(view({ messages: finished() }));
  await preview.box.press('ArrowUp');
  await expect.poll(() => preview.box.inputValue()).toBe('rename greet to welcome');
});

test('all models are asked for by keyboard, and a variant is picked beside the model (UI-05)', async () => {
  await using preview = await show(view());
  const { page } = preview;
  await page.getByRole('button', { name: 'Model: GPT-5.5. Choose another.' }).press('Enter');
  await preview.waitForPost('model.choose');
  const variant = page.getByRole('combobox', { name: 'Variant' });
  await variant.selectOption('high');
  await expect(preview.waitForPost('choices.change')).resolves.toEqual({
    type: 'choices.change',
    agent: 'build',
    model: { providerID: 'openai', modelID: 'gpt-5.5', variant: 'high' },
  });
  await expect.poll(() => variant.inputValue()).toBe('high');
});

test('a model without variants has no picker for them', async () => {
  const { variants: _, ...chosen } = choices.chosen;
  await using preview = await show(view(), { choices: { ...choices, chosen } });
  await preview.page.getByRole('button', { name: 'Model: GPT-5.5. Choose another.' }).waitFor();
  expect(await preview.page.getByRole('combobox', { name: 'Variant' }).count()).toBe(0);
});

test('without any model the one filled button shows all of them', async () => {
  await using preview = await show(null, { choices: { agents: [], agent: 'build', model: null } });
  await preview.page.getByRole('button', { name: 'Choose a model', exact: true }).click();
  await preview.waitForPost('model.choose');
});

test('a tool line opens by pointer and by keyboard, and its file opens in the editor', async () => {
  await using preview = await show(view({ messages: finished() }));
  const { page } = preview;
  const edit = page.getByRole('group', { name: /^edit/u });
  await edit.getByRole('button', { name: 'edit', exact: true }).press('Enter');
  await edit.getByRole('figure', { name: 'Changes' }).waitFor();
  await expect.poll(() => edit.locator('.diff-added').count()).toBe(3);
  await edit.getByRole('button', { name: 'greet.ts' }).click();
  await expect(preview.waitForPost('file.open')).resolves.toEqual({
    type: 'file.open',
    path: `${folder}/greet.ts`,
  });
  const read = page.getByRole('group', { name: /^read/u });
  await read.click();
  await expect.poll(() => read.textContent()).toContain('1: export');
});

test('links open by the host and never by the page', async () => {
  await using preview = await show(view({ messages: finished() }));
  const { page } = preview;
  const before = page.url();
  await page.getByRole('link', { name: 'docs' }).click();
  await expect(preview.waitForPost('link.open')).resolves.toEqual({
    type: 'link.open',
    href: 'https://example.com/x',
  });
  await page.getByRole('link', { name: 'greet.ts' }).click();
  await expect(preview.waitForPost('file.open')).resolves.toEqual({
    type: 'file.open',
    path: 'greet.ts',
    line: 3,
  });
  expect(page.url()).toBe(before);
});

test('code and answers are copied', async () => {
  await using preview = await show(view({ messages: finished() }));
  const { page } = preview;
  await page.getByRole('button', { name: 'Copy code' }).click();
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor({ state: 'attached' });
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('welcome();');
});

test('an error offers to try again, an interruption to go on, both on the last turn only', async () => {
  const failed = [user('go'), assistant([], { error: failure('server') })];
  await using preview = await show(view({ messages: failed }));
  await preview.page.getByRole('button', { name: 'Try again', exact: true }).click();
  await expect(preview.waitForPost('run.continue')).resolves.toMatchObject({ sessionID });
  await preview.send(
    stateWith(
      view({
        messages: [
          ...failed,
          user('on'),
          assistant([], { error: failure('interrupted', 'MessageAbortedError') }),
        ],
      }),
    ),
  );
  await preview.page.getByRole('button', { name: 'Continue', exact: true }).waitFor();
  await expect
    .poll(() => preview.page.getByRole('button', { name: 'Try again', exact: true }).count())
    .toBe(0);
});

test('a fault in the page is reported and shown, and the chat goes on (UI-06)', async () => {
  await using preview = await show(view({ messages: finished() }));
  const { page, box } = preview;
  await page.evaluate(() => {
    void Promise.reject(new Error('a lost promise'));
  });
  await expect(preview.waitForPost('error.report')).resolves.toMatchObject({ message: 'a lost promise' });
  await page.getByText('a lost promise').waitFor();
  await box.fill('still here');
  await box.press('Enter');
  await preview.waitForPost('prompt.submit');
});

test('a part that cannot be drawn says so, and the rest is drawn', async () => {
  await using preview = await show(view({ messages: [user('go')] }));
  const broken = { ...assistant([text('fine'), text('broken')], { id: 'msg_broken' }) };
  await preview.page.evaluate(
    ([info, parts]) => {
      // What no host sends: a call without its state, past every check.
      const bad = parts.map((part, index) => (index === 1 ? { ...part, type: 'tool', tool: 'read' } : part));
      const events = [
        { type: 'message.updated', properties: { sessionID: 'ses_preview', info } },
        ...bad.map((part) => ({
          type: 'message.part.updated',
          properties: { sessionID: 'ses_preview', part },
        })),
      ];
      window.postMessage({ type: 'events', seq: 1, events }, '*');
    },
    [broken.info, broken.parts] as const,
  );
  await preview.waitForPost('error.report');
  await preview.page.getByText('This part could not be shown').waitFor();
  await preview.page.getByText('fine', { exact: true }).waitFor();
});

test('the list of sessions opens from the title, finds by words, and opens one', async () => {
  const sessions = Array.from({ length: 300 }, (_, index) => ({
    ...session,
    id: `ses_${index}`,
    title: index === 250 ? 'The one about locks' : `Session ${index}`,
  }));
  await using preview = await show(view(), { sessions: [session, ...sessions] });
  const { page } = preview;
  await page.getByRole('button', { name: /^Sessions:/u }).press('Enter');
  await page.getByRole('searchbox', { name: 'Search sessions' }).fill('locks one');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(preview.waitForPost('session.open')).resolves.toMatchObject({ sessionID: 'ses_250' });
  await expect.poll(() => page.getByRole('searchbox').count()).toBe(0);
});

test('what the view kept comes back after a reload: the draft, the unsent prompt, the session', async () => {
  await using first = await show(view({ messages: finished() }));
  await first.box.fill('half a thou');
  const kept = await first.kept();
  await using second = await show(view({ messages: finished() }), {}, { kept });
  await expect.poll(() => second.box.inputValue()).toBe('half a thou');
  await using third = await show(null, { sessions: [session] }, { kept });
  await expect(third.waitForPost('session.open')).resolves.toMatchObject({ sessionID });
});

test('a prompt that was on its way when the view was reloaded is a draft again under its id (RT-17)', async () => {
  await using first = await show(view());
  await first.box.fill('do it');
  await first.box.press('Enter');
  const { messageID } = await first.waitForPost('prompt.submit');
  const kept = await first.kept();
  await using second = await show(view(), {}, { kept });
  await expect.poll(() => second.box.inputValue()).toBe('do it');
  await second.box.press('Enter');
  await expect(second.waitForPost('prompt.submit')).resolves.toMatchObject({ messageID, text: 'do it' });
});

test('the host puts the focus into the prompt box only when asked', async () => {
  await using preview = await show(view({ messages: finished() }));
  const focused = () => preview.page.evaluate(() => document.activeElement?.id ?? '');
  await expect.poll(() => focused()).toBe('');
  await preview.send(toWebview({ type: 'focus' }));
  await preview.page.waitForFunction(() => document.activeElement?.id === 'prompt');
});

test('text is translated where the host has a translation', async () => {
  await using preview = await show(view({ busy: true, messages: [user('go')] }), {
    translations: { Stop: 'Anhalten', Conversation: 'Gespräch' },
    choices,
  });
  await preview.page.getByRole('log', { name: 'Gespräch' }).waitFor();
  await preview.page.getByRole('button', { name: 'Anhalten', exact: true }).waitFor();
});

test.each([
  ['growing', '.md > p'],
  ['- one\n- two', '.md li:last-child > .tight'],
])('text that grows has a mark at its end, and none once it has ended: %j', async (words, place) => {
  const growing = assistant([text(words, true)], { open: true });
  await using preview = await show(view({ busy: true, messages: [user('go'), growing] }));
  const mark = () =>
    preview.page.locator(place).evaluate((element) => getComputedStyle(element, '::after').content);
  await expect.poll(mark).toContain('▍');
  await preview.send(
    batch(1, partUpdated({ ...growing.parts[0], time: { start: 1, end: 2 } }), {
      type: 'message.updated',
      properties: { sessionID, info: { ...growing.info, time: { created: 1, completed: 2 } } },
    }),
  );
  await expect.poll(mark).toBe('none');
});

test('a running command shows its newest lines and, when it ended, how', async () => {
  const made = assistant([running('shell', { command: 'npm test' }, { tail: 'one\ntwo\n', since: 5_000 })], {
    open: true,
  });
  await using preview = await show(view({ busy: true, messages: [user('go'), made] }));
  const group = preview.page.getByRole('group', { name: 'shell npm test' });
  await expect.poll(() => group.textContent()).toMatch(/\d+ s[\s\S]*two/u);
  const [part] = made.parts;
  const ended = completed(
    'shell',
    { command: 'npm test' },
    { metadata: { exit: 3 }, took: 6_100 },
  )(made.info.id);
  await preview.send(batch(1, partUpdated({ ...ended, id: part?.['id'] })));
  await group.getByText('exit 3').waitFor();
  await expect(group.textContent()).resolves.not.toContain('two');
});

test('a request whose tool is not on the screen stands at the end', async () => {
  const request = permission({
    subject: { type: 'path', filePath: '/etc/hosts' },
    tool: { messageID: 'msg_elsewhere', callID: 'x', name: 'read' },
    permission: 'external_directory',
  });
  await using preview = await show(view({ busy: true, permissions: [request], messages: [user('go')] }));
  await preview.page
    .getByRole('alertdialog', { name: 'Permission required' })
    .getByText('/etc/hosts')
    .waitFor();
});
