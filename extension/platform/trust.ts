import * as vscode from 'vscode';
import type { Trust } from '#host/ports/trust.ts';

/** Trust as the editor's own dialog decides it, for the whole workspace. */
export function createTrust(): Trust {
  return {
    isTrusted: () => vscode.workspace.isTrusted,
    onGranted(listener) {
      const registration = vscode.workspace.onDidGrantWorkspaceTrust(listener);
      return { [Symbol.dispose]: () => registration.dispose() };
    },
  };
}
