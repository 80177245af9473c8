import { expect, test } from 'vitest';
import type { PageOptions } from './page.ts';
import { assistant, batch, sessionID, text, toWebview, user, view } from './samples.ts';
import { usePreviews } from './use-previews.ts';

const { show } = await usePreviews();

const paragraphs = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `${word} ${index}: a line of an answer.`).join('\n\n');

/** Ids that stay the same from page to page. */
const turns = (from: number, count: number) =>
  Array.from({ length: count }, (_, offset) => [
    user(`prompt ${from + offset}`, `msg_u${String(from + offset).padStart(4, '0')}`),
    assistant([text(paragraphs(8, 'old'))], { id: `msg_a${String(from + offset).padStart(4, '0')}` }),
  ]).flat();

const streamed = assistant([text('begin', true)], { id: 'msg_live', open: true });
const partID = String(streamed.parts[0]?.['id']);
const delta = (words: string) => ({
  type: 'message.part.delta',
  properties: { sessionID, messageID: 'msg_live', partID, field: 'text', delta: words },
});

/** A page with a few turns, the last of them streaming. */
async function open(options: PageOptions = {}, over: Readonly<Record<string, unknown>> = {}) {
  const messages = [...turns(10, 6), user('go', 'msg_go'), streamed];
  const preview = await show(view({ busy: true, messages }), over, { height: 500, ...options });
  const log = preview.page.getByRole('log');
  const fromEnd = () => log.evaluate((view) => view.scrollHeight - view.scrollTop - view.clientHeight);
  const top = () => log.evaluate((view) => view.scrollTop);
  const stream = async (seq: number, words: string) => {
    await preview.send(batch(seq, delta(words)));
    await preview.painted(seq);
  };
  const scrollBy = async (distance: number) => {
    await log.evaluate(
      (view, by) =>
        new Promise<void>((done) => {
          view.addEventListener('scrollend', () => done(), { once: true });
          view.scrollTop += by;
        }),
      distance,
    );
  };
  const jump = preview.page.getByRole('button', { name: 'Jump to latest', exact: true });
  return { ...preview, log, fromEnd, top, stream, scrollBy, jump };
}

test('the end stays in view while the reader is at the end', async () => {
  await using preview = await open();
  await expect(preview.fromEnd()).resolves.toBeLessThan(2);
  for (let seq = 1; seq <= 20; seq += 1) {
    await preview.stream(seq, `\n\n${paragraphs(2, 'new')}`);
    await expect(preview.fromEnd()).resolves.toBeLessThan(2);
  }
  await expect.poll(() => preview.jump.count()).toBe(0);
});

test('a reader who went up is left alone, and comes back by the button', async () => {
  await using preview = await open();
  await preview.scrollBy(-300);
  const before = await preview.top();
  await preview.stream(1, `\n\n${paragraphs(10, 'new')}`);
  await preview.stream(2, `\n\n${paragraphs(10, 'newer')}`);
  await expect.poll(() => preview.top()).toBe(before);
  await preview.jump.click();
  await preview.jump.waitFor({ state: 'detached' });
  await expect(preview.fromEnd()).resolves.toBeLessThan(2);
  await preview.stream(3, `\n\n${paragraphs(10, 'newest')}`);
  await expect(preview.fromEnd()).resolves.toBeLessThan(2);
});

test('a reader who goes back to the end by hand stays there', async () => {
  await using preview = await open();
  await preview.scrollBy(-300);
  await preview.jump.waitFor();
  await preview.scrollBy(10_000);
  await preview.jump.waitFor({ state: 'detached' });
  await preview.stream(1, `\n\n${paragraphs(10, 'new')}`);
  await expect(preview.fromEnd()).resolves.toBeLessThan(2);
});

test('earlier messages leave the line that is read where it is', async () => {
  await using preview = await open({}, { hasOlder: true });
  const { page } = preview;
  await preview.scrollBy(-100_000);
  const first = page.getByText('prompt 10', { exact: true });
  await page.getByRole('button', { name: 'Show earlier messages' }).click();
  await expect(preview.waitForPost('older.load')).resolves.toMatchObject({ before: 'msg_u0010' });
  const place = async () => (await first.boundingBox())?.y ?? Number.NaN;
  const before = await place();
  await preview.send(toWebview({ type: 'older', sessionID, messages: turns(0, 10), hasOlder: false }));
  await page.getByText('prompt 9', { exact: true }).waitFor({ state: 'attached' });
  // The button that stood above is gone; the line may move by no more than its height.
  expect(Math.abs((await place()) - before)).toBeLessThan(40);
});

test('sending leads to the end', async () => {
  await using preview = await open();
  await preview.scrollBy(-300);
  await preview.box.fill('and more');
  await preview.box.press('Enter');
  await preview.jump.waitFor({ state: 'detached' });
  await expect(preview.fromEnd()).resolves.toBeLessThan(2);
});

test('after a reload the reader is where they were (UI-07)', async () => {
  await using first = await open();
  await first.scrollBy(-420);
  await first.page.waitForFunction(
    () => (globalThis as unknown as { kept: { scroll?: unknown } | null }).kept?.scroll !== null,
  );
  const kept = await first.kept();
  const topLine = (preview: typeof first) =>
    preview.log.evaluate((view) => {
      const top = view.getBoundingClientRect().top;
      const seen = [...view.querySelectorAll('article p, article > div')].find(
        (each) => each.getBoundingClientRect().top >= top,
      );
      return seen?.textContent;
    });
  await using second = await open({ kept });
  await expect.poll(() => topLine(second)).toBe(await topLine(first));
  await expect.poll(() => second.jump.count()).toBe(1);
});

test('while the last part streams nothing else on the page is touched', async () => {
  await using preview = await open();
  await preview.page.evaluate(() => {
    const touched: string[] = [];
    Object.assign(globalThis, { touched });
    const observer = new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        if (!element?.closest('[data-message="msg_live"]'))
          touched.push(element?.outerHTML.slice(0, 80) ?? '');
      }
    });
    observer.observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
  for (let seq = 1; seq <= 10; seq += 1) await preview.stream(seq, ` more\n\nand ${seq}`);
  const touched = await preview.page.evaluate(() => (globalThis as unknown as { touched: string[] }).touched);
  expect(touched).toEqual([]);
});

test('five thousand deltas stream in while typing stays quick and loses no letter (UI-01)', async () => {
  await using preview = await open();
  const { page, box } = preview;
  await box.focus();
  await page.evaluate(() => {
    const late: number[] = [];
    Object.assign(globalThis, { late });
    // From the key's own moment until the box has it: what a typist waits for.
    document.addEventListener('input', () => late.push(performance.now() - lastKey), { capture: true });
    let lastKey = 0;
    document.addEventListener(
      'keydown',
      (event) => {
        lastKey = event.timeStamp;
      },
      { capture: true },
    );
  });
  /** The 95th percentile of the keys since the last call, in milliseconds. */
  const lateness = async () => {
    const late = await page.evaluate(() => (globalThis as unknown as { late: number[] }).late.splice(0));
    const sorted = late.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.95)] ?? Number.POSITIVE_INFINITY;
  };
  await box.pressSequentially('typed while nothing streams');
  const quiet = await lateness();
  await box.fill('');
  await lateness();
  const sentence = 'typed while it streams, every letter of it. '.repeat(4);
  const words = ['The answer ', 'goes on ', 'with `code`, ', '**weight** ', 'and\n\nnew paragraphs. '];
  const streaming = page.evaluate(
    ({ fields, pieces }) =>
      new Promise<void>((done) => {
        let seq = 0;
        // Ten deltas a frame, joined in one batch each, as the host sends them.
        const frame = () => {
          seq += 1;
          const events = Array.from({ length: 10 }, (_, index) => ({
            type: 'message.part.delta',
            properties: { ...fields, delta: pieces[(seq + index) % pieces.length] },
          }));
          window.postMessage({ type: 'events', seq, events }, '*');
          if (seq < 500) requestAnimationFrame(frame);
          else done();
        };
        frame();
      }),
    { fields: delta('').properties, pieces: words },
  );
  await box.pressSequentially(sentence);
  await streaming;
  await expect.poll(() => box.inputValue()).toBe(sentence);
  // A busy machine is slow at both: what streaming adds is what counts.
  expect((await lateness()) - quiet).toBeLessThan(100);
});
