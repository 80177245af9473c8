import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from './file-errors.ts';

export interface TreeOptions {
  /** Process id of the leader, which is its group's id too. */
  readonly leader: number;
  /** `NAME=value` in the environment of every process of the tree. */
  readonly mark: string;
}

export interface ProcessTree {
  /**
   * Ends what is left: SIGTERM, and SIGKILL after 3 s; resolves when all is gone, with the number of processes that
   * were told to end. Several calls at once share one ending.
   */
  end(): Promise<number>;
}

/** In the environment of a process that only carries output: it is not told to end, it ends with its writers. */
export const relayMark = 'MILLRACE_RELAY=1';

const graceMs = 3_000;
/** What cannot even be killed (a hung network disk) is left to the system after this. */
const giveUpMs = 6_000;
const lookEveryMs = 20;

/**
 * The processes of one command. On Linux those of its group, and by the mark also those that left it (`setsid`,
 * double forks); elsewhere its group, on Windows the leader alone (neither is run here).
 */
export function createTree(tree: TreeOptions): ProcessTree {
  let ending: Promise<number> | undefined;
  return {
    end: () => {
      ending ??= endTree(tree).finally(() => {
        ending = undefined;
      });
      return ending;
    },
  };
}

async function endTree(tree: TreeOptions): Promise<number> {
  const started = performance.now();
  const first = await living(tree);
  signalAll(tree, first, 'SIGTERM');
  for (let left = first; left.length > 0; left = await living(tree)) {
    const waited = performance.now() - started;
    if (waited > giveUpMs) break;
    if (waited > graceMs) signalAll(tree, left, 'SIGKILL');
    await pause(lookEveryMs);
  }
  return first.filter(({ relay }) => !relay).length;
}

/** The whole group in one call, so that nothing is forked in between; then each that has left the group. */
function signalAll({ leader }: TreeOptions, members: readonly Member[], signal: NodeJS.Signals): void {
  const told = members.filter(({ relay }) => !relay || signal === 'SIGKILL');
  if (told.some(({ group }) => group === leader))
    sendTo(process.platform === 'win32' ? leader : -leader, signal);
  for (const { pid, group } of told) if (group !== leader) sendTo(pid, signal);
}

/** True when somebody was there to get it. */
function sendTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (['ESRCH', 'EPERM'].includes(systemCode(error))) return false;
    throw error;
  }
}

interface Member {
  readonly pid: number;
  readonly group: number;
  readonly relay: boolean;
}

async function living(tree: TreeOptions): Promise<readonly Member[]> {
  if (process.platform !== 'linux') return portableLiving(tree);
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  return (await Promise.all(pids.map((pid) => memberOf(pid, tree)))).flat();
}

function portableLiving({ leader }: TreeOptions): readonly Member[] {
  const alive = sendTo(process.platform === 'win32' ? leader : -leader, 0);
  return alive ? [{ pid: leader, group: leader, relay: false }] : [];
}

async function memberOf(pid: number, { leader, mark }: TreeOptions): Promise<readonly Member[]> {
  const stat = await procFile(pid, 'stat');
  // The name in brackets may hold anything; behind it stand state, parent and group.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie is dead; somebody above us may never collect it.
  if (stat === '' || state === 'Z' || state === 'X') return [];
  const variables = (await procFile(pid, 'environ')).split('\0');
  if (Number(group) !== leader && !variables.includes(mark)) return [];
  return [{ pid, group: Number(group), relay: variables.includes(relayMark) }];
}

async function procFile(pid: number, name: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${name}`, 'latin1');
  } catch (error) {
    // Gone meanwhile, or somebody else's.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error))) return '';
    throw error;
  }
}
