import { isAbsolute, join } from 'node:path';
import type { Environment } from '../ports/environment.ts';

/**
 * Where Millrace keeps what is the user's and no editor's: the registry of stores, and the stores of the command line.
 * `$XDG_DATA_HOME/millrace` where that variable holds an absolute path, else the platform's own place.
 */
export function dataFolder(environment: Environment): string {
  const xdg = environment.variable('XDG_DATA_HOME') ?? '';
  return join(isAbsolute(xdg) ? xdg : platformFolder(environment), 'millrace');
}

/** Of these branches only Linux's has been run. */
function platformFolder(environment: Environment): string {
  const { platform, homeDirectory } = environment;
  switch (platform) {
    case 'win32':
      return environment.variable('LOCALAPPDATA') || join(homeDirectory, 'AppData', 'Local');
    case 'darwin':
      return join(homeDirectory, 'Library', 'Application Support');
    case 'linux':
      return join(homeDirectory, '.local', 'share');
  }
}
