import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Frame, FrameLocator, Page } from 'playwright-core';
import { chatFrame, openChat } from './chat-view.ts';
import { ensureEditor } from './code-server.ts';
import { chromiumNeed, provide } from './debian.ts';
import { openKeptRig } from './kept-editor.ts';
import { kill } from './process-tree.ts';
import {
  copyWorkspace,
  readHostLogs,
  readSettings,
  type Settings,
  type Theme,
  themeSettings,
  writeUserConfig,
} from './profile.ts';
import { openRig, type Rig } from './rig.ts';
import { extensionHosts } from './server.ts';
import {
  editorText,
  enterSettings,
  notices,
  openFile,
  patience,
  pickTheme,
  resizeSidebar,
  runCommand,
  themeShown,
  trustWorkspace,
  workbenchReady,
} from './workbench.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

export interface EditorOptions {
  /** The packed extension; by default the one `npm run package` leaves. */
  readonly vsix?: string;
  /** More VSIX files to install beside it. */
  readonly companions?: readonly string[];
  /** The folder to copy and open; by default the sample workspace. */
  readonly workspace?: string;
  /** User settings on top of the quiet ones. */
  readonly settings?: Settings;
  /** The user-level `opencode.json`, for example `scriptedConfig(url)`. */
  readonly userConfig?: Settings;
  /** false opens the workspace in restricted mode. True by default, without the editor asking. */
  readonly trust?: boolean;
  /** Variables on top of a minimal environment that has a HOME of its own and none of the caller's keys. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of the window, in CSS pixels: 1280 × 800 by default. */
  readonly width?: number;
  readonly height?: number;
  /** Dark by default. */
  readonly theme?: Theme;
  /** Leaves the profile's folder behind, for looking into. */
  readonly keepProfile?: boolean;
  /** Ends the opening (not the editor), with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A real VS Code with a real extension host, in a real browser. See `openEditor`. */
export interface Editor extends AsyncDisposable {
  readonly page: Page;
  /** The real path of the copied workspace. */
  readonly workspace: string;
  /** The profile's folder: `data`, `home`, `extensions` and the workspace below it. */
  readonly profile: string;
  /** Shows Millrace's chat and returns its frame, which stays good over reloads. */
  chat(): Promise<FrameLocator>;
  /** The chat's frame as it is now, for `evaluate`; the chat must have been shown. */
  chatFrame(): Promise<Frame>;
  /** Runs a command by the title that the palette shows, `Millrace: New Session`. */
  command(title: string): Promise<void>;
  openFile(path: string): Promise<void>;
  /** The visible lines of the active text editor. */
  editorText(): Promise<string>;
  /** A file of the workspace as it is on disk. */
  fileText(path: string): Promise<string>;
  /** The notices (toasts) that are shown. */
  notices(): Promise<readonly string[]>;
  /** Reloads the window as a user does; workspace, profile and the browser's storage stay. */
  reload(): Promise<void>;
  /** SIGKILL to the extension host; returns when the editor has started a new one. */
  killExtensionHost(): Promise<void>;
  /** SIGKILL to the whole editor with all it started, then starts it on the same profile and workspace. */
  restart(): Promise<void>;
  /** Trusts a workspace that was opened with `trust: false`. */
  trust(): Promise<void>;
  /** Replaces the user-level `opencode.json`, or removes it. */
  setUserConfig(config: Settings | undefined): Promise<void>;
  /** Process ids of the extension hosts, one per open window. */
  extensionHosts(): readonly number[];
  /** Changes user settings through the settings editor, which is closed again; takes effect at once. */
  changeSettings(changes: Settings): Promise<void>;
  setTheme(theme: Theme): Promise<void>;
  sidebarWidth(pixels: number): Promise<void>;
  /** Takes a picture of the window into `<artifacts>/<name>.png` and returns its path. */
  screenshot(name: string): Promise<string>;
  /** Logs of the extension hosts and of Millrace's output channels. */
  hostLog(): Promise<string>;
  /** Warnings, errors and refusals by the CSP that webviews (not the editor itself) said on the console. */
  consoleProblems(): readonly string[];
  /** For failed tests: picture, host log and console into `<artifacts>/failures/<name>.*`. */
  saveEvidence(name: string): Promise<void>;
}

/**
 * Opens the packed extension on a copy of a workspace, with fresh profile and extension folders, and waits until the
 * workbench is drawn. Disposing closes browser, server and every process below them, and removes the folders.
 *
 *     await using editor = await openEditor({ userConfig: scriptedConfig(model.url) });
 *     const chat = await editor.chat();
 *     await chat.getByRole('textbox', { name: 'Prompt' }).fill('rename greet to welcome');
 *
 * With `$MILLRACE_KEEP_EDITOR` set (`npm run test:e2e -- --keep`) an editor that an earlier run left open is used
 * again where VSIX, environment and trust are the same, with a new copy of the workspace; see `kept-editor.ts`.
 */
export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const signal = options.signal ?? AbortSignal.timeout(600_000);
  provide([chromiumNeed], report);
  const theme = options.theme ?? 'dark';
  const open = process.env['MILLRACE_KEEP_EDITOR'] ? openKeptRig : openRig;
  const rig = await open({
    install: await ensureEditor({ report, signal }),
    vsixes: [options.vsix ?? join(project, 'dist/millrace.vsix'), ...(options.companions ?? [])],
    settings: { ...themeSettings(theme), ...options.settings },
    userConfig: options.userConfig,
    env: options.env ?? {},
    trust: options.trust ?? true,
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    keepProfile: options.keepProfile ?? false,
    signal,
  });
  try {
    const sample = join(project, 'test-fixtures/workspaces/sample');
    const workspace = await copyWorkspace(rig.profile, resolve(options.workspace ?? sample));
    const problems = collectProblems(rig.page);
    await rig.page.goto(`${rig.server().url}?folder=${encodeURIComponent(workspace)}`);
    await workbenchReady(rig.page);
    await themeShown(rig.page, theme);
    return editorOver(rig, { workspace, problems });
  } catch (error) {
    await rig[Symbol.asyncDispose]();
    throw error;
  }
}

/** Where pictures and evidence go: `$MILLRACE_ARTIFACTS`, else `artifacts/` in the project, which git ignores. */
export function artifactFolder(): string {
  return process.env['MILLRACE_ARTIFACTS'] || join(project, 'artifacts');
}

interface Opened {
  readonly workspace: string;
  readonly problems: readonly string[];
}

function editorOver(rig: Rig, { workspace, problems }: Opened): Editor {
  const { page, profile } = rig;
  return {
    page,
    workspace,
    profile: profile.root,
    chat: () => openChat(page),
    chatFrame: () => chatFrame(page),
    command: (title) => runCommand(page, title),
    openFile: (path) => openFile(page, path),
    editorText: () => editorText(page),
    fileText: (path) => readFile(join(workspace, path), 'utf8'),
    notices: () => notices(page),
    reload: () => reload(page),
    killExtensionHost: () => killExtensionHost(rig),
    async restart() {
      await rig.restartServer();
      await reload(page);
    },
    trust: () => trustWorkspace(page),
    setUserConfig: (config) => writeUserConfig(profile, config),
    extensionHosts: () => extensionHosts(rig.server()),
    async changeSettings(changes) {
      const all = { ...(await readSettings(profile)), ...changes };
      await enterSettings(page, JSON.stringify(all, undefined, 2));
    },
    setTheme: (theme) => pickTheme(page, theme),
    sidebarWidth: (pixels) => resizeSidebar(page, pixels),
    screenshot: (name) => screenshot(page, name),
    hostLog: () => readHostLogs(profile),
    consoleProblems: () => problems,
    async saveEvidence(name) {
      const base = `failures/${name.replaceAll(/[^\w.-]+/g, '-').slice(0, 100)}`;
      await screenshot(page, base);
      await writeFile(join(artifactFolder(), `${base}.log`), await readHostLogs(profile));
      await writeFile(join(artifactFolder(), `${base}.console.txt`), problems.join('\n'));
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

async function screenshot(page: Page, name: string): Promise<string> {
  const path = join(artifactFolder(), `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  return path;
}

async function reload(page: Page): Promise<void> {
  await page.reload();
  await workbenchReady(page);
}

/** The editor restarts a lost extension host by itself, unless it was lost often: then it is the window's turn. */
async function killExtensionHost(rig: Rig): Promise<void> {
  const lost = extensionHosts(rig.server());
  if (lost.length === 0) throw new Error('There is no extension host to kill.');
  for (const pid of lost) kill(pid, 'SIGKILL');
  if (await newExtensionHost(rig, lost)) return;
  await reload(rig.page);
  if (!(await newExtensionHost(rig, lost))) throw new Error('The editor started no new extension host.');
}

async function newExtensionHost(rig: Rig, lost: readonly number[]): Promise<boolean> {
  const deadline = Date.now() + patience / 2;
  while (Date.now() < deadline) {
    if (extensionHosts(rig.server()).some((pid) => !lost.includes(pid))) return true;
    await delay(100);
  }
  return false;
}

function collectProblems(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    const { url } = message.location();
    const ours = url === '' || url.includes('extensionId=millrace') || url.includes('vscode-resource');
    const ownFrame = message.text().startsWith('An iframe which has both allow-scripts');
    const bad = ['error', 'warning'].includes(message.type());
    if (bad && ours && !ownFrame) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  return problems;
}
