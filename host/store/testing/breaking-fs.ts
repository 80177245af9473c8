import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { diskError } from './memory-disk.ts';

/** One moment in the life of a process, named by the call of the file system that stands there, and what happens then. */
export interface Break {
  /** A function of `node:fs`; absent: any that the store calls. */
  readonly call?: string;
  /** Regular expression: the path, of a rename the new one. */
  readonly path?: string;
  /** Text that is in the bytes written. */
  readonly text?: string;
  /** Which of the calls that fit, from 1. */
  readonly nth: number;
  readonly when: BreakTime;
  /** What happens: the process dies, stands still until it is woken, or the call fails with this code. */
  readonly action: 'kill' | 'stop' | `E${string}`;
}

export type BreakTime =
  | 'before'
  /** Half of the bytes are written. */
  | 'half'
  | 'after'
  /** After the next sync of the same file. */
  | 'synced'
  /** Before that sync, a while later: what does not wait for it goes on meanwhile. */
  | 'unsynced';

/**
 * Puts itself between this thread and the file system: all that the store and its lock do there goes through it.
 * Only for programs of their own, which it is meant to end.
 */
export function breakFileSystem(): { arm(at: Break | undefined): void; readonly calls: number } {
  const state: State = { armed: undefined, fitting: 0, calls: 0, pendingSync: undefined };
  const paths = new Map<number, string>();
  const patched = watchedCalls.map((name) => [name, broken(name, { state, paths })] as const);
  Object.assign(fs, Object.fromEntries(patched));
  syncBuiltinESMExports();
  return {
    arm(at) {
      state.armed = at;
      state.fitting = 0;
      state.pendingSync = undefined;
    },
    get calls() {
      return state.calls;
    },
  };
}

const watchedCalls = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'readSync',
  'readFileSync',
  'fdatasyncSync',
  'fsyncSync',
  'ftruncateSync',
  'renameSync',
  'unlinkSync',
  'mkdirSync',
  'readdirSync',
] as const;
type CallName = (typeof watchedCalls)[number];
type AnyCall = (...args: readonly unknown[]) => unknown;

interface State {
  armed: Break | undefined;
  fitting: number;
  calls: number;
  /** The file whose next sync is waited for. */
  pendingSync: string | undefined;
}

interface World {
  readonly state: State;
  /** Of open files. */
  readonly paths: Map<number, string>;
}

function broken(name: CallName, world: World): AnyCall {
  const original = Reflect.get(fs, name) as AnyCall;
  const { state, paths } = world;
  return (...args) => {
    const path = pathOf(name, args, paths);
    state.calls += 1;
    const moment = momentOf({ name, path, args, state });
    if (moment === 'before') happen(state);
    if (moment === 'half') {
      writeHalf(original, args);
      happen(state);
    }
    if (moment === 'unsynced, at the sync') dieLater();
    const result = original(...args);
    if (name === 'openSync') paths.set(Number(result), path);
    if (moment === 'after' || moment === 'synced, at the sync') happen(state);
    if (moment === 'synced' || moment === 'unsynced') state.pendingSync = path;
    return result;
  };
}

/** Which moment this call is; undefined for most. */
function momentOf(call: Call): BreakTime | `${BreakTime}, at the sync` | undefined {
  const { armed, pendingSync } = call.state;
  if (armed === undefined) return undefined;
  if (pendingSync === undefined) return fits(armed, call) ? armed.when : undefined;
  const isSync = call.name === 'fdatasyncSync' || call.name === 'fsyncSync';
  return isSync && call.path === pendingSync ? `${armed.when}, at the sync` : undefined;
}

function pathOf(name: CallName, args: readonly unknown[], paths: ReadonlyMap<number, string>): string {
  const [first, second] = args;
  if (name === 'renameSync') return String(second);
  return typeof first === 'number' ? (paths.get(first) ?? '') : String(first);
}

interface Call {
  readonly name: CallName;
  readonly path: string;
  readonly args: readonly unknown[];
  readonly state: State;
}

function fits(at: Break, { name, path, args, state }: Call): boolean {
  if (at.call !== undefined && at.call !== name) return false;
  if (at.path !== undefined && !new RegExp(at.path).test(path)) return false;
  if (at.text !== undefined && !textOf(args[1]).includes(at.text)) return false;
  state.fitting += 1;
  return state.fitting === at.nth;
}

function textOf(bytes: unknown): string {
  if (typeof bytes === 'string') return bytes;
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : '';
}

/** What is stopped goes on from here, some day. */
function happen(state: State): void {
  const action = state.armed?.action ?? 'kill';
  state.armed = undefined;
  state.pendingSync = undefined;
  if (action === 'kill') process.kill(process.pid, 'SIGKILL');
  else if (action === 'stop') process.kill(process.pid, 'SIGSTOP');
  else throw diskError(action, 'broken');
}

function writeHalf(original: AnyCall, args: readonly unknown[]): void {
  const [fd, bytes, ...rest] = args;
  if (!(bytes instanceof Uint8Array)) return;
  const length = Math.floor(bytes.length / 2);
  original(fd, bytes, 0, length, rest[2] ?? null);
}

/** Blocks this thread, not the others of the process: who did not wait for the sync shows. */
function dieLater(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120);
  process.kill(process.pid, 'SIGKILL');
}
