import { homedir } from 'node:os';
import { HostError } from '#shared/host-error.ts';
import type { Documents } from '../ports/documents.ts';
import type { Environment } from '../ports/environment.ts';
import type { LanguageModels } from '../ports/language-models.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Trust } from '../ports/trust.ts';
import type { WorkspaceView } from '../ports/workspace-view.ts';
import { nameLock } from './name-lock.ts';

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

/** Without an editor there are no models of its own. */
export const noLanguageModels: LanguageModels = {
  list: () => Promise.resolve([]),
  onDidChange: () => ({ [Symbol.dispose]: () => undefined }),
  // biome-ignore lint/correctness/useYield: nothing can be asked, and it is told as every other failure is
  async *send({ vendor, id }) {
    throw new HostError(
      'language-model.none',
      `There is no editor here that has the model "${vendor}/${id}".`,
    );
  },
};

/** Without a place for secrets, keys come from the environment and the configuration. */
export const noSecrets: Secrets = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.reject(new HostError('secrets.none', 'There is no place here to keep a secret in.')),
  delete: () => Promise.resolve(),
  onDidChange: () => ({ [Symbol.dispose]: () => undefined }),
  lock: nameLock(homedir()),
};

/** Trust that was decided at the start, once: by a flag, or by naming the folder (decision 8). */
export function fixedTrust(isTrusted: (directory: string) => boolean): Trust {
  return { isTrusted, onGranted: () => ({ [Symbol.dispose]: () => undefined }) };
}
