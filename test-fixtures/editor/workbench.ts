import type { Locator, Page } from 'playwright-core';
import type { Theme } from './profile.ts';

/** How long anything in the editor may take before it counts as broken. */
export const patience = 60_000;

/** Waits until the window has drawn its parts and restored its editors. */
export async function workbenchReady(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .part.sidebar').waitFor({ state: 'attached', timeout: 2 * patience });
  await page
    .locator('.monaco-workbench .part.statusbar .statusbar-item')
    .first()
    .waitFor({ timeout: patience });
}

/** Runs a command by its title in the palette, e.g. `Millrace: New Session`. Throws if the palette does not list it. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const input = await openQuickInput(page, 'F1');
  await input.fill(`>${title}`);
  await chooseRow(page, title);
}

/** Opens a file of the workspace in the editor, by its path relative to the workspace. */
export async function openFile(page: Page, path: string): Promise<void> {
  const input = await openQuickInput(page, 'Control+P');
  await input.fill(path);
  const name = path.split('/').at(-1) ?? path;
  await chooseRow(page, name);
  await page.locator('.tabs-container .tab.active', { hasText: name }).waitFor({ timeout: patience });
  await page.locator('.part.editor .editor-instance .view-line').first().waitFor({ timeout: patience });
}

/** The lines that the active text editor shows right now, top to bottom; long files are cut at the window's edge. */
export async function editorText(page: Page): Promise<string> {
  const lines = page.locator('.part.editor .editor-group-container.active .editor-instance .view-line');
  const placed = await lines.evaluateAll((elements) =>
    elements.map((element) => ({
      top: element.getBoundingClientRect().top,
      text: element.textContent ?? '',
    })),
  );
  const sorted = placed.sort((a, b) => a.top - b.top).map(({ text }) => text.replaceAll('\u00a0', ' '));
  return sorted.join('\n');
}

/** The texts of the notices that the editor shows at the moment. */
export async function notices(page: Page): Promise<readonly string[]> {
  return page.locator('.notification-toast .notification-list-item-message').allInnerTexts();
}

/** Chooses one of the editor's default themes through its theme picker. */
export async function pickTheme(page: Page, theme: Theme): Promise<void> {
  await runCommand(page, 'Preferences: Color Theme');
  const input = page.locator('.quick-input-widget .quick-input-filter input[placeholder*="Theme"]');
  await input.fill(themeLabels[theme]);
  await chooseRow(page, themeLabels[theme]);
  await themeShown(page, theme);
}

/** Trusts the opened workspace, as a user does in the trust editor, which is closed again. */
export async function trustWorkspace(page: Page): Promise<void> {
  await runCommand(page, 'Workspaces: Manage Workspace Trust');
  const editor = page.locator('.workspace-trust-editor');
  await editor.getByRole('button', { name: 'Trust', exact: true }).click({ timeout: patience });
  const restricted = page.locator('.statusbar-item', { hasText: 'Restricted Mode' });
  await restricted.waitFor({ state: 'detached', timeout: patience });
  await runCommand(page, 'View: Close Editor');
}

/** Waits until the workbench wears the theme. */
export async function themeShown(page: Page, theme: Theme): Promise<void> {
  await page.locator(`.monaco-workbench.${themeClasses[theme]}`).waitFor({ timeout: patience });
}

/**
 * Replaces a text in the user's settings editor and saves it, as a user would: code-server does not notice when
 * another process writes its settings file.
 */
export async function enterSettings(page: Page, text: string): Promise<void> {
  await runCommand(page, 'Preferences: Open User Settings (JSON)');
  const tab = page.locator('.tab.active', { hasText: 'settings.json' });
  await tab.waitFor({ timeout: patience });
  await page.locator('.editor-instance .monaco-editor.focused').waitFor({ timeout: patience });
  await page.evaluate((json) => navigator.clipboard.writeText(json), text);
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
  await page.locator('.tab.active.dirty', { hasText: 'settings.json' }).waitFor({ timeout: patience });
  await page.keyboard.press('Control+S');
  await page.locator('.tab.active:not(.dirty)', { hasText: 'settings.json' }).waitFor({ timeout: patience });
  await runCommand(page, 'View: Close Editor');
  await tab.waitFor({ state: 'detached', timeout: patience });
}

/** Drags the border of the side bar until it is `width` CSS pixels wide (170 at least), to the pixel. */
export async function resizeSidebar(page: Page, width: number): Promise<void> {
  const sidebar = page.locator('.part.sidebar');
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const box = await boxOf(sidebar);
    if (Math.round(box.width) === width) return;
    const middle = box.y + box.height / 2;
    const edge = box.x + box.width;
    await page.mouse.move(edge, middle);
    await page.mouse.down();
    await page.mouse.move(edge + (width - box.width) / 2, middle);
    await page.mouse.move(edge + width - box.width, middle);
    await page.mouse.up();
    await page.mouse.move(edge + width + 200, middle);
  }
  const { width: reached } = await boxOf(sidebar);
  throw new Error(`The side bar came to ${reached} px, not ${width}.`);
}

const themeLabels: Readonly<Record<Theme, string>> = {
  light: 'Light 2026',
  dark: 'Dark 2026',
  'hc-dark': 'Dark High Contrast',
  'hc-light': 'Light High Contrast',
};

const themeClasses: Readonly<Record<Theme, string>> = {
  light: 'vs:not(.vs-dark)',
  dark: 'vs-dark',
  'hc-dark': 'hc-black',
  'hc-light': 'hc-light',
};

/** A key pressed while a frame still loads is lost, hence the attempts. */
async function openQuickInput(page: Page, key: string): Promise<Locator> {
  const widget = page.locator('.quick-input-widget:visible');
  const input = widget.locator('.quick-input-filter input');
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    await page.keyboard.press(key);
    const shown = await input.waitFor({ timeout: 2_000 }).then(
      () => true,
      (error: unknown) => onTimeout(error, false),
    );
    if (shown) return input;
  }
  throw new Error(`The editor opened no quick input on ${key} within ${patience / 1000} s.`);
}

/** Clicks the row with exactly this label; says what else is listed if there is none. */
async function chooseRow(page: Page, label: string): Promise<void> {
  const rows = page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
  const name = page.locator('.monaco-icon-label-container .label-name').getByText(label, { exact: true });
  try {
    await rows
      .filter({ has: name })
      .first()
      .click({ timeout: patience / 6 });
  } catch (error) {
    const listed = onTimeout(error, await rows.allInnerTexts());
    await page.keyboard.press('Escape');
    throw new Error(`The editor lists no "${label}", only: ${listed.join(' | ') || 'nothing'}`, {
      cause: error,
    });
  }
}

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('The side bar is not visible.');
  return box;
}

/** Playwright says "not within the time" by a TimeoutError; anything else is passed on. */
export function onTimeout<T>(error: unknown, instead: T): T {
  if (error instanceof Error && error.name === 'TimeoutError') return instead;
  throw error;
}
