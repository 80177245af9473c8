import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import type { FromWebview } from '#shared/protocol.ts';
import { storageFolder } from '../host-loader.ts';
import { openConfiguration, openFile, openLink } from './open-things.ts';

/** Messages of the page that open something beside the chat. */
export type OutsideMessage = Extract<
  FromWebview,
  { type: 'link.open' | 'file.open' | 'config.open' | 'log.show' | 'trust.manage' | 'error.report' }
>;

export interface OutsideWorld {
  readonly host: Host;
  readonly context: vscode.ExtensionContext;
  readonly output: vscode.LogOutputChannel;
  /** What relative paths of the conversation are relative to. */
  readonly directory: () => string;
}

export async function handleOutside(message: OutsideMessage, world: OutsideWorld): Promise<void> {
  const { host, context, output, directory } = world;
  switch (message.type) {
    case 'link.open':
      return openLink(message.href);
    case 'file.open': {
      // Whole outputs of tools are kept beside the store, and the conversation links them.
      const outputs = join(storageFolder(context), 'output');
      return openFile(message.path, { directory: directory(), outputs, line: message.line });
    }
    case 'config.open':
      return openConfiguration(await host.userConfigPath());
    case 'log.show':
      return output.show();
    case 'trust.manage':
      return vscode.commands.executeCommand('workbench.trust.manage').then(() => undefined);
    case 'error.report':
      return output.error(`The chat page failed: ${message.message}`, message.stack);
  }
}
