import type { ToWebview } from '#shared/protocol.ts';
import type { PreviewPage } from './page.ts';

/** One state of the chat: what the host says, then what the user does before the picture is taken. */
export interface PreviewState {
  readonly messages: () => readonly ToWebview[];
  /** Into the prompt box. */
  readonly type?: string;
  /** Names of buttons to press, in order. */
  readonly press?: readonly string[];
  /** Into the box that searches sessions, once it is there. */
  readonly search?: string;
  /** Over which prompt the pointer rests. */
  readonly hover?: string;
  /** What the host answers to all that. */
  readonly answer?: () => readonly ToWebview[];
}

/** Plays a state's messages and gestures, and returns when what they changed is drawn. */
export async function reach({ page, send, waitForPost }: PreviewPage, state: PreviewState): Promise<void> {
  await waitForPost('ready');
  await send(...state.messages());
  await waitForPost('ack');
  if (state.type !== undefined) await page.getByRole('textbox', { name: 'Prompt' }).fill(state.type);
  for (const name of state.press ?? []) {
    await page.getByRole('button', { name, exact: true }).first().click();
  }
  if (state.search !== undefined) await page.getByRole('searchbox').fill(state.search);
  if (state.hover !== undefined)
    await page.getByRole('article', { name: 'You' }).filter({ hasText: state.hover }).hover();
  if (state.answer) await send(...state.answer());
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
