import { crc32 } from 'node:zlib';

/**
 * The bytes of a journal segment, little endian.
 *
 *     header, 32 B   magic 8 | version u32 | epoch u64 | firstLsn u64 | crc u32
 *     record         len u32 | crc u32 | lsn u64 | durable u64 | type u8 | payload (len bytes)
 *
 * A record's checksum starts from the header's checksum xor its own length, so that bytes of another
 * segment, of an earlier life of the disk block or of a shifted read never pass.
 */
export const headerSize = 32;
export const recordHeadSize = 25;
export const longestPayload = 64 * 1024 * 1024;
export const formatVersion = 1;
export const recordKind = {
  commit: 1,
  /** A clean end. */
  close: 2,
  /** A shelf is to be erased, and has been. */
  erase: 3,
  erased: 4,
} as const;

export interface SegmentHeader {
  readonly version: number;
  /** Counts the owners of the folder: a segment of a later epoch overrules what an earlier one still appends. */
  readonly epoch: number;
  /** Log sequence number of the first record. */
  readonly firstLsn: number;
  /** Seeds the checksums of the records. */
  readonly crc: number;
}

export interface Frame {
  readonly lsn: number;
  /** The highest LSN that was synced, hence acknowledged, when this record was written. */
  readonly durable: number;
  readonly kind: number;
  readonly payload: Uint8Array;
  /** Bytes of the whole record. */
  readonly size: number;
}

export function encodeHeader({
  epoch,
  firstLsn,
}: {
  readonly epoch: number;
  readonly firstLsn: number;
}): Buffer {
  const bytes = Buffer.alloc(headerSize);
  bytes.write(magic, 0, 'latin1');
  bytes.writeUInt32LE(formatVersion, 8);
  writeLong(bytes, epoch, 12);
  writeLong(bytes, firstLsn, 20);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  return bytes;
}

/** The header of a segment, or undefined when it is not whole. A newer format's header reads alike. */
export function decodeHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < headerSize) return undefined;
  const view = asBuffer(bytes);
  const crc = view.readUInt32LE(28);
  if (view.toString('latin1', 0, 8) !== magic || crc32(view.subarray(0, 28)) !== crc) return undefined;
  return {
    version: view.readUInt32LE(8),
    epoch: readLong(view, 12),
    firstLsn: readLong(view, 20),
    crc,
  };
}

/** One record; `payload` is text (UTF-8) because every payload is JSON. */
export function encodeRecord(record: {
  readonly seed: number;
  readonly lsn: number;
  readonly durable: number;
  readonly kind: number;
  readonly payload: string;
}): Buffer {
  const length = Buffer.byteLength(record.payload);
  const bytes = Buffer.allocUnsafe(recordHeadSize + length);
  bytes.writeUInt32LE(length, 0);
  writeLong(bytes, record.lsn, 8);
  writeLong(bytes, record.durable, 16);
  bytes.writeUInt8(record.kind, 24);
  bytes.write(record.payload, recordHeadSize, 'utf8');
  bytes.writeUInt32LE(checksum(bytes, record.seed), 4);
  return bytes;
}

/** The record at `offset`, or undefined when no whole and undamaged record stands there. */
export function readRecord(bytes: Uint8Array, offset: number, seed: number): Frame | undefined {
  const view = asBuffer(bytes);
  if (offset + recordHeadSize > view.length) return undefined;
  const length = view.readUInt32LE(offset);
  const end = offset + recordHeadSize + length;
  if (length === 0 || length > longestPayload || end > view.length) return undefined;
  const record = view.subarray(offset, end);
  if (checksum(record, seed) !== record.readUInt32LE(4)) return undefined;
  return {
    lsn: readLong(record, 8),
    durable: readLong(record, 16),
    kind: record.readUInt8(24),
    payload: record.subarray(recordHeadSize),
    size: record.length,
  };
}

/**
 * Whether a whole record stands anywhere after `offset` that proves `lsn` to have been synced before it was
 * written: what was acknowledged is damaged then, not a write torn by a crash.
 */
export function provesDurable(
  bytes: Uint8Array,
  offset: number,
  { lsn, seed }: { readonly lsn: number; readonly seed: number },
): boolean {
  const view = asBuffer(bytes);
  for (let at = offset; at + recordHeadSize < view.length; at++) {
    // The cheap test first: a checksum per byte of a long tail would take minutes.
    const found = readLong(view, at + 8);
    if (found <= lsn || found > lsn + furthestLsn) continue;
    const frame = readRecord(bytes, at, seed);
    if (frame !== undefined && frame.durable >= lsn) return true;
  }
  return false;
}

const magic = 'MILLRACE';
/** A segment holds at most this many records behind its first invalid one. */
const furthestLsn = 2 ** 32;

function checksum(record: Buffer, seed: number): number {
  return crc32(record.subarray(8), (seed ^ record.readUInt32LE(0)) >>> 0);
}

/** A u64 without the detour over BigInt: no LSN gets near 2^53. */
function writeLong(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32LE(value >>> 0, offset);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), offset + 4);
}

function readLong(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 2 ** 32;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
