import type * as vscode from 'vscode';
import type { Secrets } from '#host/ports/secrets.ts';

/** The editor's secret storage: encrypted, per extension, never synced. */
export function createSecrets(storage: vscode.SecretStorage): Secrets {
  return { get: async (key) => storage.get(key) };
}
