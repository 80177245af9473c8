import { crc32 } from 'node:zlib';
import { type Disk, diskErrorCode } from './disk.ts';

/**
 * The bytes of `snapshot-<lsn>.bin`, little endian: a head, and the index as SQLite writes it.
 *
 *     head, 32 B   magic 8 | version u32 | lsn u64 | length u32 | crc of the index u32 | crc of the head u32
 *
 * The head of a newer format reads alike, so that such a file is left alone and not called damaged.
 */
export const snapshotHeadSize = 32;

export interface SnapshotName {
  readonly file: string;
  /** The journal's records up to this one are in it. */
  readonly lsn: number;
}

export type ReadSnapshot =
  | { readonly type: 'good'; readonly index: Uint8Array }
  | { readonly type: 'bad' }
  /** Of a later format. */
  | { readonly type: 'newer' }
  /** The disk does not give its bytes. */
  | { readonly type: 'unreadable' };

export function snapshotFile(lsn: number): string {
  return `snapshot-${lsn.toString(16).padStart(16, '0')}.bin`;
}

/** By their names alone, the newest first. */
export function listSnapshots(disk: Disk): readonly SnapshotName[] {
  return disk
    .list('.')
    .flatMap((file) => {
      const hex = snapshotName.exec(file)?.[1];
      return hex === undefined ? [] : [{ file, lsn: Number.parseInt(hex, 16) }];
    })
    .reverse();
}

export function encodeSnapshotHead(lsn: number, index: Uint8Array, version = snapshotVersion): Buffer {
  const head = Buffer.alloc(snapshotHeadSize);
  head.write(magic, 0, 'latin1');
  head.writeUInt32LE(version, 8);
  head.writeBigUInt64LE(BigInt(lsn), 12);
  head.writeUInt32LE(index.length, 20);
  head.writeUInt32LE(crc32(index), 24);
  head.writeUInt32LE(crc32(head.subarray(0, 28)), 28);
  return head;
}

/** The index of a snapshot, if every byte of it is as it was written. */
export function readSnapshot(disk: Disk, { file, lsn }: SnapshotName): ReadSnapshot {
  let bytes: Uint8Array;
  try {
    bytes = disk.read(file);
  } catch (error) {
    if (diskErrorCode(error) === undefined) throw error;
    return { type: 'unreadable' };
  }
  const head = decodeHead(bytes);
  if (head === undefined || head.lsn !== lsn) return { type: 'bad' };
  if (head.version > snapshotVersion) return { type: 'newer' };
  const index = bytes.subarray(snapshotHeadSize);
  // An empty buffer would open as an empty database.
  if (index.length === 0 || index.length !== head.length || crc32(index) !== head.crc) return { type: 'bad' };
  return { type: 'good', index };
}

/** Whether a snapshot can be expected to open, by its head alone. */
export function hasGoodHead(disk: Disk, { file, lsn }: SnapshotName): boolean {
  const head = decodeHead(disk.readPart(file, { offset: 0, length: snapshotHeadSize }));
  return head !== undefined && head.version <= snapshotVersion && head.lsn === lsn;
}

/** Reads a snapshot back in pieces, and returns whether it is whole. Throws Node's errors. */
export function* verifySnapshot(disk: Disk, { file, lsn }: SnapshotName): Generator<void, boolean> {
  const head = decodeHead(disk.readPart(file, { offset: 0, length: snapshotHeadSize }));
  if (head === undefined || head.lsn !== lsn) return false;
  let crc = 0;
  let done = 0;
  while (done < head.length) {
    yield;
    const length = Math.min(snapshotPiece, head.length - done);
    const bytes = disk.readPart(file, { offset: snapshotHeadSize + done, length });
    if (bytes.length !== length) return false;
    crc = crc32(bytes, crc);
    done += length;
  }
  return crc === head.crc && disk.readPart(file, { offset: snapshotHeadSize + done, length: 1 }).length === 0;
}

/** So much is written, or read back, before requests that wait get their turn. */
export const snapshotPiece = 4 * 1024 * 1024;
const snapshotVersion = 1;
const magic = 'MILLSNAP';
const snapshotName = /^snapshot-([0-9a-f]{16})\.bin$/;

interface SnapshotHead {
  readonly version: number;
  readonly lsn: number;
  readonly length: number;
  readonly crc: number;
}

function decodeHead(bytes: Uint8Array): SnapshotHead | undefined {
  if (bytes.length < snapshotHeadSize) return undefined;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, snapshotHeadSize);
  const isHead =
    head.toString('latin1', 0, 8) === magic && crc32(head.subarray(0, 28)) === head.readUInt32LE(28);
  if (!isHead) return undefined;
  return {
    version: head.readUInt32LE(8),
    lsn: Number(head.readBigUInt64LE(12)),
    length: head.readUInt32LE(20),
    crc: head.readUInt32LE(24),
  };
}
