import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something the harness needs from the system: a test whether it is there, and the Debian package that brings it. */
export interface SystemNeed {
  readonly what: string;
  readonly debianPackage: string;
  readonly present: () => boolean;
}

export const chromiumNeed: SystemNeed = {
  what: 'Chromium',
  debianPackage: 'chromium',
  present: () => findChromium() !== undefined,
};

/** What building code-server's native modules needs. Only looked at when it has to be built. */
export const buildNeeds: readonly SystemNeed[] = [
  {
    what: 'Kerberos headers',
    debianPackage: 'libkrb5-dev',
    present: () => ['/usr/include/gssapi.h', '/usr/include/gssapi/gssapi.h'].some((path) => existsSync(path)),
  },
  { what: 'Python 3', debianPackage: 'python3', present: () => onPath('python3') !== undefined },
  { what: 'make', debianPackage: 'make', present: () => onPath('make') !== undefined },
  { what: 'a C++ compiler', debianPackage: 'g++', present: () => onPath('g++', 'clang++') !== undefined },
];

/**
 * Installs what is missing through apt if this is root on Debian; otherwise throws one line that says what to install.
 * Does nothing, quickly, when all is there.
 */
export function provide(needs: readonly SystemNeed[], report: (line: string) => void): void {
  const missing = needs.filter((need) => !need.present());
  if (missing.length === 0) return;
  const names = missing.map((need) => need.what).join(', ');
  const packages = missing.map((need) => need.debianPackage);
  const byHand = `apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || onPath('apt-get') === undefined) {
    throw new Error(`The editor tests need ${names}. On Debian or Ubuntu, as root: ${byHand}`);
  }
  report(`Installing ${names} (${byHand}) …`);
  apt(['update', '-qq']);
  apt(['install', '-y', '-qq', ...packages]);
  const still = missing.filter((need) => !need.present()).map((need) => need.what);
  if (still.length > 0) throw new Error(`"${byHand}" ran, but ${still.join(', ')} cannot be found.`);
}

/** The Chromium to drive: `$MILLRACE_CHROMIUM`, else the first of the usual names on PATH. */
export function findChromium(): string | undefined {
  const own = process.env['MILLRACE_CHROMIUM'];
  return own || onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
}

/** The full path of the first of `names` that lies on PATH. */
export function onPath(...names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

function apt(args: readonly string[]): void {
  const result = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return;
  const words = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`"apt-get ${args.join(' ')}" failed:\n${words}`);
}
