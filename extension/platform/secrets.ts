import type * as vscode from 'vscode';
import type { Secrets } from '#host/ports/secrets.ts';

/**
 * The editor's secret storage: encrypted, per extension, never synced, one for all windows. It knows no locks: those
 * are of the machine that the extension runs on.
 */
export function createSecrets(storage: vscode.SecretStorage, lock: Secrets['lock']): Secrets {
  return {
    get: async (key) => storage.get(key),
    set: async (key, value) => storage.store(key, value),
    delete: async (key) => storage.delete(key),
    onDidChange(listener) {
      const subscription = storage.onDidChange(({ key }) => listener(key));
      return { [Symbol.dispose]: () => void subscription.dispose() };
    },
    lock,
  };
}
