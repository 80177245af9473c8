import { readdirSync, readFileSync } from 'node:fs';
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

/** In the environment of a process that only carries output: it is not asked to end, it ends with its writers. */
export const relayMark = 'MILLRACE_RELAY=1';

const graceMs = 3_000;
/** What cannot even be killed (a hung network disk) is left to the system after this. */
const giveUpMs = 6_000;
const lookEveryMs = 20;
const unsettledLooks = 3;

/**
 * The processes of one command. On Linux those of its group, and by the mark also those that left it (`setsid`,
 * double forks); elsewhere its group, on Windows the leader alone (neither is run here).
 */
export function createTree(options: TreeOptions): ProcessTree {
  const tree = { ...options, since: process.platform === 'linux' ? statOf(options.leader).started : 0 };
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

/** `since` is when the leader started, in ticks since the machine did: what is older is none of its tree. */
interface Tree extends TreeOptions {
  readonly since: number;
}

async function endTree(tree: Tree): Promise<number> {
  const begun = performance.now();
  const asked = new Set<string>();
  const first = await settledMembers(tree);
  for (let left = first; left.length > 0; left = living(tree)) {
    const waited = performance.now() - begun;
    if (waited > giveUpMs) break;
    if (waited > graceMs) signalAll(tree, left, 'SIGKILL');
    else askToEnd(tree, left, asked);
    await pause(lookEveryMs);
  }
  return first.filter(({ relay }) => !relay).length;
}

/** A process that is just starting a program has no environment for a moment, and cannot be told from a relay. */
async function settledMembers(tree: Tree): Promise<readonly Member[]> {
  let members = living(tree);
  for (let look = 0; look < unsettledLooks && members.some(({ isBare }) => isBare); look++) {
    await pause(lookEveryMs);
    members = living(tree);
  }
  return members;
}

/** Each process is asked once, also one that was started meanwhile; some take a second time for impatience. */
function askToEnd(tree: Tree, left: readonly Member[], asked: Set<string>): void {
  const nameOf = ({ pid, started }: Member) => `${pid}:${started}`;
  const fresh = left.filter((member) => !member.relay && !asked.has(nameOf(member)));
  const isFirst = asked.size === 0;
  for (const member of fresh) asked.add(nameOf(member));
  if (isFirst) signalAll(tree, fresh, 'SIGTERM');
  else for (const { pid } of fresh) sendTo(pid, 'SIGTERM');
}

/** The whole group in one call, so that nothing is forked in between; then each that has left the group. */
function signalAll({ leader }: TreeOptions, members: readonly Member[], signal: NodeJS.Signals): void {
  const isGroup = members.some(({ group }) => group === leader);
  if (isGroup) sendTo(process.platform === 'win32' ? leader : -leader, signal);
  for (const { pid, group } of members) if (group !== leader) sendTo(pid, signal);
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
  /** When it was started: with the id, this process and no later one. */
  readonly started: number;
  readonly relay: boolean;
  /** Without any environment. */
  readonly isBare: boolean;
}

/** Read without waiting: /proc is memory, and a thread for each of hundreds of files costs ten times as much. */
function living(tree: Tree): readonly Member[] {
  if (process.platform !== 'linux') return portableLiving(tree);
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.flatMap((pid) => memberOf(pid, tree));
}

function portableLiving({ leader }: TreeOptions): readonly Member[] {
  const alive = sendTo(process.platform === 'win32' ? leader : -leader, 0);
  return alive ? [{ pid: leader, group: leader, started: 0, relay: false, isBare: false }] : [];
}

function memberOf(pid: number, { leader, mark, since }: Tree): readonly Member[] {
  const { isAlive, group, started } = statOf(pid);
  if (!isAlive || started < since) return [];
  const environment = procFile(pid, 'environ');
  const variables = environment.split('\0');
  if (group !== leader && !variables.includes(mark)) return [];
  return [{ pid, group, started, relay: variables.includes(relayMark), isBare: environment === '' }];
}

function statOf(pid: number): {
  readonly isAlive: boolean;
  readonly group: number;
  readonly started: number;
} {
  const stat = procFile(pid, 'stat');
  // The name in brackets may hold anything; behind it stand the state, the parent, the group and so on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie is dead; somebody above us may never collect it.
  const isAlive = stat !== '' && fields[0] !== 'Z' && fields[0] !== 'X';
  return { isAlive, group: Number(fields[2]), started: Number(fields[19] ?? 0) };
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch (error) {
    // Gone meanwhile, or somebody else's.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error))) return '';
    throw error;
  }
}
