import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import type { FromWebview, ToWebview } from '#shared/protocol.ts';
import type { WebviewBuild } from './build.ts';
import { type ThemeName, themes } from './themes.ts';

const origin = 'https://webview.test';
const nonce = 'preview';

/** A webview in a browser page, with the test in the place of the extension. */
export interface PreviewPage extends AsyncDisposable {
  readonly page: Page;
  /** The prompt box. */
  readonly box: Locator;
  readonly send: (...messages: readonly ToWebview[]) => Promise<void>;
  /** Everything that the webview posted, in order. */
  readonly posted: () => Promise<readonly FromWebview[]>;
  /** Resolves with the first post of a type, also one that came before. */
  readonly waitForPost: <T extends FromWebview['type']>(
    type: T,
  ) => Promise<Extract<FromWebview, { readonly type: T }>>;
  /** Resolves once the batch of that number is painted. */
  readonly painted: (seq: number) => Promise<unknown>;
  /** What the webview keeps over a reload. */
  readonly kept: () => Promise<unknown>;
  /** What the browser complained about: errors, and rules of the content security policy that were broken. */
  readonly complaints: readonly string[];
}

export interface PageOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  readonly direction?: 'ltr' | 'rtl';
  readonly zoom?: number;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
  /** A finger in place of a pointer: nothing hovers. */
  readonly touch?: boolean;
  /** What an earlier webview kept with `setState`. */
  readonly kept?: unknown;
}

/** Starts the browser that the tests share. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens the built webview in a page of its own, under the policy that the extension sets. */
export async function openPage(
  browser: Browser,
  built: WebviewBuild,
  options: PageOptions = {},
): Promise<PreviewPage> {
  const { theme = 'dark', width = 420, height = 800, zoom = 1, kept } = options;
  const context = await browser.newContext({
    viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
    deviceScaleFactor: zoom,
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
    forcedColors: options.forcedColors ? 'active' : 'none',
    hasTouch: options.touch === true,
    isMobile: options.touch === true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isKnown(message.text())) complaints.push(message.text());
  });
  await page.route(`${origin}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') {
      await route.fulfill({
        contentType: 'text/html',
        headers: { 'content-security-policy': policy },
        body: html(theme, options.direction ?? 'ltr', kept),
      });
      return;
    }
    await route.fulfill({ contentType: contentType(name), body: built.read(name) });
  });
  await page.goto(`${origin}/`);
  const posted = () => page.evaluate(() => (globalThis as unknown as PreviewWindow).posted);
  return {
    page,
    box: page.getByRole('textbox', { name: 'Prompt', exact: true }),
    complaints,
    posted,
    send: async (...messages) => {
      await page.evaluate((list) => {
        for (const message of list) window.postMessage(message, '*');
      }, messages);
    },
    waitForPost: async (type) => {
      const handle = await page.waitForFunction(
        (wanted) => (globalThis as unknown as PreviewWindow).posted.find((each) => each.type === wanted),
        type,
      );
      return (await handle.jsonValue()) as never;
    },
    painted: (seq) =>
      page.waitForFunction(
        (wanted) =>
          (globalThis as unknown as PreviewWindow).posted.some(
            (each) => each.type === 'ack' && each.seq === wanted,
          ),
        seq,
      ),
    kept: () => page.evaluate(() => (globalThis as unknown as PreviewWindow).kept),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** The toolkit's core makes one empty style element and some style attributes; the policy drops them without loss. */
function isKnown(complaint: string): boolean {
  return complaint.startsWith('Applying inline style violates') && complaint.includes(hashOfNothing);
}

const hashOfNothing = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

interface PreviewWindow {
  readonly posted: readonly FromWebview[];
  readonly kept: unknown;
}

const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin} 'nonce-${nonce}'; font-src ${origin}; img-src ${origin} data:`;

/** What the editor's own style sheet says in every webview. */
const editorStyles = `html { scrollbar-color: #79797966 transparent; }
  body { padding: 0 20px; color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: 13px; }
  a, a code { color: var(--vscode-textLink-foreground); }
  code { color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px; }
  blockquote { background: #7f7f7f1a; border-color: #007acc80; }
  a:focus, input:focus, select:focus, textarea:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }`;

function html(theme: ThemeName, direction: string, kept: unknown): string {
  const { bodyClass, colors } = themes[theme];
  const variables = Object.entries(colors).map(([name, value]) => `--vscode-${name}: ${value};`);
  return `<!doctype html>
<html lang="en" dir="${direction}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Millrace</title>
<style nonce="${nonce}">
:root { ${variables.join(' ')}
  --vscode-font-family: "Liberation Sans", sans-serif; --vscode-font-size: 13px; --vscode-font-weight: normal;
  --vscode-editor-font-family: "DejaVu Sans Mono", monospace; --vscode-editor-font-size: 14px; }
body { background: var(--vscode-sideBar-background); }
@layer vscode-default { ${editorStyles} }
</style>
<script nonce="${nonce}">
  globalThis.posted = [];
  globalThis.kept = ${JSON.stringify(kept ?? null)};
  globalThis.acquireVsCodeApi = () => ({
    postMessage: (message) => globalThis.posted.push(structuredClone(message)),
    getState: () => globalThis.kept,
    setState: (state) => { globalThis.kept = structuredClone(state); },
  });
</script>
<link rel="stylesheet" href="${origin}/main.css">
</head>
<body class="${bodyClass}"><div id="root"></div>
<script type="module" nonce="${nonce}" src="${origin}/main.js"></script>
</body></html>`;
}

function contentType(name: string): string {
  if (name.endsWith('.css')) return 'text/css';
  return name.endsWith('.ttf') ? 'font/ttf' : 'text/javascript';
}
