import { existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { sep } from 'node:path';
import * as Schema from 'effect/Schema';
import { diskErrorCode } from './disk.ts';

/**
 * Lock files, `LOCK-<epoch>`: creating one is the claim, and the highest epoch owns the folder. They are never
 * overwritten by another owner, so that one who was stopped in mid-claim can take nothing back: it finds its
 * own file overruled. The epoch before the highest keeps its file; older ones are removed, oldest first.
 */
export type OwnerInfo = typeof OwnerInfo.Type;
const OwnerInfo = Schema.Struct({
  pid: Schema.Int,
  /** Of the process, in the system's own ticks: pids are used again. Empty where the system does not tell. */
  startTime: Schema.String,
  bootID: Schema.String,
  host: Schema.String,
  /** Real path of the folder: a copy of it is nobody's. */
  directory: Schema.String,
  nonce: Schema.String,
  epoch: Schema.Int,
  surface: Schema.String,
  /** The owner closed the store and writes no more. */
  released: Schema.Boolean,
});

/** What this process writes into its lock file. */
export function describeOwner(facts: {
  readonly directory: string;
  readonly nonce: string;
  readonly epoch: number;
  readonly surface: string;
}): OwnerInfo {
  return { ...facts, pid: process.pid, ...here(process.pid), released: false };
}

/** Epochs that have a lock file, growing. */
export function listClaims(directory: string): readonly number[] {
  return readdirSync(directory)
    .map((name) => Number(claimName.exec(name)?.[1]))
    .filter((epoch) => Number.isSafeInteger(epoch))
    .sort((a, b) => a - b);
}

/** The owner of that epoch; undefined when its file is missing, or was cut off by a power failure. */
export function readClaim(directory: string, epoch: number): OwnerInfo | undefined {
  try {
    const decoded = decodeOwner(readFileSync(claimPath(directory, epoch), 'utf8'));
    return decoded._tag === 'Success' ? decoded.success : undefined;
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns false when another one has claimed that epoch, or a later one. */
export function writeClaim(directory: string, info: OwnerInfo): boolean {
  try {
    writeFileSync(claimPath(directory, info.epoch), JSON.stringify(info), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (diskErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  const claims = listClaims(directory);
  if (claims.at(-1) !== info.epoch) {
    removeClaim(directory, info.epoch);
    return false;
  }
  // The one before stays, so that a listing never comes upon a folder that is between two owners.
  for (const old of claims.slice(0, -2)) removeClaim(directory, old);
  return true;
}

/**
 * Whether the claim still owns the folder. The next epoch's file is looked for first: were it gone because a
 * still later owner removed it, this claim's own had been removed before.
 */
export function holdsClaim(directory: string, epoch: number): boolean {
  return !existsSync(claimPath(directory, epoch + 1)) && existsSync(claimPath(directory, epoch));
}

/** Says in the owner's own file that it is done. Its epoch stays used. */
export function releaseClaim(directory: string, info: OwnerInfo): void {
  const path = claimPath(directory, info.epoch);
  writeFileSync(`${path}.tmp`, JSON.stringify({ ...info, released: true }), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** Whether the process that wrote this has surely ended, or is done, as far as can be told without its socket. */
export function isOver(info: OwnerInfo, directory: string): boolean {
  if (info.released || info.directory !== directory || info.pid === process.pid) return true;
  const now = here(info.pid);
  if (info.bootID !== '' && info.bootID === now.bootID) {
    // Another container's processes are not visible: only its own kind may call one dead.
    return info.host === now.host && (!isRunning(info.pid) || info.startTime !== now.startTime);
  }
  return info.host === now.host;
}

/** Of the machine's current start; empty where the system does not tell. */
export function bootID(): string {
  return readSystem('/proc/sys/kernel/random/boot_id').trim();
}

const claimName = /^LOCK-(\d+)$/;
const decodeOwner = Schema.decodeUnknownResult(Schema.fromJsonString(OwnerInfo));

function claimPath(directory: string, epoch: number): string {
  return `${directory}${sep}LOCK-${epoch}`;
}

export function removeClaim(directory: string, epoch: number): void {
  try {
    unlinkSync(claimPath(directory, epoch));
  } catch (error) {
    // Two later owners may remove it at once.
    if (diskErrorCode(error) !== 'ENOENT') throw error;
  }
}

function here(pid: number): Pick<OwnerInfo, 'bootID' | 'host' | 'startTime'> {
  const stat = readSystem(`/proc/${pid}/stat`);
  return {
    bootID: bootID(),
    host: hostname(),
    // Field 22; the name in field 2 may hold spaces and brackets.
    startTime: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '',
  };
}

/** A file of the kernel, or nothing where the system has no such file. */
function readSystem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (diskErrorCode(error) !== undefined) return '';
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
