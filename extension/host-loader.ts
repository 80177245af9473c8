import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import type { SettingKey } from '#shared/settings.ts';
import { type Loader, loadOnce } from './load-once.ts';
import { vscodePorts } from './platform/vscode-ports.ts';
import { readSetting } from './settings/read-setting.ts';

/** Loads the host once, when it is first needed. */
export type HostLoader = Loader<Host>;

export function createHostLoader(
  context: vscode.ExtensionContext,
  output: vscode.LogOutputChannel,
): HostLoader {
  return loadOnce(async (signal) => {
    const [{ openHost }, ports] = await Promise.all([import('#host/host.ts'), vscodePorts(context, output)]);
    signal.throwIfAborted();
    const host = await openHost({
      ports,
      storage: storageFolder(context),
      directories: openDirectories(),
      ownership: 'take-over',
      fetch: globalThis.fetch,
      localServers: { isOn: () => readSetting('millrace.localServers') },
      version: String(context.extension.packageJSON.version),
      signal,
    });
    context.subscriptions.push(followLocalServers(host));
    return host;
  });
}

/** Switched on, the setting has this machine looked at now; switched off, what was found is not offered any more. */
function followLocalServers({ localServers }: Host): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration('millrace.localServers' satisfies SettingKey))
      void localServers.look(new AbortController().signal);
  });
}

/** Where this workspace's store and outputs are kept. */
export function storageFolder({ storageUri, globalStorageUri }: vscode.ExtensionContext): string {
  return storageUri?.fsPath ?? join(globalStorageUri.fsPath, 'no-folder');
}

/** The folders of this window that are on the disk, as sessions name them. */
function openDirectories(): readonly string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.flatMap(({ uri }) => (uri.scheme === 'file' ? [uri.fsPath] : []));
}
