import type { Frame, FrameLocator, Page } from 'playwright-core';
import { onTimeout, patience } from './workbench.ts';

/** Not by its `purpose`: a view that the window restores while it starts has none in its address. */
const outerFrame = 'iframe.webview[src*="extensionId=millrace.millrace"]';
const innerFrame = 'iframe#active-frame';

/**
 * Shows Millrace's view through its entry in the activity bar (a view that is shown already stays as it is), waits
 * until its page is there, and returns its inner frame. A FrameLocator looks the frame up anew at each use: it stays
 * good over reloads of the webview, the window or the extension host.
 */
export async function openChat(page: Page): Promise<FrameLocator> {
  const entry = page.locator('.part.activitybar').getByRole('tab', { name: /^Millrace/ });
  const chat = page.frameLocator(outerFrame).frameLocator(innerFrame);
  await entry.waitFor({ timeout: patience });
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    // A click on the entry of a view that is shown hides it, also where a starting window was just about to show it.
    if ((await entry.getAttribute('aria-expanded')) !== 'true') await entry.click();
    if (await hasContent(chat)) return chat;
    // The view may have been shown and hidden again by the starting window: once more from the beginning.
    await entry.click();
  }
  throw new Error(`Millrace's chat showed no page within ${patience / 1000} s.`);
}

async function hasContent(chat: FrameLocator): Promise<boolean> {
  const content = chat.locator('body *').first();
  try {
    await content.waitFor({ state: 'attached', timeout: 10_000 });
    return true;
  } catch (error) {
    return onTimeout(error, false);
  }
}

/** The inner frame as it is now, for `evaluate` (axe, measuring); of no use after a reload. The view must be open. */
export async function chatFrame(page: Page): Promise<Frame> {
  const inner = page.frameLocator(outerFrame).locator(innerFrame);
  const element = await inner.elementHandle({ timeout: patience });
  const frame = await element?.contentFrame();
  if (!frame) throw new Error('The chat view has no frame.');
  return frame;
}
