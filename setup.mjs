// Makes node_modules fit package-lock.json, then gets out of the way. `npm test` and `npm start` begin here,
// on whatever Node the machine has: plain JavaScript for Node 20, no dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestNode = 20;
const root = dirname(fileURLToPath(import.meta.url));
const lockFile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const stampFile = join(root, 'node_modules', '.millrace-setup');
const pinnedNode = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

const nodeMajor = Number(process.versions.node.split('.')[0]);
if (nodeMajor < oldestNode) {
  fail(`Millrace needs Node ${oldestNode} or newer to set itself up; this is ${process.version}.`);
}
const lock = readFileSync(lockFile, 'utf8');
const stamp = createHash('sha256').update(lock).digest('hex');
if (!isStamped()) {
  if (!fits()) install();
  writeFileSync(stampFile, stamp);
}

/** The usual case, a few milliseconds: this very lockfile was installed by an earlier run. */
function isStamped() {
  return existsSync(pinnedNode) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
}

/**
 * Somebody ran npm by hand: node_modules is kept if it holds what the lockfile says, package by package.
 * Optional packages (those of other platforms) may be absent, but not in another version.
 */
function fits() {
  if (!existsSync(pinnedNode) || !existsSync(installed)) return false;
  const wanted = Object.entries(JSON.parse(lock).packages).filter(([path]) => path !== '');
  const have = readPackages(installed);
  return wanted.every(([path, entry]) => {
    const found = have[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

/** npm's own record of node_modules; one that was cut off while being written counts as nothing installed. */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function install() {
  process.stdout.write('Installing dependencies (npm ci) …\n');
  const started = Date.now();
  const result = npm(['ci', '--loglevel=error', '--no-fund', '--no-audit', '--no-progress']);
  if (result.error) fail(`npm could not be started: ${result.error.message}. Is npm installed and on PATH?`);
  if (result.status !== 0) {
    const end = result.signal ? `was ended by ${result.signal}` : `ended with exit code ${result.status}`;
    fail(`"npm ci" ${end}. It said:\n${excerpt(`${result.stdout}${result.stderr}`)}`);
  }
  if (!existsSync(pinnedNode)) {
    fail(
      '"npm ci" left no node_modules/.bin/node: install scripts are switched off (ignore-scripts). Allow them.',
    );
  }
  process.stdout.write(`Dependencies are in place after ${((Date.now() - started) / 1000).toFixed(1)} s.\n`);
}

/** The npm that called us if there is one, so that no shell is needed; else the one on PATH. */
function npm(args) {
  const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' };
  const script = process.env['npm_execpath'];
  if (script?.endsWith('.js')) return spawnSync(process.execPath, [script, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** npm's reasons, without the manual page it adds to some of them; the path of its log comes last. */
function excerpt(words) {
  const lines = words.split('\n').filter((line) => line.replace('npm error', '').trim() !== '');
  const manual = lines.findIndex((line) => line.includes('Clean install a project'));
  const reasons = lines.slice(0, manual === -1 ? lines.length : manual);
  const log = lines.filter((line) => manual !== -1 && line.includes('complete log'));
  return [...reasons.slice(0, 25), ...log].map((line) => `  ${line}`).join('\n');
}

function fail(text) {
  process.stderr.write(`setup: ${text}\n`);
  process.exit(1);
}
