import type { PreviewPage } from './page.ts';
import type { PreviewState } from './states.ts';

/** Plays a state's messages and gestures, and returns when what they changed is drawn. */
export async function reach({ page, send, waitForPost }: PreviewPage, state: PreviewState): Promise<void> {
  await waitForPost('ready');
  await send(...state.messages());
  await waitForPost('ack');
  if (state.type !== undefined) await page.getByRole('textbox', { name: 'Prompt' }).fill(state.type);
  for (const name of state.press ?? []) {
    await page.getByRole('button', { name, exact: true }).first().click();
  }
  await page.evaluate(async () => {
    await document.fonts.ready;
    // What the gestures changed is drawn in the next frame.
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const ending = document
      .getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.all(ending.map((animation) => animation.finished));
  });
}
