import * as vscode from 'vscode';
import { ChatView } from './chat/chat-view.ts';
import { focusChat } from './commands/focus-chat.ts';
import { newSession } from './commands/new-session.ts';
import { showLog } from './commands/show-log.ts';
import { stop } from './commands/stop.ts';
import { createHostLoader } from './host-loader.ts';

/**
 * Registers what is cheap and returns in milliseconds; the host is loaded when the chat is first shown.
 * Kept small: it runs in every window that has the view open.
 */
export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel(vscode.l10n.t('Millrace'), { log: true });
  const host = createHostLoader(context, output);
  const chat = new ChatView({ context, host, output });
  closing = host;
  context.subscriptions.push(
    output,
    chat,
    vscode.window.registerWebviewViewProvider('millrace.chat', chat),
    vscode.workspace.onDidGrantWorkspaceTrust(() => chat.refresh()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => chat.refresh()),
    vscode.window.onDidChangeActiveTextEditor(() => chat.followEditor()),
    vscode.workspace.onDidSaveTextDocument(({ fileName }) => configName.test(fileName) && chat.refresh()),
    vscode.commands.registerCommand('millrace.newSession', () => newSession(chat)),
    vscode.commands.registerCommand('millrace.stop', () => stop(chat)),
    vscode.commands.registerCommand('millrace.focusChat', () => focusChat(chat)),
    vscode.commands.registerCommand('millrace.showLog', () => showLog(output)),
  );
}

/** A saved configuration shows at once, its mistakes too. */
const configName = /[\\/]opencode\.jsonc?$/;

let closing: AsyncDisposable | undefined;

/** The editor waits a few seconds for this: running drains end at a settled point, and the store is closed cleanly. */
export async function deactivate(): Promise<void> {
  await closing?.[Symbol.asyncDispose]();
}
