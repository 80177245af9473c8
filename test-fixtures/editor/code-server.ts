import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { holdLock } from './build-lock.ts';
import { cacheFolder } from './cache.ts';
import { buildNeeds, provide } from './debian.ts';

const version = '4.139.1';

/** npm's package of the Node program and headers for this platform; the editor keeps a copy of its own. */
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** A built code-server (VS Code 1.139): run `node entry …` with exactly this `node`, its native modules fit no other. */
export interface EditorInstall {
  readonly entry: string;
  readonly node: string;
}

export interface EnsureOptions {
  /** Gets progress lines while something is installed or built; nothing when all is there. */
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The editor that tests and `npm start` use. Built on first use from the npm package into the cache folder (two to
 * three minutes) and then reused by every checkout. Building is atomic: it happens beside the final folder, which
 * appears by one rename; a second builder waits. Throws with the end of the build's log if that fails.
 */
export async function ensureEditor({ report, signal }: EnsureOptions): Promise<EditorInstall> {
  const home = join(cacheFolder(), `editor-${version}`);
  const modules = join(home, 'node_modules');
  const install = {
    entry: join(modules, 'code-server/out/node/entry.js'),
    node: join(modules, nodePackage, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'),
  };
  if (existsSync(install.entry)) return install;
  provide(buildNeeds, report);
  await using _lock = await holdLock(`${home}.lock`, {
    onWait: () => report('Another process is building the editor; waiting for it …'),
    signal,
  });
  if (existsSync(install.entry)) return install;
  await build(home, { report, signal });
  return install;
}

async function build(home: string, options: EnsureOptions): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < 24) {
    throw new Error(`The editor is built by Node 24, not ${process.version}: start this through "npm run".`);
  }
  const started = Date.now();
  const workshop = `${home}.building-${process.pid}`;
  const log = `${home}.log`;
  await removeLeftovers(home);
  await mkdir(workshop, { recursive: true });
  await writeFile(
    join(workshop, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies: { 'code-server': version, [nodePackage]: process.versions.node },
      allowScripts: { 'code-server': true, argon2: true },
    }),
  );
  options.report(`Building the editor (code-server ${version}) into ${home}, once; two to three minutes …`);
  const clock = setInterval(() => options.report(`  … still building, ${seconds(started)}`), 15_000);
  try {
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], { workshop, log, ...options });
    await npm(['rebuild', '--foreground-scripts'], { workshop, log, ...options });
    await rename(workshop, home);
  } finally {
    clearInterval(clock);
    await rm(workshop, { recursive: true, force: true });
  }
  await rm(log, { force: true });
  options.report(`The editor is built, after ${seconds(started)}.`);
}

interface NpmOptions extends EnsureOptions {
  readonly workshop: string;
  readonly log: string;
}

async function npm(args: readonly string[], options: NpmOptions): Promise<void> {
  const log = createWriteStream(options.log, { flags: 'a' });
  const child = spawn('npm', [...args], {
    cwd: options.workshop,
    env: buildEnvironment(options.workshop),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  try {
    const [code, signal] = await once(child, 'close');
    if (code !== 0) throw new Error(`ended with ${signal ?? `exit code ${code}`}`);
  } catch (error) {
    options.signal.throwIfAborted();
    const words = (await readFile(options.log, 'utf8')).trimEnd().split('\n').slice(-20).join('\n');
    throw new Error(
      `Building the editor failed: npm ${args[0]} ${message(error)}. Log: ${options.log}\n${words}`,
      {
        cause: error,
      },
    );
  } finally {
    log.end();
    await finished(log);
  }
}

/**
 * Our Node first in PATH and its headers at hand. Of an npm run that we may be part of, only the ways to the registry:
 * code-server's own scripts believe what such a run says about its Node.
 */
function buildEnvironment(workshop: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_/i.test(name) || aboutRegistry.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    npm_config_nodedir: join(workshop, 'node_modules', nodePackage),
  };
}

const aboutRegistry =
  /^npm_config_(registry|https?_proxy|proxy|noproxy|ca|cafile|strict_ssl|userconfig|cache)$/i;

/** Workshops of builders that died; whoever holds the lock is the only builder. */
async function removeLeftovers(home: string): Promise<void> {
  const folder = dirname(home);
  const names = (await readdir(folder)).map((name) => join(folder, name));
  const dead = names.filter((name) => name === `${home}.log` || name.startsWith(`${home}.building-`));
  await Promise.all(dead.map((name) => rm(name, { recursive: true, force: true })));
}

function seconds(since: number): string {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
