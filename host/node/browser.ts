import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { HostError } from '#shared/host-error.ts';
import { type Browser, isSafeAddress } from '../ports/browser.ts';
import type { Environment } from '../ports/environment.ts';

export interface NodeBrowserOptions {
  readonly environment: Environment;
  /** What opens an address, in place of the platform's own: a program, and what stands before the address. */
  readonly opener?: readonly [program: string, ...args: readonly string[]];
}

/**
 * The browser of the desktop that this process runs on, by the platform's own opener; none over SSH or without a
 * desktop. Of the platforms' openers only Linux' has been run.
 */
export function nodeBrowser({ environment, opener }: NodeBrowserOptions): Browser {
  return {
    async open(address) {
      if (!isSafeAddress(address)) {
        throw new HostError('browser.address', 'This is not the address of a web page: it was not opened.');
      }
      const [program, ...args] = opener ?? openerOf(environment);
      if (program === undefined || !(await isProgram(program))) return false;
      return started(program, [...args, address]);
    },
    asExternal: (address) => Promise.resolve(address),
  };
}

/** By absolute paths of the system: what a folder of the workspace puts into PATH is never run. */
function openerOf(environment: Environment): readonly string[] {
  switch (environment.platform) {
    case 'darwin':
      return ['/usr/bin/open'];
    case 'win32':
      return [
        `${environment.variable('SystemRoot') ?? 'C:\\Windows'}\\System32\\rundll32.exe`,
        'url.dll,FileProtocolHandler',
      ];
    case 'linux':
      return hasDesktop(environment) ? ['/usr/bin/xdg-open'] : [];
  }
}

function hasDesktop({ variable }: Environment): boolean {
  if (variable('SSH_CONNECTION')) return false;
  return Boolean(variable('DISPLAY') || variable('WAYLAND_DISPLAY'));
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** Not one of our own processes, which end with what they started: the browser stays when its opener is done. */
function started(program: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { detached: true, stdio: 'ignore', env: withoutSecrets(process.env) });
  child.unref();
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(true));
    child.once('error', () => resolve(false));
  });
}

const secretName = /KEY|TOKEN|SECRET|PASSWORD/i;

function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secretName.test(name)));
}
