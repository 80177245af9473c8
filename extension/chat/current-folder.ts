import * as vscode from 'vscode';
import { chooseFolder, type Folder, folderAt } from './choose-folder.ts';

/** The folder that a new session is tied to; undefined in a window without a folder on the disk. */
export function currentFolder(): Folder | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  return chooseFolder(
    active && vscode.workspace.getWorkspaceFolder(active),
    vscode.workspace.workspaceFolders ?? [],
  );
}

/** The workspace folder of this path; undefined when this window does not have it open. */
export function openFolder(directory: string): Folder | undefined {
  return folderAt(directory, vscode.workspace.workspaceFolders ?? []);
}
