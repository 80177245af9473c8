import { join } from 'node:path';
import * as vscode from 'vscode';

/** Name and version of the editor, as the model and another window are told. */
export const surface = `${vscode.env.appName} ${vscode.version}`;

/** Where the editor keeps its own ripgrep, by its known places, the most likely first (decision 24). */
export function ripgrepPlaces(): readonly string[] {
  const name = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const modules = ['node_modules', 'node_modules.asar.unpacked'];
  const packages = ['@vscode/ripgrep', 'vscode-ripgrep'];
  return modules.flatMap((folder) =>
    packages.map((scope) => join(vscode.env.appRoot, folder, scope, 'bin', name)),
  );
}
