import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser, openPage, type Viewport } from './browser.ts';
import type { EditorInstall } from './code-server.ts';
import { installExtensions } from './extensions.ts';
import { killTree } from './process-tree.ts';
import { createProfile, type Profile, type Settings, writeSettings, writeUserConfig } from './profile.ts';
import { type EditorServer, startServer, stopServer } from './server.ts';

/** What an editor is set up from, all defaults filled in. */
export interface RigOptions {
  readonly install: EditorInstall;
  readonly vsixes: readonly string[];
  readonly settings: Settings;
  readonly userConfig: Settings | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly trust: boolean;
  readonly viewport: Viewport;
  readonly keepProfile: boolean;
  readonly signal: AbortSignal;
}

/** The running pieces of one editor: server, browser page and their folders. */
export interface Rig extends AsyncDisposable {
  readonly profile: Profile;
  readonly page: Page;
  server(): EditorServer;
  /** Ends the server with everything below it, and starts it again on the same port, folders and browser storage. */
  restartServer(): Promise<void>;
}

/** Sets up and starts everything new; disposing ends and removes everything. */
export async function openRig(options: RigOptions): Promise<Rig> {
  await using opened = new AsyncDisposableStack();
  const profile = await createProfile();
  if (!options.keepProfile) opened.defer(() => rm(profile.root, { recursive: true, force: true }));
  await fillProfile(profile, options);
  const servers = opened.use(await runServer(profile, options));
  const browser = await launchBrowser();
  opened.defer(() => browser.close());
  const page = await openPage(browser, options.viewport);
  const kept = opened.move();
  return { profile, page, ...servers, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export async function fillProfile(profile: Profile, options: RigOptions): Promise<void> {
  await writeSettings(profile, options.settings);
  await writeUserConfig(profile, options.userConfig);
  await installExtensions(profile.extensions, options);
}

/** The environment of an editor: a HOME of its own, and of the caller's variables none that could carry a key. */
export function editorEnvironment(
  profile: Profile,
  env: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const passed = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SHELL', 'USER', 'LOGNAME'];
  const own = passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return {
    ...Object.fromEntries(own),
    HOME: profile.home,
    XDG_CONFIG_HOME: join(profile.home, '.config'),
    XDG_DATA_HOME: join(profile.home, '.local/share'),
    XDG_STATE_HOME: join(profile.home, '.local/state'),
    XDG_CACHE_HOME: join(profile.home, '.cache'),
    ...env,
  };
}

/** A server that can be restarted in place and dies with this process at the latest. */
async function runServer(profile: Profile, options: RigOptions) {
  const env = editorEnvironment(profile, options.env);
  const start = (port: number) => startServer({ ...profile, ...options, env, port });
  let current = await start(0);
  const atExit = () => killTree(current.pid);
  process.once('exit', atExit);
  return {
    server: () => current,
    async restartServer() {
      await stopServer(current);
      current = await start(current.port);
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', atExit);
      await stopServer(current);
    },
  };
}
