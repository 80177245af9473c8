import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';

const linkSchemes: ReadonlySet<string> = new Set(['http', 'https', 'mailto']);

/** Opens a link of a message in the browser; other schemes could run things, and are not opened. */
export async function openLink(href: string): Promise<void> {
  const uri = vscode.Uri.parse(href, true);
  if (linkSchemes.has(uri.scheme)) await vscode.env.openExternal(uri);
}

/** Opens a file of the Location at a line counted from 1, as a preview. */
export async function openFile(directory: string, path: string, line?: number): Promise<void> {
  const uri = vscode.Uri.file(isAbsolute(path) ? path : join(directory, path));
  const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  const options = line === undefined ? {} : { selection: new vscode.Range(at, at) };
  await vscode.window.showTextDocument(uri, { preview: true, ...options });
}

/** Opens the user's configuration, made with a first provider to fill in where there is none. */
export async function openConfiguration(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    (error: unknown) => {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return false;
      throw error;
    },
  );
  if (!exists) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(firstConfiguration));
  await vscode.window.showTextDocument(uri);
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
