import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every living process below `root`, without `root` itself, parents before their children. */
export function descendants(root: number): readonly ProcessRow[] {
  const rows = allProcesses();
  const found: ProcessRow[] = [];
  let front = [root];
  while (front.length > 0) {
    const next = rows.filter((row) => front.includes(row.parent));
    found.push(...next);
    front = next.map((row) => row.pid);
  }
  return found;
}

/** Kills the tree below and with `root`, whatever process groups its members made for themselves. */
export function killTree(root: number): void {
  const pids = [root, ...descendants(root).map((row) => row.pid)];
  for (const pid of pids) kill(pid, 'SIGKILL');
}

/** Sends a signal; a process that is gone already is fine. Returns whether it was there. */
export function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Whether the process lives; one that is dead but not yet waited for (a zombie) does not. */
export function isAlive(pid: number): boolean {
  if (!kill(pid, 0)) return false;
  return procRow(pid) !== undefined || !existsSync('/proc/self/stat');
}

function allProcesses(): readonly ProcessRow[] {
  if (!existsSync('/proc/self/stat')) return listedByPs();
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => procRow(Number(pid)) ?? []);
}

/** Linux. `stat` is "pid (name) state parent …", and the name may itself hold spaces and parentheses. */
function procRow(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(parent), command };
  } catch (error) {
    const gone =
      error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code));
    if (gone) return undefined;
    throw error;
  }
}

/** macOS and the BSDs; not run by our own tests. */
function listedByPs(): readonly ProcessRow[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }] : [];
  });
}
