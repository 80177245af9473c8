import { type Disk, diskErrorCode } from './disk.ts';
import { freeName } from './journal.ts';
import type { ScanEnd, Verdict } from './recovery.ts';

/**
 * R1: what a crash left of files that were being made. They are never read. Those that an owner after `epoch` is
 * making are left to it: who removes here may have been overruled this moment.
 */
export function removeTemporary(disk: Disk, epoch: number): void {
  for (const name of disk.list('.')) {
    const maker = Number(temporary.exec(name)?.[1] ?? epoch);
    if (name.endsWith('.tmp') && maker <= epoch) ifThere(() => disk.remove(name));
  }
}

/** The epoch of who makes a snapshot. */
const temporary = /\.(\d+)\.tmp$/;

/**
 * Makes a journal that ends in a cut-off write end in its last good record (R4, R6). The tail is kept in
 * `quarantine/` before it is cut. Throws Node's file-system errors; then nothing is lost, only not mended, and it can
 * be done again: an overruled owner, or an attempt before, may have done a part of it.
 * @returns the kept file of a torn tail.
 */
export function repairTail(disk: Disk, { verdict, unborn, last }: ScanEnd): KeptTail | undefined {
  for (const file of unborn) moveAside(disk, file);
  const kept = verdict.type === 'torn' ? cutTail(disk, verdict) : undefined;
  if (verdict.type === 'whole' && last !== undefined) giveBackRoom(disk, last.file, verdict.size);
  // A killed owner may leave records that are whole but only in the kernel's memory. From here on they count.
  if (last !== undefined) disk.sync(last.file);
  return kept;
}

export interface KeptTail {
  readonly file: string;
  readonly bytes: number;
}

function cutTail(
  disk: Disk,
  { file, offset, bytes }: Extract<Verdict, { type: 'torn' }>,
): KeptTail | undefined {
  const tail = disk.readPart(file, { offset, length: bytes });
  if (tail.length === 0) return undefined;
  disk.makeFolder('quarantine');
  const kept = `quarantine/${freeName(disk, `${file}.tail`)}`;
  const copy = disk.create(kept);
  try {
    copy.write(tail, 0);
    copy.sync();
  } finally {
    copy.close();
  }
  disk.syncFolder('quarantine');
  disk.syncFolder('.');
  disk.truncate(file, offset);
  return { file: kept, bytes };
}

/** A killed owner could not cut the zeros that it had written ahead. */
function giveBackRoom(disk: Disk, file: string, size: number): void {
  if (disk.readPart(file, { offset: size, length: 1 }).length > 0) disk.truncate(file, size);
}

/** R2: keeps a damaged snapshot in `quarantine/`. @returns false when it is there already. */
export function setSnapshotAside(disk: Disk, file: string): boolean {
  return disk.list('.').includes(file) && moveAside(disk, file);
}

/** @returns false when it is not there any more */
function moveAside(disk: Disk, file: string): boolean {
  disk.makeFolder('quarantine');
  return ifThere(() => disk.rename(file, `quarantine/${freeName(disk, file)}`));
}

/** @returns whether the file was there. Other failures are thrown. */
function ifThere(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (diskErrorCode(error) !== 'ENOENT') throw error;
    return false;
  }
}
