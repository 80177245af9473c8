import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './debian.ts';

/** Quiet, and without the sandbox that containers cannot give. */
export const browserArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Viewport {
  readonly width: number;
  readonly height: number;
}

/** Starts a Chromium of its own for one editor. The caller closes it. Throws if there is none; see `provide`. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: [...browserArguments] });
}

/** A page that may use the clipboard, as large as asked. */
export async function openPage(browser: Browser, viewport: Viewport): Promise<Page> {
  const context = await browser.newContext({ viewport, locale: 'en-US', reducedMotion: 'reduce' });
  await allowClipboard(context);
  return context.newPage();
}

export async function allowClipboard(context: BrowserContext): Promise<void> {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
}

export function chromiumPath(): string {
  const path = findChromium();
  if (path === undefined)
    throw new Error('There is no Chromium. On Debian, as root: apt-get install chromium');
  return path;
}
