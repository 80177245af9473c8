import type * as vscode from 'vscode';

/** Opens Millrace's log. */
export function showLog(output: vscode.LogOutputChannel): void {
  output.show();
}
