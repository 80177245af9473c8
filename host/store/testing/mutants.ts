import { crc32 } from 'node:zlib';
import type { Disk } from '../disk.ts';
import { headerSize, recordHeadSize } from '../frame.ts';
import { snapshotHeadSize } from '../snapshot-file.ts';
import { type DiskCall, hookedDisk } from './hooked-disk.ts';
import type { Spoil } from './lives.ts';

/**
 * Stores that forget one duty each, as a disk that does not do what it is asked. The tests that vouch for the store
 * must find each of them out, or they vouch for nothing.
 */
export const mutants: Readonly<Record<string, Spoil>> = {
  'does not sync its records': skipping(({ verb, file }) => verb === 'sync' && isSegment(file)),
  'does not sync its folder': skipping(({ verb, file }) => verb === 'sync-folder' && file === '.'),
  'does not sync its snapshots': skipping(({ verb, file }) => verb === 'sync' && isSnapshot(file)),
  'does not sync its shelves': skipping(({ verb, file }) => verb === 'sync-file' && isShelf(file)),
  'does not sync the names of its shelves': skipping(
    ({ verb, file }) => verb === 'sync-folder' && file === 'bodies',
  ),
  'does not sync what a killed owner left': skipping(
    ({ verb, file }) => verb === 'sync-file' && isSegment(file),
  ),
  'does not sync the cut of a torn tail': (disk) => ({
    ...hookedDisk(disk, nothing),
    truncate: cutUnsynced(disk),
  }),
  'does not check its records': (disk) => ({
    ...hookedDisk(disk, nothing),
    read: (file) => (isSegment(file) ? withGoodChecksums(disk.read(file)) : disk.read(file)),
  }),
  'does not check its snapshots, and does not sync them': (disk) => ({
    ...(mutants['does not sync its snapshots']?.(disk) ?? disk),
    read: (file) => (isSnapshot(file) ? withGoodHead(disk.read(file), file) : disk.read(file)),
  }),
  'acknowledges before the sync is done': lateSync,
  'removes the old before the new has a durable name': lateNames,
  'names a snapshot before it is written': earlyNames,
  'writes into a segment before it is durable': unheadedSegments,
  'forgets to remove an erased shelf': skipping(({ verb, file }) => verb === 'remove' && isShelf(file)),
  'forgets to remove what snapshots cover': skipping(
    ({ verb, file }) => verb === 'remove' && (isSegment(file) || isSnapshot(file)),
  ),
};

const isSegment = (file: string): boolean => file.startsWith('journal-');
const isSnapshot = (file: string): boolean => file.startsWith('snapshot-');
const isShelf = (file: string): boolean => file.startsWith('bodies/');
const nothing = (): undefined => undefined;

function skipping(isForgotten: (call: DiskCall) => boolean): Spoil {
  return (disk) => hookedDisk(disk, (call) => (isForgotten(call) ? 'skip' : undefined));
}

/** A cut that the power may take back: through a handle there is none, so that the bytes are only overwritten. */
function cutUnsynced(disk: Disk): Disk['truncate'] {
  return (file, size) => {
    const bytes = Buffer.from(disk.read(file)).subarray(0, size);
    disk.remove(file);
    const handle = disk.create(file);
    handle.write(bytes, 0);
    handle.close();
  };
}

/** Each sync of a segment is done at the next call only: the acknowledgement leaves before it. */
function lateSync(disk: Disk): Disk {
  let late: (() => void) | undefined;
  const catchUp = (): undefined => {
    const sync = late;
    late = undefined;
    sync?.();
  };
  const hooked = hookedDisk(disk, catchUp);
  return {
    ...hooked,
    create(file) {
      const handle = hooked.create(file);
      if (!isSegment(file)) return handle;
      return {
        ...handle,
        sync() {
          catchUp();
          late = () => handle.sync();
        },
      };
    },
  };
}

/** The sync of the folder behind a rename is left to the next one, which comes after the removals. */
function lateNames(disk: Disk): Disk {
  let isNamed = false;
  return hookedDisk(disk, ({ verb, file }) => {
    if (verb === 'rename') isNamed = true;
    if (verb !== 'sync-folder' || file !== '.' || !isNamed) return undefined;
    isNamed = false;
    return 'skip';
  });
}

/** Snapshots are written under the name that counts. */
function earlyNames(disk: Disk): Disk {
  const final = (file: string): string => (isSnapshot(file) ? file.replace(temporaryEnd, '') : file);
  return {
    ...hookedDisk(disk, nothing),
    create: (file) => disk.create(final(file)),
    remove: (file) => disk.remove(final(file)),
    rename: (from, to) => (isSnapshot(to) ? undefined : disk.rename(from, to)),
  };
}

/** Neither the header nor the name of a segment is synced before its first record is. */
function unheadedSegments(disk: Disk): Disk {
  let isNew = false;
  return hookedDisk(disk, ({ verb, file }) => {
    if (verb === 'create' && isSegment(file)) isNew = true;
    if (!isNew || (verb !== 'sync' && verb !== 'sync-folder')) return undefined;
    isNew = verb === 'sync';
    return 'skip';
  });
}

/** Writes a right checksum over every record, whatever its bytes: nothing is checked then. */
export function withGoodChecksums(bytes: Uint8Array): Uint8Array {
  const all = Buffer.from(bytes);
  if (all.length < headerSize) return all;
  const seed = all.readUInt32LE(28);
  for (let at = headerSize; at + recordHeadSize <= all.length; ) {
    const length = all.readUInt32LE(at);
    const end = at + recordHeadSize + length;
    if (end > all.length) break;
    all.writeUInt32LE(crc32(all.subarray(at + 8, end), (seed ^ length) >>> 0), at + 4);
    at = end;
  }
  return all;
}

/** A head that vouches for whatever stands behind it. */
export function withGoodHead(bytes: Uint8Array, file: string): Uint8Array {
  const all = Buffer.from(bytes);
  if (all.length < snapshotHeadSize) return all;
  all.write('MILLSNAP', 0, 'latin1');
  all.writeUInt32LE(1, 8);
  all.writeBigUInt64LE(BigInt(`0x${file.slice('snapshot-'.length, 'snapshot-'.length + 16)}`), 12);
  all.writeUInt32LE(all.length - snapshotHeadSize, 20);
  all.writeUInt32LE(crc32(all.subarray(snapshotHeadSize)), 24);
  all.writeUInt32LE(crc32(all.subarray(0, 28)), 28);
  return all;
}

const temporaryEnd = /\.\d+\.tmp$/;
