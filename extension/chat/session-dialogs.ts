import * as vscode from 'vscode';
import { HostError } from '#shared/host-error.ts';
import { words } from '#shared/words.ts';
import { fileName } from './file-name.ts';
import type { SessionDialogs } from './session-messages.ts';

/** The editor's own dialogs for what is done with sessions. */
export function createSessionDialogs(directory: () => string): SessionDialogs {
  return {
    async confirmDelete(title) {
      const yes = vscode.l10n.t(words['session.delete.yes']);
      const question = vscode.l10n.t(words['session.delete.ask'], titleOf(title));
      const detail = vscode.l10n.t(words['session.delete.detail']);
      return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
    },
    async resolveConflict(files) {
      const conversation = vscode.l10n.t(words['revert.conflict.conversation']);
      const overwrite = vscode.l10n.t(words['revert.conflict.overwrite']);
      const names = files.map((file) => vscode.workspace.asRelativePath(file));
      const detail = [...names, '', vscode.l10n.t(words['revert.conflict.detail'])].join('\n');
      const question = vscode.l10n.t(words['revert.conflict']);
      const options = { modal: true, detail };
      const choice = await vscode.window.showWarningMessage(question, options, conversation, overwrite);
      if (choice === conversation) return { conversationOnly: true };
      return choice === overwrite ? { overwrite: true } : undefined;
    },
    async save(title, read) {
      const defaultUri = vscode.Uri.joinPath(
        vscode.Uri.file(directory()),
        `${fileName(titleOf(title))}.json`,
      );
      const place = await vscode.window.showSaveDialog({ defaultUri, filters: sessionFiles });
      if (!place) return;
      const text = `${JSON.stringify(await read(), null, 2)}\n`;
      await vscode.workspace.fs.writeFile(place, new TextEncoder().encode(text));
      // Said and not waited for: the user closes it some time.
      void vscode.window.showInformationMessage(
        vscode.l10n.t(words['session.exported'], vscode.workspace.asRelativePath(place)),
      );
    },
  };
}

/** Asks for the file of a session and reads it; undefined when the user gives up. @throws HostError `session.file` */
export async function openSessionFile(): Promise<{ readonly content: unknown } | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      filters: sessionFiles,
      openLabel: vscode.l10n.t(words['session.import.open']),
    })) ?? [];
  if (!file) return undefined;
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  try {
    return { content: JSON.parse(text) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const name = vscode.workspace.asRelativePath(file);
    throw new HostError('session.file', vscode.l10n.t(words['session.import.json'], name), { cause: error });
  }
}

/** Asks for a new title; undefined when the user gives up. */
export async function askTitle(title: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    prompt: vscode.l10n.t(words['session.rename.ask']),
    value: title,
    validateInput: (value) =>
      value.trim() === '' ? vscode.l10n.t(words['session.rename.empty']) : undefined,
  });
}

const sessionFiles = { JSON: ['json'] };

function titleOf(title: string): string {
  return title || vscode.l10n.t(words['session.untitled']);
}
