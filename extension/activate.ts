import * as vscode from 'vscode';
import { ChatView } from './chat/chat-view.ts';
import { archiveSession } from './commands/archive-session.ts';
import { chooseModel } from './commands/choose-model.ts';
import { compactSession } from './commands/compact-session.ts';
import { deleteSession } from './commands/delete-session.ts';
import { exportSession } from './commands/export-session.ts';
import { focusChat } from './commands/focus-chat.ts';
import { forkSession } from './commands/fork-session.ts';
import { importSession } from './commands/import-session.ts';
import { newSession } from './commands/new-session.ts';
import { renameSession } from './commands/rename-session.ts';
import { showLog } from './commands/show-log.ts';
import { showTrace } from './commands/show-trace.ts';
import { signIn } from './commands/sign-in.ts';
import { signOut } from './commands/sign-out.ts';
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
    vscode.commands.registerCommand('millrace.compactSession', () => compactSession(chat)),
    vscode.commands.registerCommand('millrace.renameSession', () => renameSession(chat)),
    vscode.commands.registerCommand('millrace.forkSession', () => forkSession(chat)),
    vscode.commands.registerCommand('millrace.exportSession', () => exportSession(chat)),
    vscode.commands.registerCommand('millrace.importSession', () => importSession(chat)),
    vscode.commands.registerCommand('millrace.archiveSession', () => archiveSession(chat)),
    vscode.commands.registerCommand('millrace.deleteSession', () => deleteSession(chat)),
    vscode.commands.registerCommand('millrace.showTrace', () => showTrace(chat)),
    vscode.commands.registerCommand('millrace.chooseModel', () => chooseModel(chat)),
    // The argument is ours: the palette gives none, and a link from elsewhere may give anything.
    vscode.commands.registerCommand('millrace.signIn', (provider: unknown) =>
      signIn(chat, () => host.load(), typeof provider === 'string' ? provider : undefined),
    ),
    vscode.commands.registerCommand('millrace.signOut', () => signOut(chat, () => host.load())),
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
