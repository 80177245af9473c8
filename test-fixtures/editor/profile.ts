import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export type Theme = 'light' | 'dark' | 'hc-dark' | 'hc-light';
export type Settings = Readonly<Record<string, unknown>>;

/** One editor's folders, all below one temporary `root`: nothing is shared with another editor or with the user. */
export interface Profile {
  readonly root: string;
  /** code-server's `--user-data-dir`. */
  readonly data: string;
  readonly extensions: string;
  /** HOME of the editor and of all it starts. */
  readonly home: string;
  readonly browser: string;
}

/** Where the user-level `opencode.json` of a profile lies. */
export function userConfigFile(profile: Profile): string {
  return join(profile.home, '.config/opencode/opencode.json');
}

/** Makes the folders of a new editor under the system's temporary folder. The caller removes `root`. */
export async function createProfile(): Promise<Profile> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'millrace-editor-')));
  const [data, extensions, home, browser] = ['data', 'extensions', 'home', 'browser'].map((name) =>
    join(root, name),
  );
  if (!data || !extensions || !home || !browser) throw new Error('unreachable: four names give four folders');
  await Promise.all([data, home, browser].map((folder) => mkdir(folder, { recursive: true })));
  return { root, data, extensions, home, browser };
}

/** Copies a workspace folder into the profile, under its own name, and returns the copy's real path. */
export async function copyWorkspace(profile: Profile, source: string): Promise<string> {
  const nest = await mkdtemp(join(profile.root, 'workspace-'));
  const copy = join(nest, basename(source));
  await cp(source, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** Replaces the user settings: the quiet ones below, the theme, and what the caller adds on top. */
export async function writeSettings(profile: Profile, settings: Settings): Promise<void> {
  await writeJson(settingsFile(profile), { ...quietSettings, ...settings });
}

/** The user settings as they are now. */
export async function readSettings(profile: Profile): Promise<Settings> {
  const now: unknown = JSON.parse(await readFile(settingsFile(profile), 'utf8'));
  return { ...(typeof now === 'object' ? now : {}) };
}

/** Writes the user-level `opencode.json`, or removes it. */
export async function writeUserConfig(profile: Profile, config: Settings | undefined): Promise<void> {
  const file = userConfigFile(profile);
  if (config === undefined) await rm(file, { force: true });
  else await writeJson(file, config);
}

/** The logs of the extension hosts and of Millrace's own output channels, oldest window first. */
export async function readHostLogs(profile: Profile): Promise<string> {
  const folder = join(profile.data, 'logs');
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const logs = names
    .filter((name) => /exthost\d*\/(remoteexthost|millrace\.[^/]*\/.*)\.log$/.test(name))
    .sort();
  const texts = logs.map(async (name) => `== ${name}\n${await readFile(join(folder, name), 'utf8')}`);
  return (await Promise.all(texts)).join('\n');
}

/** The settings that choose one of the editor's own default themes. */
export function themeSettings(theme: Theme): Settings {
  return { 'workbench.colorTheme': themeNames[theme], 'window.autoDetectColorScheme': false };
}

const themeNames: Readonly<Record<Theme, string>> = {
  light: 'Light 2026',
  dark: 'Dark 2026',
  'hc-dark': 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};

/** No welcome, no network, no surprises; otherwise what a desktop editor does by default. */
const quietSettings: Settings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': 'off',
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.autofetch': false,
  'git.openRepositoryInParentFolders': 'never',
  'json.schemaDownload.enable': false,
  'npm.fetchOnlinePackageInfo': false,
  'security.workspace.trust.banner': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'update.mode': 'none',
  'window.confirmBeforeClose': 'never',
  'workbench.editor.useModal': 'off',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

function settingsFile(profile: Profile): string {
  return join(profile.data, 'User/settings.json');
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
