import { join } from 'node:path';
import type { Environment } from './ports/environment.ts';
import { dataFolder } from './registry/data-folder.ts';

/** Where keys and sign-ins lie without an editor: a folder of their own in the user's data folder. */
export function secretFolder(environment: Environment): string {
  return join(dataFolder(environment), 'secrets');
}
