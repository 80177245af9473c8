import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '#host/host.ts';
import type { FromWebview } from '#shared/protocol.ts';
import { words } from '#shared/words.ts';
import { storageFolder } from '../host-loader.ts';
import { openConfiguration, openFile, openLink } from './open-things.ts';
import type { TraceDocuments } from './trace-document.ts';

/** Messages of the page that open something beside the chat. */
export type OutsideMessage = Extract<
  FromWebview,
  {
    type:
      | 'link.open'
      | 'file.open'
      | 'config.open'
      | 'log.show'
      | 'trust.manage'
      | 'account.sign-in'
      | 'trace.show'
      | 'error.report';
  }
>;

export interface OutsideWorld {
  readonly host: Host;
  readonly context: vscode.ExtensionContext;
  readonly output: vscode.LogOutputChannel;
  readonly traces: TraceDocuments;
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
    case 'account.sign-in':
      await vscode.commands.executeCommand('millrace.signIn', message.providerID ?? undefined);
      return;
    case 'trace.show': {
      const trace = await host.turnTrace(message.sessionID, message.messageID);
      if (trace) return world.traces.show(trace.messageID, trace.markdown);
      // Said and not waited for: the user closes it some time.
      void vscode.window.showInformationMessage(vscode.l10n.t(words['trace.gone']));
      return;
    }
    case 'error.report':
      return output.error(`The chat page failed: ${message.message}`, message.stack);
  }
}
