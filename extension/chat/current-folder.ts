import * as vscode from 'vscode';

/** A workspace folder on the disk, as a Location. */
export interface Folder {
  readonly name: string;
  readonly directory: string;
}

/** The folder that a new session is tied to: the active editor's, else the first; undefined in an empty window. */
export function currentFolder(): Folder | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder =
    (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
  return folder?.uri.scheme === 'file' ? { name: folder.name, directory: folder.uri.fsPath } : undefined;
}
