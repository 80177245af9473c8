import * as vscode from 'vscode';
import { words } from '#shared/words.ts';
import { insideFolder } from './inside-folder.ts';

const linkSchemes: ReadonlySet<string> = new Set(['http', 'https', 'mailto']);

/** Opens a link of a message in the browser; other schemes could run things, and are not opened. */
export async function openLink(href: string): Promise<void> {
  const uri = vscode.Uri.parse(href, true);
  if (linkSchemes.has(uri.scheme)) await vscode.env.openExternal(uri);
}

export interface FilePlace {
  /** What a relative path is relative to. */
  readonly directory: string;
  /** Where whole outputs of tools are kept: those are opened too. */
  readonly outputs: string;
  /** Counted from 1. */
  readonly line: number | undefined;
}

/**
 * Opens a file that a conversation names, as a preview. Only of the workspace: the path may be a model's. What cannot
 * be opened is said.
 */
export async function openFile(path: string, { directory, outputs, line }: FilePlace): Promise<void> {
  const open = vscode.workspace.workspaceFolders ?? [];
  const folders = [outputs, ...open.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath)];
  const file = insideFolder(path, { directory, folders });
  if (file === undefined) {
    warn('file.outside', path);
    return;
  }
  const uri = vscode.Uri.file(file);
  if (!(await exists(uri))) {
    warn('file.missing', path);
    return;
  }
  const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  const options = line === undefined ? {} : { selection: new vscode.Range(at, at) };
  await vscode.window.showTextDocument(uri, { preview: true, ...options });
}

/** Said and not waited for: the user closes it some time. */
function warn(word: 'file.missing' | 'file.outside', path: string): void {
  void vscode.window.showWarningMessage(vscode.l10n.t(words[word], path));
}

/** Opens the user's configuration, made with a first provider to fill in where there is none. */
export async function openConfiguration(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  if (!(await exists(uri)))
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(firstConfiguration));
  await vscode.window.showTextDocument(uri);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}

const firstConfiguration = `{
  "$schema": "https://opencode.ai/config.json",
  // The model that new sessions begin with, as provider/model.
  "model": "my-provider/my-model",
  "provider": {
    "my-provider": {
      "name": "My provider",
      "npm": "@ai-sdk/openai-compatible",
      "options": {
        "baseURL": "https://example.com/v1",
        "apiKey": "{env:MY_PROVIDER_KEY}"
      },
      "models": {
        "my-model": { "name": "My model" }
      }
    }
  }
}
`;
