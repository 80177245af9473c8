// Pictures of every state of the chat, to be looked at: node test-fixtures/webview-preview/main.ts [state] [theme] [width]
// Names may be given in part. Pictures go to artifacts/preview; what axe-core or the browser finds is printed.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findViolations } from './axe.ts';
import { buildWebview } from './build.ts';
import { launchBrowser, openPage } from './page.ts';
import { reach } from './reach.ts';
import { states } from './states.ts';
import { type ThemeName, themes } from './themes.ts';

const [, , wantedState = '', wantedTheme = '', wantedWidth = ''] = process.argv;
const target = fileURLToPath(new URL('../../artifacts/preview/', import.meta.url));
const widths = wantedWidth === '' ? [300, 420, 900] : [Number(wantedWidth)];

await mkdir(target, { recursive: true });
const built = await buildWebview();
const browser = await launchBrowser();
let findings = 0;
try {
  const wanted = names(themes, wantedTheme).flatMap((theme) =>
    names(states, wantedState).flatMap((name) => widths.map((width) => ({ name, theme, width }))),
  );
  for (const { name, theme, width } of wanted) await picture(name, theme, width);
} finally {
  await browser.close();
}
console.log(findings === 0 ? 'no findings' : `${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;

async function picture(name: string, theme: string, width: number): Promise<void> {
  const state = states[name];
  if (!state) return;
  const direction = name === 'right-to-left' ? 'rtl' : 'ltr';
  await using preview = await openPage(browser, built, { theme: theme as ThemeName, width, direction });
  await reach(preview, state);
  await preview.page.screenshot({ path: join(target, `${name}.${theme}.${width}.png`) });
  const found = [...(await findViolations(preview.page)), ...preview.complaints];
  findings += found.length;
  for (const line of found) console.log(`${name} ${theme} ${width}: ${line}`);
}

function names(table: Readonly<Record<string, unknown>>, wanted: string): readonly string[] {
  const all = Object.keys(table);
  return wanted in table ? [wanted] : all.filter((name) => name.includes(wanted));
}
