import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import { vscodePorts } from './platform/vscode-ports.ts';

/** Loads the host once, when it is first needed. */
export interface HostLoader extends AsyncDisposable {
  /** The same host each time; after a failure the next call tries again. */
  load(): Promise<Host>;
  readonly loaded: Promise<Host> | undefined;
}

export function createHostLoader(
  context: vscode.ExtensionContext,
  output: vscode.LogOutputChannel,
): HostLoader {
  const closing = new AbortController();
  let loaded: Promise<Host> | undefined;

  const open = async (): Promise<Host> => {
    const [{ openHost }, ports] = await Promise.all([import('#host/host.ts'), vscodePorts(context, output)]);
    const storage = context.storageUri ?? vscode.Uri.joinPath(context.globalStorageUri, 'no-folder');
    return openHost({
      ports,
      storage: storage.fsPath,
      ownership: 'take-over',
      version: String(context.extension.packageJSON.version),
      signal: closing.signal,
    });
  };

  return {
    get loaded() {
      return loaded;
    },
    load() {
      loaded ??= open().catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      return loaded;
    },
    async [Symbol.asyncDispose]() {
      const host = await loaded?.catch(() => undefined);
      await host?.[Symbol.asyncDispose]();
      closing.abort();
    },
  };
}
