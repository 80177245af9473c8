import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { allowClipboard, browserArguments, chromiumPath } from './browser.ts';
import { cacheFolder } from './cache.ts';
import { vsixKey } from './extensions.ts';
import { pause } from './pause.ts';
import { isAlive, killTree } from './process-tree.ts';
import { createProfile, type Profile, writeSettings, writeUserConfig } from './profile.ts';
import { editorEnvironment, fillProfile, openRig, type Rig, type RigOptions } from './rig.ts';
import { type EditorServer, startServer, stopServer } from './server.ts';

/** What `kept-editor.json` in the cache folder says about the editor that stays open between runs. */
interface Kept {
  /** VSIX contents, environment and trust: an editor that differs in these is replaced. */
  readonly key: string;
  readonly profile: Profile;
  readonly server: EditorServer;
  readonly browser: { readonly pid: number; readonly endpoint: string };
}

let inUse = false;

/**
 * For working on one e2e file: uses the editor of an earlier run again, or starts one that stays open afterwards.
 * Settings, user-level config and workspace copy are new each time; the extension's global storage and the browser's
 * cache are not. A second editor opened while the kept one is in use is an ordinary one.
 */
export async function openKeptRig(options: RigOptions): Promise<Rig> {
  if (inUse) return openRig(options);
  const key = await keptKey(options);
  let kept = await readKept();
  if (kept && (kept.key !== key || !isAlive(kept.server.pid) || !isAlive(kept.browser.pid))) {
    await closeKeptEditor();
    kept = undefined;
  }
  kept ??= await startKept(key, options);
  await writeSettings(kept.profile, options.settings);
  await writeUserConfig(kept.profile, options.userConfig);
  return attach(kept, options);
}

/** Ends the kept editor and removes its folders. Returns false if there was none. */
export async function closeKeptEditor(): Promise<boolean> {
  const kept = await readKept();
  if (kept === undefined) return false;
  killTree(kept.browser.pid);
  await stopServer(kept.server);
  await rm(kept.profile.root, { recursive: true, force: true, maxRetries: 5 });
  await rm(stateFile(), { force: true });
  return true;
}

async function startKept(key: string, options: RigOptions): Promise<Kept> {
  const profile = await createProfile();
  await fillProfile(profile, options);
  const env = editorEnvironment(profile, options.env);
  const server = await startServer({ ...profile, ...options, env, port: 0 });
  const kept = { key, profile, server, browser: await spawnBrowser(profile, options) };
  await mkdir(cacheFolder(), { recursive: true });
  await writeFile(stateFile(), JSON.stringify(kept));
  return kept;
}

async function attach(kept: Kept, options: RigOptions): Promise<Rig> {
  const browser = await chromium.connectOverCDP(kept.browser.endpoint);
  const page = await freshPage(browser.contexts()[0]?.pages() ?? [], options);
  await allowClipboard(page.context());
  inUse = true;
  let server = kept.server;
  return {
    profile: kept.profile,
    page,
    server: () => server,
    async restartServer() {
      await stopServer(server);
      const env = editorEnvironment(kept.profile, options.env);
      server = await startServer({ ...kept.profile, ...options, env, port: server.port });
      await writeFile(stateFile(), JSON.stringify({ ...kept, server }));
    },
    async [Symbol.asyncDispose]() {
      inUse = false;
      await browser.close();
    },
  };
}

/** The one page of the kept browser, with the window of the run before closed. */
async function freshPage(pages: readonly Page[], options: RigOptions): Promise<Page> {
  const page = pages[0];
  if (page === undefined) throw new Error('The kept browser has no page. Run: npm run test:e2e -- --close');
  await page.goto('about:blank');
  await page.setViewportSize(options.viewport);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  return page;
}

/** A Chromium that does not end with this process. It writes the port it chose into a file of its profile. */
async function spawnBrowser(profile: Profile, { signal }: RigOptions): Promise<Kept['browser']> {
  const own = [
    '--headless=new',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile.browser}`,
    '--lang=en-US',
  ];
  const child = spawn(chromiumPath(), [...browserArguments, ...own, 'about:blank'], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  if (child.pid === undefined) throw new Error('Chromium could not be started.');
  const portFile = join(profile.browser, 'DevToolsActivePort');
  for (let waited = 0; waited < 30_000; waited += 100) {
    const port = (await readIfThere(portFile))?.split('\n')[0];
    if (port) return { pid: child.pid, endpoint: `http://127.0.0.1:${port}` };
    await pause(100, signal);
  }
  killTree(child.pid);
  throw new Error('Chromium opened no debugging port within 30 s.');
}

async function keptKey({ vsixes, env, trust }: RigOptions): Promise<string> {
  const facts = JSON.stringify([await vsixKey(vsixes), env, trust]);
  return createHash('sha256').update(facts).digest('hex').slice(0, 16);
}

async function readKept(): Promise<Kept | undefined> {
  const text = await readIfThere(stateFile());
  return text === undefined ? undefined : (JSON.parse(text) as Kept);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function stateFile(): string {
  return join(cacheFolder(), 'kept-editor.json');
}
