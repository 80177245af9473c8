import { homedir } from 'node:os';
import type { Documents } from '../ports/documents.ts';
import type { Environment } from '../ports/environment.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Trust } from '../ports/trust.ts';
import type { WorkspaceView } from '../ports/workspace-view.ts';

/** The machine and the process, for a surface that calls itself `surface`. */
export function nodeEnvironment(surface: string): Environment {
  return {
    platform: process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux',
    homeDirectory: homedir(),
    surface,
    variable: (name) => process.env[name],
  };
}

/** Without an editor no document is open. */
export const noDocuments: Documents = {
  find: () => Promise.resolve(undefined),
  replace: () => Promise.resolve({ type: 'not-open' }),
};

/** Without an editor nobody sees open files or what language services say. */
export const noView: WorkspaceView = {
  openEditors: () => Promise.resolve([]),
  diagnostics: () => Promise.resolve([]),
};

/** Without an editor there is no secret storage; keys come from the environment and the configuration. */
export const noSecrets: Secrets = { get: () => Promise.resolve(undefined) };

/** Trust that was decided at the start, once: by a flag, or by naming the folder (decision 8). */
export function fixedTrust(isTrusted: (directory: string) => boolean): Trust {
  return { isTrusted, onGranted: () => ({ [Symbol.dispose]: () => undefined }) };
}
