import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, win32 } from 'node:path';
import type { FileFacts, Files } from '../../ports/files.ts';
import { tempFolder } from './temp-folder.ts';

/** One row of a path corpus: what `expect` says holds for `input` after `setup`. */
export interface PathRow {
  readonly id: string;
  readonly input: string;
  readonly platform: 'linux' | 'win32' | 'darwin' | 'any';
  readonly op: 'read' | 'write' | 'glob' | 'patch';
  readonly setup: readonly string[];
  readonly expect: 'inside' | 'external' | 'protected' | 'invalid';
}

/** The shared corpus writes its variables as shells do; our rows use angle brackets. */
const variable = /\$\{(ROOTNAME|ROOT|OUT)\}|<(ROOTNAME|ROOT|OUT)>/g;

const shared = new URL('../../../../shared/corpora/path-escapes.json', import.meta.url);

/** The rows handed out beside the project; none where they are absent. */
export function sharedRows(): readonly PathRow[] {
  if (!existsSync(shared)) return [];
  return (JSON.parse(readFileSync(shared, 'utf8')) as { cases: readonly PathRow[] }).cases;
}

const row = (id: string, input: string, rest: Omit<PathRow, 'id' | 'input'>): PathRow => ({
  id,
  input,
  ...rest,
});
const linux = (op: PathRow['op'], expect: PathRow['expect'], setup: readonly string[] = []) =>
  ({ platform: 'linux', op, expect, setup }) as const;
const any = (op: PathRow['op'], expect: PathRow['expect'], setup: readonly string[] = []) =>
  ({ platform: 'any', op, expect, setup }) as const;
const windows = (op: PathRow['op'], expect: PathRow['expect']) =>
  ({ platform: 'win32', op, expect, setup: [] }) as const;

/** Rows of our own, at least one for each class of escape. */
export const ownRows: readonly PathRow[] = [
  row('own-01', '..', linux('read', 'external')),
  row('own-02', '.', linux('read', 'inside')),
  row('own-03', '<ROOT>', linux('read', 'inside')),
  row('own-04', '/', linux('read', 'external')),
  row('own-05', '..foo/x', linux('write', 'inside')),
  row('own-06', '~', linux('read', 'external')),
  row('own-07', '~root/.ssh/id_rsa', linux('read', 'invalid')),
  row('own-08', '~$draft.docx', linux('read', 'inside')),
  row('own-09', 'loop/x', linux('read', 'invalid', ['symlink loop loop'])),
  row('own-10', 'a.ts/../b.ts', linux('read', 'invalid', ['file a.ts'])),
  row('own-11', 'one/x', linux('read', 'external', ['symlink two <OUT>', 'symlink one two'])),
  row('own-12', 'dangling/new/x', linux('write', 'external', ['symlink dangling <OUT>/nosuch'])),
  row('own-13', 'sock', linux('read', 'invalid', ['socket sock'])),
  row('own-14', 'hl.txt', linux('read', 'inside', ['hardlink hl.txt <OUT>/secret.txt'])),
  row('own-15', '/proc/self/root<OUT>/secret.txt', linux('read', 'external')),
  row('own-16', 'root/etc/passwd', linux('read', 'external', ['symlink root /proc/self/root'])),
  row('own-17', 'sub/.git/hooks/x', any('write', 'protected')),
  row('own-18', '.GIT/config', any('write', 'protected')),
  row('own-19', 'x.code-workspace', any('write', 'protected')),
  row('own-20', '.mcp.json', any('write', 'protected')),
  row('own-21', '.env', any('write', 'inside')),
  row('own-22', '.git/config', any('read', 'inside', ['mkdir .git'])),
  row('own-23', 'cfg/settings.json', linux('write', 'protected', ['mkdir cfg', 'symlink .vscode cfg'])),
  row('own-24', '.bare/hooks/x', linux('write', 'protected', ['mkdir .bare', 'gitfile .git ./.bare'])),
  row('own-25', 'src/x\u0085.ts', any('write', 'invalid')),
  row('own-26', `${'long/'.repeat(900)}x`, any('read', 'invalid')),
  row('own-27', 'file:/etc/passwd', linux('read', 'external')),
  row('own-28', 'FILE:///etc/passwd', linux('read', 'external')),
  row(
    'own-29',
    'file://<ROOT>/src/%2e%2e/%2e%2e/outside/secret.txt',
    linux('read', 'external', ['mkdir src']),
  ),
  row('own-30', 'file://<ROOT>/src/%zz', linux('read', 'invalid')),
  row('own-31', 'file://<ROOT>/a%00b', linux('read', 'invalid')),
  row('own-32', 'file://<ROOT>/src/a.ts', linux('read', 'inside')),
  row('own-33', 'file:src/a.ts', linux('read', 'invalid')),
  row('own-34', '/etc/*', linux('glob', 'external')),
  row('own-35', 'src/*/../../../*', linux('glob', 'external', ['mkdir src'])),
  row('own-36', '**/*.ts', linux('glob', 'inside')),
  row('own-37', 'link/*', linux('glob', 'external', ['symlink link <OUT>'])),
  row('own-38', 'GIT~1\\config', windows('write', 'protected')),
  row('own-39', 'C:\\WS\\Proj\\src\\a.ts', windows('read', 'inside')),
  row('own-40', 'a?.ts', windows('write', 'invalid')),
  row('own-41', 'file:///C%3A/ws/proj/src/a.ts', windows('read', 'inside')),
  row('own-42', 'src\\name.', windows('write', 'invalid')),
  row('own-43', '<ROOT>/../<ROOTNAME>/src/a.ts', linux('read', 'inside')),
];

export interface Scene {
  readonly root: string;
  readonly outside: string;
  /** The row's input with its variables filled in. */
  readonly input: string;
}

/** Makes the folder that a row asks for, in a temporary folder of its own. */
export function stage({ input, setup }: PathRow): Scene {
  const top = tempFolder('path');
  const root = join(top, 'project');
  const outside = join(top, 'outside');
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), 'TOP SECRET\n');
  const values: Readonly<Record<string, string>> = { ROOT: root, ROOTNAME: basename(root), OUT: outside };
  const fill = (text: string) => text.replace(variable, (_, shared, own) => values[shared ?? own] ?? '');
  for (const line of setup) prepare(fill(line).split(' '), root);
  return { root, outside, input: fill(input) };
}

function prepare([verb, name = '', target = '']: readonly string[], root: string): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  const verbs: Readonly<Record<string, () => void>> = {
    mkdir: () => void mkdirSync(path, { recursive: true }),
    file: () => writeFileSync(path, 'inside\n'),
    gitfile: () => writeFileSync(path, `gitdir: ${target}\n`),
    symlink: () => symlinkSync(target, path),
    hardlink: () => linkSync(target, path),
    fifo: () => void execFileSync('mkfifo', [path]),
    // It ends by its own signal.
    socket: () => void spawnSync(process.execPath, ['-e', socketProgram, path]),
    'outside-sibling': () => {
      mkdirSync(`${root}-evil`);
      writeFileSync(`${root}-evil/x.txt`, 'TOP SECRET\n');
    },
  };
  const run = verbs[verb ?? ''];
  if (run === undefined) throw new Error(`The corpus asks for an unknown setup: ${verb}`);
  run();
}

// The socket stays behind when its process is killed.
const socketProgram =
  "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";

/** A disk of another platform, on which only `root` and what a row sets up exist: for judging paths lexically. */
export function lexicalFiles(root: string, { setup }: PathRow): Pick<Files, 'inspect' | 'open'> {
  const windowsRoot = root.includes('\\');
  const directories = new Set<string>();
  const add = (path: string) => {
    for (let at = path; !directories.has(at); at = windowsRoot ? win32.dirname(at) : dirname(at))
      directories.add(at);
  };
  add(root);
  for (const line of setup) {
    const [verb, name = ''] = line.split(' ');
    if (verb === 'mkdir') add(windowsRoot ? win32.join(root, name) : join(root, name));
  }
  return {
    inspect: (path) => Promise.resolve(directories.has(path) ? directory : undefined),
    open: () => Promise.reject(new Error('nothing is read to judge a path')),
  };
}

const directory: FileFacts = {
  type: 'directory',
  size: 0,
  mode: 0o755,
  modified: 0,
  links: 2,
  identity: '1:1',
  version: '1:1:0',
};
