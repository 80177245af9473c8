import { randomFillSync } from 'node:crypto';
import { type Disk, diskErrorCode } from './disk.ts';
import type { ReadOnly } from './state.ts';

/** R10: room that is given back when the disk is full, so that what went on can still be written down. */
const reserveFile = 'reserve.bin';
const reserveSize = 1024 * 1024;
/** Taking the last megabytes would only make the next write fail. */
const leastFree = 64 * 1024 * 1024;
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** Keeps a reserve when there is none and room enough. For quiet moments. */
export function keepReserve(disk: Disk): void {
  try {
    if (disk.list('.').includes(reserveFile) || disk.freeBytes() < leastFree) return;
    const temporary = `${reserveFile}.tmp`;
    if (disk.list('.').includes(temporary)) disk.remove(temporary);
    fill(disk, temporary);
    disk.rename(temporary, reserveFile);
  } catch (error) {
    // A store without a reserve is a store still. What is left of it goes at the next opening (R1).
    if (diskErrorCode(error) === undefined) throw error;
  }
}

/** Gives the reserve back when that is what the disk lacks. */
export function freeReserve(disk: Disk, { code, data }: ReadOnly): void {
  if (code !== 'store.unwritable' || !full.has(data['0'])) return;
  try {
    if (disk.list('.').includes(reserveFile)) disk.remove(reserveFile);
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
  }
}

/** Random, because some file systems keep nothing of bytes that repeat. */
function fill(disk: Disk, name: string): void {
  const file = disk.create(name);
  try {
    file.write(randomFillSync(Buffer.allocUnsafe(reserveSize)), 0);
    file.sync();
  } finally {
    file.close();
  }
}
